import { readdirSync, readFileSync } from "node:fs";

/** Clock ticks a second in /proc: 100 on every Linux that Node runs on (USER_HZ). */
const TICK_MS = 10;

/** Processor time so far, in milliseconds: of the whole machine, and what a hypervisor kept of it. */
interface MachineTime {
  readonly busyMs: number;
  readonly stolenMs: number;
}

function machineTime(): MachineTime | undefined {
  try {
    const line = readFileSync("/proc/stat", "latin1").split("\n", 1)[0] ?? "";
    const [user = 0, nice = 0, system = 0, , , irq = 0, softIrq = 0, stolen = 0] = line
      .split(/\s+/)
      .slice(1)
      .map(Number);
    return { busyMs: TICK_MS * (user + nice + system + irq + softIrq), stolenMs: TICK_MS * stolen };
  } catch {
    return undefined;
  }
}

/** What the system says of a process: its group, and the processor time so far of its threads and ended children. */
function processStat(
  pid: number | string,
): { readonly group: number; readonly ms: number; readonly ofChildrenMs: number } | undefined {
  try {
    const text = readFileSync(`/proc/${pid}/stat`, "latin1");
    // The second field is the command in parentheses, which may hold spaces: count from its end.
    const fields = text
      .slice(text.lastIndexOf(")") + 2)
      .split(" ")
      .map(Number);
    const [, , group = 0] = fields;
    const [user = 0, system = 0, childrenUser = 0, childrenSystem = 0] = fields.slice(11, 15);
    return { group, ms: TICK_MS * (user + system), ofChildrenMs: TICK_MS * (childrenUser + childrenSystem) };
  } catch {
    return undefined;
  }
}

/** The processor time that a process has used so far, its threads included; undefined where the system does not say. */
export function processTimeMs(pid: number): number | undefined {
  return processStat(pid)?.ms;
}

/**
 * Processor time so far of the other processes of the groups that these lead: what an implementation has started. Those
 * that left their group are not among them.
 */
function helpersMs(leaders: readonly number[]): number {
  try {
    const ended = leaders.reduce((sum, leader) => sum + (processStat(leader)?.ofChildrenMs ?? 0), 0);
    const running = readdirSync("/proc")
      .filter((name) => /^[0-9]+$/.test(name) && !leaders.includes(Number(name)))
      .map((name) => processStat(name))
      .reduce((sum, stat) => sum + (stat !== undefined && leaders.includes(stat.group) ? stat.ms : 0), 0);
    return ended + running;
  } catch {
    return 0;
  }
}

/** The same of several processes; undefined where the system does not say, or there is none. */
function timeMs(pids: readonly number[]): number | undefined {
  const times = pids.map(processTimeMs);
  return times.length === 0
    ? undefined
    : times.reduce((sum, ms) => (sum === undefined || ms === undefined ? undefined : sum + ms), 0);
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
}

export const NO_USAGE: MachineUsage = { wallMs: 0, othersMs: null, ownMs: null, helpersMs: null };

/** Of two times together; what the system said of one of them alone is kept. */
export function sumOfUsage(a: MachineUsage, b: MachineUsage): MachineUsage {
  const sum = (one: number | null, other: number | null): number | null =>
    one === null && other === null ? null : (one ?? 0) + (other ?? 0);
  return {
    wallMs: a.wallMs + b.wallMs,
    othersMs: sum(a.othersMs, b.othersMs),
    ownMs: sum(a.ownMs, b.ownMs),
    helpersMs: sum(a.helpersMs, b.helpersMs),
  };
}

/**
 * Starts to watch; the result ends it. `pids` are the processes that are meant to be busy; in Node they lead groups, of
 * which nobody else should be.
 */
export function watchMachine(pids: readonly number[], leadGroups: boolean): () => MachineUsage {
  const startedAt = performance.now();
  const machine = machineTime();
  const own = timeMs(pids);
  const helpers = leadGroups ? helpersMs(pids) : 0;
  const ours = process.cpuUsage();
  return () => {
    const wallMs = performance.now() - startedAt;
    const machineNow = machineTime();
    const ownNow = timeMs(pids);
    if (machine === undefined || machineNow === undefined || own === undefined || ownNow === undefined)
      return { ...NO_USAGE, wallMs };
    const { user, system } = process.cpuUsage(ours);
    const busyMs = machineNow.busyMs - machine.busyMs + machineNow.stolenMs - machine.stolenMs;
    const ofHelpersMs = leadGroups ? Math.max(0, helpersMs(pids) - helpers) : 0;
    const ownMs = ownNow - own + ofHelpersMs;
    return { wallMs, othersMs: busyMs - ownMs - (user + system) / 1000, ownMs, helpersMs: ofHelpersMs };
  };
}
