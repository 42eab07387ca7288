import { machineTime, processTimeMs, startedTimesMs, threadTimes } from "./process-times.ts";
import { watchThreads } from "./thread-watch.ts";

/** The processor time of several processes; undefined where the system does not say, or there is none. */
function timeMs(pids: readonly number[]): number | undefined {
  const times = pids.map(processTimeMs);
  return times.length === 0
    ? undefined
    : times.reduce((sum, ms) => (sum === undefined || ms === undefined ? undefined : sum + ms), 0);
}

/** How long the threads of some processes have waited for a processor so far. */
function waitsMs(pids: readonly number[]): number | null {
  return pids.reduce<number | null>((sum, pid) => {
    const times = threadTimes(pid);
    if (sum === null || times === undefined) return null;
    return [...times.values()].reduce((total, { waitedMs }) => total + waitedMs, sum);
  }, 0);
}

/** What the machine did in a time in which one implementation should have been the only busy one. */
export interface MachineUsage {
  readonly wallMs: number;
  /** Processor time of everybody else, and what a hypervisor kept; null where the system does not say. */
  readonly othersMs: number | null;
  /** Processor time of the implementation that was meant to be busy, with all that it has started. */
  readonly ownMs: number | null;
  /** What of that other processes took than the one that is timed; null where the system does not say. */
  readonly helpersMs: number | null;
  /** Of each batch: what threads beyond those that were granted did at the same time, as a share of what those did. */
  readonly extraShares: readonly number[];
}

export const NO_USAGE: MachineUsage = { wallMs: 0, othersMs: null, ownMs: null, helpersMs: null, extraShares: [] };

/** Of two times together; what the system said of one of them alone is kept. */
export function sumOfUsage(a: MachineUsage, b: MachineUsage): MachineUsage {
  const sum = (one: number | null, other: number | null): number | null =>
    one === null && other === null ? null : (one ?? 0) + (other ?? 0);
  return {
    wallMs: a.wallMs + b.wallMs,
    othersMs: sum(a.othersMs, b.othersMs),
    ownMs: sum(a.ownMs, b.ownMs),
    helpersMs: sum(a.helpersMs, b.helpersMs),
    extraShares: [...a.extraShares, ...b.extraShares],
  };
}

/** What is watched while one implementation is timed. */
export interface Watched {
  /** The processes that are meant to be busy. */
  readonly pids: readonly number[];
  /** They are of Node, and lead groups of which nobody else should be. */
  readonly leadGroups: boolean;
  /** How many threads they may use. */
  readonly threads: number;
  /** The processes of the other implementations, which should do nothing. */
  readonly idle: readonly number[];
}

/** What the machine did, and what those did that should have done nothing, by their processes. */
export interface Seen {
  readonly usage: MachineUsage;
  /** How long the harness and the process that is timed waited for a processor; null where the system does not say. */
  readonly waitedMs: number | null;
  readonly idleMs: ReadonlyMap<number, number>;
}

/** Starts to watch; the result ends it. */
export function watchMachine({ pids, leadGroups, threads, idle }: Watched): () => Seen {
  const startedAt = performance.now();
  const leaders = leadGroups ? [...pids, ...idle] : [];
  const machine = machineTime();
  const own = timeMs(pids);
  const idleBefore = new Map(idle.map((pid) => [pid, processTimeMs(pid) ?? 0]));
  const started = startedTimesMs(leaders);
  const ours = process.cpuUsage();
  const waited = waitsMs([process.pid, ...pids]);
  const endThreads = leadGroups ? watchThreads(pids[0], threads) : () => null;
  return () => {
    const extra = endThreads();
    const wallMs = performance.now() - startedAt;
    const waitedNow = waitsMs([process.pid, ...pids]);
    const waitedMs = waited === null || waitedNow === null ? null : Math.max(0, waitedNow - waited);
    const machineNow = machineTime();
    const ownNow = timeMs(pids);
    if (machine === undefined || machineNow === undefined || own === undefined || ownNow === undefined)
      return { usage: { ...NO_USAGE, wallMs }, waitedMs, idleMs: new Map() };
    const { user, system } = process.cpuUsage(ours);
    const busyMs = machineNow.busyMs - machine.busyMs + machineNow.stolenMs - machine.stolenMs;
    const startedNow = startedTimesMs(leaders);
    const startedMs = (pid: number): number => Math.max(0, (startedNow.get(pid) ?? 0) - (started.get(pid) ?? 0));
    const helpersMs = pids.reduce((sum, pid) => sum + startedMs(pid), 0);
    const ownMs = ownNow - own + helpersMs;
    const othersMs = busyMs - ownMs - (user + system) / 1000;
    const extraShares = extra === null ? [] : [extra];
    const idleMs = new Map(
      [...idleBefore].map(([pid, ms]) => [pid, Math.max(0, (processTimeMs(pid) ?? ms) - ms) + startedMs(pid)]),
    );
    return { usage: { wallMs, othersMs, ownMs, helpersMs, extraShares }, waitedMs, idleMs };
  };
}
