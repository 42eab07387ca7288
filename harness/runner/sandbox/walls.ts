/** What a sandbox keeps an implementation from, on this machine. */
import type { SandboxEntry } from "../../../core/record.ts";
import { TEMPORARY_BYTES } from "./bubblewrap.ts";
import { controlGroupPlaces, MOST_PROCESSES } from "./limits.ts";
import type { SandboxTool } from "./sandbox.ts";

/** A wall, in the record's word and in a sentence; whom it holds. */
export interface Wall {
  readonly name: string;
  readonly text: string;
  /** Native code and commands are not held by what Node does. */
  readonly holds: "all" | "javascript" | "nobody";
}

/** What else the machine lends. */
export interface Surroundings {
  readonly isLinux: boolean;
  readonly isRoot: boolean;
  /** Of memory, and of the number of processes: whether control groups can be made. */
  readonly groups: { readonly memory: boolean; readonly pids: boolean };
}

/** Those of this machine. */
export function surroundings(): Surroundings {
  const places = process.platform === "linux" ? controlGroupPlaces() : [];
  return {
    isLinux: process.platform === "linux",
    isRoot: process.getuid?.() === 0,
    groups: {
      memory: places.some(({ limits }) => limits.memory !== undefined),
      pids: places.some(({ limits }) => limits.pids !== undefined),
    },
  };
}

const TEMPORARY = `${TEMPORARY_BYTES / 2 ** 20} MiB`;

/** What a sandbox of this tool holds. */
export function wallsOf({ kind }: SandboxTool, { isLinux, isRoot, groups }: Surroundings): readonly Wall[] {
  const ofBubblewrap = kind === "bubblewrap" ? "all" : "nobody";
  const ofNode = kind === "bubblewrap" ? "all" : "javascript";
  const ofNamespaces = kind === "permission-model" ? "nobody" : "all";
  // The kernel counts a user's processes in a user namespace, but for root.
  const areCounted = groups.pids || (!isRoot && ofNamespaces === "all");
  const isMemoryLimited = groups.memory || isLinux;
  return [
    { name: "network", text: "no network", holds: ofNamespaces },
    { name: "sockets", text: "no socket of another process", holds: ofBubblewrap },
    { name: "reading", text: "reads its own folder, packages and the system's libraries alone", holds: ofNode },
    {
      name: "writing",
      text: kind === "bubblewrap" ? `writes nothing but a /tmp of its own, at most ${TEMPORARY}` : "writes nothing",
      holds: ofNode,
    },
    { name: "processes", text: "neither sees, signals nor traces other processes", holds: ofNamespaces },
    {
      name: "memory",
      text: groups.memory ? "a limit of memory for all that it starts" : "a limit of memory for each process",
      holds: isMemoryLimited ? "all" : "nobody",
    },
    {
      name: "process-count",
      text: `at most ${MOST_PROCESSES} processes and threads`,
      holds: areCounted ? "all" : kind === "bubblewrap" ? "nobody" : "javascript",
    },
    { name: "addons", text: "no native addons in a plugin of JavaScript, unless --allow-addons", holds: "javascript" },
    { name: "environment", text: "an environment of what kernels read alone", holds: "all" },
    { name: "debugger", text: "no signal opens a debugger in a process of benchconv", holds: "all" },
  ];
}

/** How the tool is called. */
export function toolText(tool: SandboxTool): string {
  switch (tool.kind) {
    case "bubblewrap":
      return tool.version;
    case "unshare":
      return "unshare and Node's permission model";
    case "permission-model":
      return "Node's permission model";
  }
}

/** What the record says of a run in a sandbox. */
export function sandboxEntry(tool: SandboxTool, walls = wallsOf(tool, surroundings())): SandboxEntry {
  const namesOf = (holds: Wall["holds"]): string[] =>
    walls.flatMap((wall) => (wall.holds === holds ? [wall.name] : []));
  return {
    tool: toolText(tool),
    enforced: namesOf("all"),
    ...(namesOf("javascript").length === 0 ? {} : { inJavaScript: namesOf("javascript") }),
    open: namesOf("nobody"),
  };
}

/** What a run says of its sandbox. */
export function sandboxText({ tool, enforced, inJavaScript = [], open }: SandboxEntry): string {
  const listed = (names: readonly string[]): string => (names.length === 0 ? "none" : names.join(", "));
  const inPart = inJavaScript.length === 0 ? "" : `; for JavaScript alone: ${listed(inJavaScript)}`;
  return `sandbox by ${tool}. Enforced: ${listed(enforced)}${inPart}; open: ${listed(open)} (docs/threat-model.md)\n`;
}
