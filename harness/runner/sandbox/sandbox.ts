/** The sandbox of an implementation's process: `--sandbox`. */
import { foreignKind, isCommand } from "../foreign/kinds.ts";
import type { ProcessStart } from "../process-reaper.ts";
import { bubblewrapped } from "./bubblewrap.ts";
import { neededAlone } from "./environment.ts";
import { inGroups, limited, makeGroups } from "./limits.ts";
import { treeOf, type Tree } from "./tree.ts";

/** What a sandbox is made of: the best that the machine has. */
export type SandboxTool =
  | { readonly kind: "bubblewrap"; readonly path: string; readonly version: string }
  /** Namespaces by util-linux, and files by Node's permission model. */
  | { readonly kind: "unshare"; readonly path: string }
  | { readonly kind: "permission-model" };

/** How implementations are held. */
export interface Sandbox {
  readonly tool: SandboxTool;
  /** Whether plugins in JavaScript may load native addons; those that come with benchconv may. */
  readonly allowsAddons: boolean;
}

type Variables = Readonly<Record<string, string | undefined>>;

/** How the process of a plugin is started in a sandbox. */
export interface SandboxedStart extends ProcessStart {
  readonly environment: Variables;
  /** Control groups that were made for it, for somebody to remove. */
  readonly groups: readonly string[];
}

/** Our own implementations. */
const OWN_IMPLS = new URL("../../../impls/", import.meta.url).href;

/** A start of Node with a plugin: its flags, its script and the script's arguments. */
export interface NodeStart {
  readonly flags: readonly string[];
  readonly script: readonly string[];
  readonly pluginUrl: string;
}

/** The same start in the sandbox; `environment` is what it would have without, `memoryBytes` what it may use. */
export function sandboxedStart(
  { tool, allowsAddons }: Sandbox,
  { flags, script, pluginUrl }: NodeStart,
  environment: Variables,
  memoryBytes: number,
): SandboxedStart {
  const groups = process.platform === "linux" ? makeGroups({ memoryBytes }) : [];
  const tree = treeOf(pluginUrl);
  const hasAddons = allowsAddons || needsAddons(pluginUrl);
  const { LD_PRELOAD: preload } = environment;
  const needed = { ...neededAlone(environment), ...sanitizerOptions(environment) };
  const node = (...more: readonly string[]): ProcessStart => ({
    command: process.execPath,
    args: [...flags, ...more, ...script],
  });
  switch (tool.kind) {
    case "bubblewrap": {
      const start = limited(node(...(hasAddons ? [] : ["--no-addons"])), memoryBytes, true);
      const wrapped = bubblewrapped(start, tool.path, tree, preload);
      return { ...inGroups(wrapped, groups), environment: needed, groups };
    }
    case "unshare": {
      const start = limited(node(...permissions(tree, pluginUrl, hasAddons)), memoryBytes, true);
      const wrapped = { command: tool.path, args: [...UNSHARED, start.command, ...start.args] };
      return { ...inGroups(wrapped, groups), environment: { ...needed, ...homeOf(environment, preload) }, groups };
    }
    case "permission-model": {
      const start = node(...permissions(tree, pluginUrl, hasAddons));
      const held = process.platform === "win32" ? start : inGroups(limited(start, memoryBytes, false), groups);
      return { ...held, environment: { ...needed, ...homeOf(environment, preload) }, groups };
    }
  }
}

/** The first process of the new namespace is a shell that waits: a signal would not end Node in its place. */
export const UNSHARED: readonly string[] = [
  ..."--user --map-current-user --net --ipc --uts --pid --fork --kill-child --mount-proc".split(" "),
  "/bin/sh",
  "-c",
  `"$@"; exit $?`,
  "sh",
];

/** Whether the plugin is, or is run by, native code that the user has named or that comes with benchconv. */
function needsAddons(pluginUrl: string): boolean {
  const kind = foreignKind(pluginUrl);
  return pluginUrl.startsWith(OWN_IMPLS) || kind === "library" || kind === "source" || kind === "wgsl";
}

/** The flags of Node's permission model. */
function permissions(tree: Tree, pluginUrl: string, hasAddons: boolean): readonly string[] {
  return [
    "--permission",
    ...tree.visible.map((path) => `--allow-fs-read=${path}`),
    "--allow-worker",
    ...(hasAddons ? ["--allow-addons"] : []),
    ...(isCommand(pluginUrl) ? ["--allow-child-process"] : []),
    ...(foreignKind(pluginUrl) === "wasm" ? ["--allow-wasi"] : []),
  ];
}

/** Where there is no file system of its own, its home is the user's. */
function homeOf({ HOME, USERPROFILE, SystemRoot, TEMP }: Variables, preload: string | undefined): Variables {
  return { HOME, USERPROFILE, SystemRoot, TEMP, LD_PRELOAD: preload };
}

function sanitizerOptions({ ASAN_OPTIONS, UBSAN_OPTIONS }: Variables): Variables {
  return { ASAN_OPTIONS, UBSAN_OPTIONS };
}
