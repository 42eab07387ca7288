/** In the process of an implementation: loads plugin files that are not JavaScript. */
import { fileURLToPath } from "node:url";
import { nameOfFile } from "./description.ts";
import { foreignKind } from "./kinds.ts";

/** The module of a plugin's URL: as it is where it is JavaScript, otherwise one whose default export is the plugin. */
export async function importPlugin(url: string): Promise<unknown> {
  const kind = url.startsWith("file:") || url.startsWith("cmd:") ? foreignKind(url) : undefined;
  switch (kind) {
    case undefined:
      return import(url);
    case "library":
      return pluginOf(url, fileURLToPath(url));
    case "source":
      return pluginOf(url, new URL(url).searchParams.get("library") ?? "");
    case "wasm":
    case "wgsl":
    case "command":
      throw new Error(`${kind} is not there yet`);
  }
}

async function pluginOf(url: string, library: string): Promise<object> {
  const { libraryPlugin } = await import("./library.ts");
  return { default: await libraryPlugin(library, nameOfFile(fileURLToPath(url))) };
}
