/** Kernels that are not JavaScript: which kind a selector of the command line names, and its address. */
import { extname } from "node:path";
import { shellQuoted } from "../../../core/command-line.ts";

/** How a kernel that is not JavaScript is called. */
export type ForeignKind = "library" | "source" | "wasm" | "wgsl" | "command";

const KINDS: Readonly<Record<string, ForeignKind>> = {
  ".so": "library",
  ".dylib": "library",
  ".dll": "library",
  ".c": "source",
  ".cc": "source",
  ".cpp": "source",
  ".cxx": "source",
  ".cu": "source",
  ".wasm": "wasm",
  ".wgsl": "wgsl",
};

/** As Linux names them: `libconv.so.2`. */
const VERSIONED_LIBRARY = /\.so(?:\.\d+)+$/;

const COMMAND = "cmd:";

/** The endings of files of these kinds. */
export const FOREIGN_ENDINGS: readonly string[] = Object.keys(KINDS);

/** The kind of a plugin, by its URL; undefined for a module of JavaScript. */
export function foreignKind(url: string): ForeignKind | undefined {
  if (isCommand(url)) return "command";
  const { pathname } = new URL(url);
  return VERSIONED_LIBRARY.test(pathname) ? "library" : KINDS[extname(pathname).toLowerCase()];
}

/** Whether a selector of the command line, or a plugin's URL, is a command: `cmd:python3 conv.py`. */
export function isCommand(text: string): boolean {
  return text.startsWith(COMMAND);
}

/** The command line that runs a program in Python; `$PYTHON` names another than python3. */
export function pythonCommand(path: string): string {
  return `${process.env["PYTHON"] ?? "python3"} ${shellQuoted(path)}`;
}

/** The URL of a command. */
export function commandUrl(selector: string): string {
  return COMMAND + encodeURIComponent(selector.slice(COMMAND.length).trim());
}

/** The command line of such a URL. */
export function commandOf(url: string): string {
  return decodeURIComponent(url.slice(COMMAND.length));
}
