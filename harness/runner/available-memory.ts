import { readFileSync } from "node:fs";
import { freemem } from "node:os";

/** Where a control group tells what its memory holds: version 2, version 1. */
const STATISTICS = ["/sys/fs/cgroup/memory.stat", "/sys/fs/cgroup/memory/memory.stat"];

/**
 * How many bytes this process can still take. Node counts cached files of a container against its limit, though the kernel gives them up when
 * memory is asked for: those not in use are added again, as `docker stats` does.
 */
export function availableBytes(): number {
  return Math.min(freemem(), process.availableMemory() + idleFileBytes(STATISTICS));
}

/** Bytes of cached files that are not in use, as the first of the files that is there tells; 0 where none does. */
export function idleFileBytes(statistics: readonly string[]): number {
  for (const path of statistics) {
    try {
      const [, bytes] = /^(?:total_)?inactive_file (\d+)$/m.exec(readFileSync(path, "utf8")) ?? [];
      if (bytes !== undefined) return Number(bytes);
    } catch {
      // Another version, or another system.
    }
  }
  return 0;
}
