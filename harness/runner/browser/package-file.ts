import { existsSync, readFileSync } from "node:fs";
import { findPackageJSON } from "node:module";
import { dirname, join } from "node:path";
import { pathToFileURL } from "node:url";

/**
 * Packages whose manifest leads a browser to modules that only a bundler can put together, and the one file that holds them all. The whole of tfjs
 * stands in for its core, so that a backend registers itself with the library that is asked for it.
 */
const WHOLE_FILES: Readonly<Record<string, readonly [packageName: string, file: string]>> = {
  "@tensorflow/tfjs": ["@tensorflow/tfjs", "dist/tf.fesm.min.js"],
  "@tensorflow/tfjs-core": ["@tensorflow/tfjs", "dist/tf.fesm.min.js"],
  "@tensorflow/tfjs-backend-wasm": ["@tensorflow/tfjs-backend-wasm", "dist/tf-backend-wasm.fesm.min.js"],
  "@tensorflow/tfjs-backend-webgpu": ["@tensorflow/tfjs-backend-webgpu", "dist/tf-backend-webgpu.fesm.min.js"],
  protobufjs: ["protobufjs", "dist/protobuf.min.js"],
};
/** Files of the above that are scripts: the end of their names, and the variable that they leave. */
const SCRIPTS: readonly (readonly [file: string, variable: string])[] = [
  ["/protobufjs/dist/protobuf.min.js", "protobuf"],
];

/** The text that makes a module of a script: it exports the variable that the script leaves; empty for a module. */
export function scriptExport(file: string): string {
  const [, variable] = SCRIPTS.find(([name]) => file.replaceAll("\\", "/").endsWith(name)) ?? [];
  return variable === undefined ? "" : `\nexport default globalThis.${variable};\n`;
}

/** The conditions of a package's `exports` that a browser meets. */
const CONDITIONS = ["browser", "import", "module", "default"];

/** The file that a browser loads for a package's specifier, or undefined where there is none. */
export function packageFile(specifier: string, importer: string): string | undefined {
  const whole = WHOLE_FILES[specifier];
  const [name, subpath] = whole ?? split(specifier);
  const folder = packageFolder(name, importer);
  if (folder === undefined) return undefined;
  const relative = whole === undefined ? exported(folder, subpath) : subpath;
  const file = relative === undefined ? undefined : join(folder, relative);
  return file !== undefined && existsSync(file) ? file : undefined;
}

/** The folder of a package as seen from a module, or undefined where it is not installed. */
export function packageFolder(name: string, importer: string): string | undefined {
  try {
    const manifest = findPackageJSON(name, pathToFileURL(importer).href);
    return manifest === undefined ? undefined : dirname(manifest);
  } catch {
    return undefined;
  }
}

function split(specifier: string): readonly [name: string, subpath: string] {
  const parts = specifier.split("/");
  const length = specifier.startsWith("@") ? 2 : 1;
  return [parts.slice(0, length).join("/"), [".", ...parts.slice(length)].join("/")];
}

function exported(folder: string, subpath: string): string | undefined {
  const manifest: unknown = JSON.parse(readFileSync(join(folder, "package.json"), "utf8"));
  const field = (name: string): unknown => fieldOf(manifest, name);
  const exports = field("exports");
  if (exports !== undefined) {
    const entry = fieldOf(exports, subpath);
    return conditional(entry ?? (subpath === "." ? exports : undefined));
  }
  if (subpath !== ".") return subpath;
  // A main file that is no ES module is of no use to a browser.
  const main = [field("module"), field("type") === "module" ? field("main") : undefined];
  return main.find((path): path is string => typeof path === "string");
}

function conditional(entry: unknown): string | undefined {
  if (typeof entry === "string" || typeof entry !== "object" || entry === null)
    return typeof entry === "string" ? entry : undefined;
  for (const [condition, value] of Object.entries(entry) as [string, unknown][]) {
    const found = CONDITIONS.includes(condition) ? conditional(value) : undefined;
    if (found !== undefined) return found;
  }
  return undefined;
}

function fieldOf(value: unknown, name: string): unknown {
  return typeof value === "object" && value !== null ? Reflect.get(value, name) : undefined;
}
