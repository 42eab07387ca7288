/** In the process of an implementation: loads plugin files that are not JavaScript. */
import { fileURLToPath } from "node:url";
import { redirectLibraries } from "../redirect-libraries.ts";
import { nameOfFile } from "./description.ts";
import { commandOf, foreignKind } from "./kinds.ts";

/** The module of a plugin's URL: as it is where it is JavaScript, otherwise one whose default export is the plugin. */
export async function importPlugin(url: string): Promise<unknown> {
  const kind = url.startsWith("file:") || url.startsWith("cmd:") ? foreignKind(url) : undefined;
  switch (kind) {
    case undefined:
      redirectLibraries(url);
      return import(url);
    case "library":
      return libraryAt(fileURLToPath(url), url);
    case "source":
      return libraryAt(new URL(url).searchParams.get("library") ?? "", url);
    case "wasm": {
      const { loadWasm } = await import("./wasm.ts");
      const { pluginOf } = await import("./c-interface.ts");
      const path = fileURLToPath(url);
      return { default: pluginOf(await loadWasm(path), nameOfFile(path)) };
    }
    case "command": {
      const { commandPlugin } = await import("./command.ts");
      return { default: await commandPlugin(commandOf(url)) };
    }
    case "wgsl": {
      const { wgslPlugin } = await import("./wgsl.ts");
      return { default: await wgslPlugin(fileURLToPath(url)) };
    }
  }
}

async function libraryAt(library: string, url: string): Promise<object> {
  const { loadLibrary } = await import("./library.ts");
  const { pluginOf } = await import("./c-interface.ts");
  return { default: pluginOf(await loadLibrary(library), nameOfFile(fileURLToPath(url))) };
}
