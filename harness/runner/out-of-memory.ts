/** Whether the system ran out of memory, and what it lets this process's control group have. */
import { readFileSync } from "node:fs";
import { totalmem } from "node:os";

/** Where the counts and limits stand. */
export interface MemoryFiles {
  /** Of version 2 and version 1: a line `oom_kill N`; the last is of the whole machine. */
  readonly kills: readonly string[];
  /** A number of bytes, or `max`. */
  readonly limits: readonly string[];
}

/** The files of the control group that this process is in: as it sees them in a container, and by their own path. */
export function memoryFiles(membership = textOf("/proc/self/cgroup") ?? ""): MemoryFiles {
  const second = /^0::(\/.*)$/m.exec(membership)?.[1] ?? "/";
  const first = /^\d+:(?:[^:]*,)?memory(?:,[^:]*)?:(\/.*)$/m.exec(membership)?.[1] ?? "/";
  const folders = [
    ...new Set([`/sys/fs/cgroup${second}`, "/sys/fs/cgroup"].map((path) => path.replace(/\/$/, ""))),
    ...new Set([`/sys/fs/cgroup/memory${first}`, "/sys/fs/cgroup/memory"].map((path) => path.replace(/\/$/, ""))),
  ];
  return {
    kills: [
      ...folders.flatMap((folder) => [`${folder}/memory.events`, `${folder}/memory.oom_control`]),
      "/proc/vmstat",
    ],
    limits: folders.flatMap((folder) => [`${folder}/memory.max`, `${folder}/memory.limit_in_bytes`]),
  };
}

/** How many processes the system has ended for want of memory, by each file that tells; fewer are never told later. */
export function killsForMemory({ kills }: MemoryFiles = memoryFiles()): number {
  return kills.reduce((sum, path) => sum + Number(/^oom_kill (\d+)$/m.exec(textOf(path) ?? "")?.[1] ?? 0), 0);
}

/** The memory that all processes here may have together: the least of the limits, and of the machine. */
export function memoryInAll({ limits }: MemoryFiles = memoryFiles()): number {
  const bytes = limits.map((path) => Number.parseInt(textOf(path) ?? "", 10)).filter((limit) => limit > 0);
  return Math.min(totalmem(), ...bytes);
}

/** How the process ended that the system ended for want of memory. */
export function outOfMemoryText(bytes: number): string {
  return (
    `out of memory at ${(bytes / 2 ** 30).toPrecision(2)} GiB, which is all there is for this run: ` +
    "the system ended the process"
  );
}

function textOf(path: string): string | undefined {
  try {
    return readFileSync(path, "latin1");
  } catch {
    return undefined;
  }
}
