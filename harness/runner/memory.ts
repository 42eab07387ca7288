/** The memory of an implementation's process, as the system tells it and limits it. */
import { readdirSync, readFileSync, writeFileSync } from "node:fs";
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

function statusBytes(pid: number, field: "VmRSS" | "VmHWM" | "RssAnon"): number | undefined {
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

/**
 * What an implementation may use: half of what is available when it starts, since two are checked at a time, and a GiB
 * where there is one.
 */
export function memoryLimitBytes(): number {
  return limitFor(availableBytes());
}

/** A tenth stays for the harness. */
const SHARE = 0.9;

export function limitFor(available: number): number {
  return Math.max(Math.min(2 ** 30, SHARE * available), available / 2);
}

/** Two implementations that need a GiB each, as the libraries do, fit beside each other. */
export function fitsTwo(): boolean {
  return availableBytes() >= 2 * 2 ** 30;
}

/**
 * The memory of a process and of all that it started: of the others what is their own, as they share the rest. Linux
 * alone tells.
 */
export function residentBytesOfTree(pid: number): number | undefined {
  const own = residentBytes(pid);
  return own === undefined ? undefined : descendantsOf(pid).reduce((sum, child) => sum + ownBytes(child), own);
}

/** A plugin that starts processes without end is not followed without end. */
const MOST_DESCENDANTS = 1000;

function descendantsOf(pid: number): readonly number[] {
  const found = [pid];
  for (let at = 0; at < found.length && found.length < MOST_DESCENDANTS; at++) found.push(...childrenOf(found[at]!));
  return found.slice(1);
}

function childrenOf(pid: number): readonly number[] {
  try {
    return readdirSync(`/proc/${pid}/task`).flatMap((thread) =>
      readFileSync(`/proc/${pid}/task/${thread}/children`, "latin1").split(" ").filter(Boolean).map(Number),
    );
  } catch {
    return []; // It is gone, or another system.
  }
}

/** The first process that the first process of this one has started. */
export function firstGrandchild(pid: number): number | undefined {
  const [child] = childrenOf(pid);
  return child === undefined ? undefined : childrenOf(child)[0];
}

function ownBytes(pid: number): number {
  return statusBytes(pid, "RssAnon") ?? 0;
}
