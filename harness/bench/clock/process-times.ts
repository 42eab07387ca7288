/** Processor time by process and by thread, as Linux tells it in /proc; elsewhere nothing is known. */
import { readdirSync, readFileSync } from "node:fs";

/** Clock ticks a second in /proc: 100 on every Linux that Node runs on (USER_HZ). */
const TICK_MS = 10;

/** Processor time so far, in milliseconds: of the whole machine, and what a hypervisor kept of it. */
export interface MachineTime {
  readonly busyMs: number;
  readonly stolenMs: number;
}

export function machineTime(): MachineTime | undefined {
  const line = contentsOf("/proc/stat")?.split("\n", 1)[0];
  if (line === undefined) return undefined;
  const [user = 0, nice = 0, system = 0, , , irq = 0, softIrq = 0, stolen = 0] = line.split(/\s+/).slice(1).map(Number);
  return { busyMs: TICK_MS * (user + nice + system + irq + softIrq), stolenMs: TICK_MS * stolen };
}

/** What the system says of a process. */
interface ProcessStat {
  readonly parent: number;
  readonly group: number;
  /** Processor time so far of its threads. */
  readonly ms: number;
  /** That of its children that have ended. */
  readonly ofChildrenMs: number;
  /** 0 unless somebody changed it; higher is less favoured. */
  readonly niceness: number;
}

function processStat(pid: number | string): ProcessStat | undefined {
  const text = contentsOf(`/proc/${pid}/stat`);
  if (text === undefined) return undefined;
  // The second field is the command in parentheses, which may hold spaces: count from its end.
  const fields = text
    .slice(text.lastIndexOf(")") + 2)
    .split(" ")
    .map(Number);
  const [, parent = 0, group = 0] = fields;
  const [user = 0, system = 0, childrenUser = 0, childrenSystem = 0, , niceness = 0] = fields.slice(11, 17);
  const [ms, ofChildrenMs] = [TICK_MS * (user + system), TICK_MS * (childrenUser + childrenSystem)];
  return { parent, group, ms, ofChildrenMs, niceness };
}

/** The processor time that a process has used so far, its threads included; undefined where the system does not say. */
export function processTimeMs(pid: number): number | undefined {
  return processStat(pid)?.ms;
}

/** The niceness of a process; undefined where the system does not say. */
export function nicenessOf(pid: number): number | undefined {
  return processStat(pid)?.niceness;
}

/**
 * Processor time so far of what each of some processes has started: of its group, and of descendants that have left the
 * group. What has ended counts for its parent. A process whose parents are all gone, and that has left the group, is
 * nobody's.
 */
export function startedTimesMs(leaders: readonly number[]): ReadonlyMap<number, number> {
  const stats = new Map<number, ProcessStat>();
  for (const name of leaders.length === 0 ? [] : processNames()) {
    const stat = processStat(name);
    if (stat !== undefined) stats.set(Number(name), stat);
  }
  const leaderOf = (pid: number): number | undefined => {
    for (let at: number | undefined = pid, steps = 0; at !== undefined && steps < 64; steps++) {
      if (leaders.includes(at)) return at;
      const stat: ProcessStat | undefined = stats.get(at);
      if (stat !== undefined && leaders.includes(stat.group)) return stat.group;
      at = stat?.parent;
    }
    return undefined;
  };
  const times = new Map(leaders.map((leader) => [leader, stats.get(leader)?.ofChildrenMs ?? 0]));
  for (const [pid, { ms, ofChildrenMs }] of stats) {
    const leader = leaders.includes(pid) ? undefined : leaderOf(pid);
    if (leader !== undefined) times.set(leader, (times.get(leader) ?? 0) + ms + ofChildrenMs);
  }
  return times;
}

function processNames(): readonly string[] {
  try {
    return readdirSync("/proc").filter((name) => /^[0-9]+$/.test(name));
  } catch {
    return [];
  }
}

/** What a thread has had of the processor so far, and how long it waited for it, in milliseconds. */
export interface ThreadTime {
  readonly ranMs: number;
  readonly waitedMs: number;
}

/** Those that Node starts before any code: they compile and collect garbage, and have the lowest numbers. */
const THREADS_OF_ENGINE = 5;

/** The threads of a process of Node by their numbers, but for the engine's; undefined where the system does not say. */
export function threadTimes(pid: number): ReadonlyMap<string, ThreadTime> | undefined {
  try {
    const names = readdirSync(`/proc/${pid}/task`).toSorted((a, b) => Number(a) - Number(b));
    const own = [...names.slice(0, 1), ...names.slice(1 + THREADS_OF_ENGINE)];
    const times = own.map((name): [string, ThreadTime] => {
      const [ranNs = NaN, waitedNs = NaN] = readFileSync(`/proc/${pid}/task/${name}/schedstat`, "latin1")
        .split(" ")
        .map(Number);
      return [name, { ranMs: ranNs / 1e6, waitedMs: waitedNs / 1e6 }];
    });
    return new Map(times);
  } catch {
    return undefined;
  }
}

function contentsOf(path: string): string | undefined {
  try {
    return readFileSync(path, "latin1");
  } catch {
    return undefined;
  }
}
