/** What Linux lets this process's control group, and those above it, have of memory. */
import { readFileSync } from "node:fs";

/** The files of one group. Where it, or the controller, is missing, none of them can be read. */
interface MemoryFiles {
  /** A number of bytes, or `max`. */
  readonly limit: string;
  /** Bytes, cached files included. */
  readonly usage: string;
  /** Lines of a name and a number. */
  readonly statistics: string;
  /** Has a line `oom_kill N`. */
  readonly kills: string;
}

const SECOND = { limit: "memory.max", usage: "memory.current", statistics: "memory.stat", kills: "memory.events" };
const FIRST = {
  limit: "memory.limit_in_bytes",
  usage: "memory.usage_in_bytes",
  statistics: "memory.stat",
  kills: "memory.oom_control",
};

/**
 * The groups that this process is in, of version 2 and of version 1, each with all above it: the limit of any of them
 * holds. A container may see its own group as the root.
 */
export function memoryGroups(
  membership = textOf("/proc/self/cgroup") ?? "",
  root = "/sys/fs/cgroup",
): readonly MemoryFiles[] {
  const second = /^0::(\/.*)$/m.exec(membership)?.[1] ?? "/";
  const first = /^\d+:(?:[^:]*,)?memory(?:,[^:]*)?:(\/.*)$/m.exec(membership)?.[1] ?? "/";
  return [...groupsFrom(root, second, SECOND), ...groupsFrom(`${root}/memory`, first, FIRST)];
}

/** A group and those above it, as far as the root. */
function groupsFrom(root: string, path: string, names: MemoryFiles): readonly MemoryFiles[] {
  const parts = path.split("/").filter((part) => part !== "" && part !== "..");
  return parts
    .map((_, index) => [root, ...parts.slice(0, parts.length - index)].join("/"))
    .concat(root)
    .map((folder) => ({
      limit: `${folder}/${names.limit}`,
      usage: `${folder}/${names.usage}`,
      statistics: `${folder}/${names.statistics}`,
      kills: `${folder}/${names.kills}`,
    }));
}

/** The least limit of these groups, in bytes; Infinity where there is none. */
export function limitOf(groups: readonly MemoryFiles[]): number {
  return Math.min(...groups.map(({ limit }) => bytesIn(limit) ?? Infinity));
}

/**
 * How many bytes more these groups allow; Infinity where none has a limit. Cached files that are not in use count as
 * free, as for `docker stats`: the kernel gives them up when memory is asked for.
 */
export function roomOf(groups: readonly MemoryFiles[]): number {
  const rooms = groups.map(({ limit, usage, statistics }) => {
    const [most, used] = [bytesIn(limit), bytesIn(usage)];
    return most === undefined || used === undefined ? Infinity : most - used + idleFileBytes(statistics);
  });
  return Math.max(0, Math.min(...rooms, Infinity));
}

/** How many processes the system has ended for want of memory, by each file that tells; the last is the machine's. */
export function killsIn(groups: readonly MemoryFiles[], machine = "/proc/vmstat"): number {
  return [...groups.map(({ kills }) => kills), machine].reduce(
    (sum, path) => sum + Number(/^oom_kill (\d+)$/m.exec(textOf(path) ?? "")?.[1] ?? 0),
    0,
  );
}

function idleFileBytes(statistics: string): number {
  return Number(/^(?:total_)?inactive_file (\d+)$/m.exec(textOf(statistics) ?? "")?.[1] ?? 0);
}

function bytesIn(path: string): number | undefined {
  const bytes = Number.parseInt(textOf(path) ?? "", 10);
  return Number.isNaN(bytes) ? undefined : bytes;
}

function textOf(path: string): string | undefined {
  try {
    return readFileSync(path, "latin1");
  } catch {
    return undefined;
  }
}
