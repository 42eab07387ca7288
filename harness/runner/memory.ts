/** The memory of an implementation's process, as the system tells it and limits it. */
import { readFileSync, writeFileSync } from "node:fs";
import { availableBytes } from "./machine.ts";

/**
 * The resident memory of a process; undefined where the system does not say (other than Linux), or the process is gone.
 */
export function residentBytes(pid: number): number | undefined {
  return statusBytes(pid, "VmRSS");
}

/** The most resident memory since {@link forgetPeak}, or since the process started. */
export function peakResidentBytes(pid: number): number | undefined {
  return statusBytes(pid, "VmHWM");
}

/** From here on the peak counts anew (proc(5), `clear_refs`). */
export function forgetPeak(pid: number): void {
  try {
    writeFileSync(`/proc/${pid}/clear_refs`, "5");
  } catch {
    // Another system, or the process is gone.
  }
}

function statusBytes(pid: number, field: "VmRSS" | "VmHWM"): number | undefined {
  try {
    const kibibytes = new RegExp(`^${field}:\\s+(\\d+) kB`, "m").exec(
      readFileSync(`/proc/${pid}/status`, "latin1"),
    )?.[1];
    return kibibytes === undefined ? undefined : Number(kibibytes) * 1024;
  } catch {
    return undefined;
  }
}

/** When Linux runs out of memory it ends this process, and what it starts, before any other. */
export function volunteerToDie(pid: number): void {
  try {
    writeFileSync(`/proc/${pid}/oom_score_adj`, "1000");
  } catch {
    // Another system, or the process is gone.
  }
}

/** What an implementation may use: half of what is available when it starts, since two are checked at a time. */
export function memoryLimitBytes(): number {
  return Math.max(2 ** 30, availableBytes() / 2);
}
