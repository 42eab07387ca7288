import { readFileSync } from "node:fs";

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

/** The processor time that a process has used so far, its threads included; undefined where the system does not say. */
export function processTimeMs(pid: number): number | undefined {
  try {
    const text = readFileSync(`/proc/${pid}/stat`, "latin1");
    // The second field is the command in parentheses, which may hold spaces: count from its end.
    const fields = text.slice(text.lastIndexOf(")") + 2).split(" ");
    return TICK_MS * (Number(fields[11]) + Number(fields[12]));
  } catch {
    return undefined;
  }
}

/** The same of several processes; undefined where the system does not say, or there is none. */
function timeMs(pids: readonly number[]): number | undefined {
  const times = pids.map(processTimeMs);
  return times.length === 0
    ? undefined
    : times.reduce((sum, ms) => (sum === undefined || ms === undefined ? undefined : sum + ms), 0);
}

/** A stretch of time in which one implementation should have been the only busy one. */
export interface Stretch {
  readonly wallMs: number;
  /** Processor time of everybody else, and what a hypervisor kept; undefined where the system does not say. */
  readonly othersMs: number | undefined;
  /** Processor time of the implementation that was meant to be busy. */
  readonly ownMs: number | undefined;
}

/** Starts a stretch; the result ends it. `pids` are the processes that are meant to be busy. */
export function watchMachine(pids: readonly number[]): () => Stretch {
  const startedAt = performance.now();
  const machine = machineTime();
  const own = timeMs(pids);
  const ours = process.cpuUsage();
  return () => {
    const wallMs = performance.now() - startedAt;
    const machineNow = machineTime();
    const ownNow = timeMs(pids);
    if (machine === undefined || machineNow === undefined || own === undefined || ownNow === undefined) {
      return { wallMs, othersMs: undefined, ownMs: undefined };
    }
    const { user, system } = process.cpuUsage(ours);
    const busyMs = machineNow.busyMs - machine.busyMs + machineNow.stolenMs - machine.stolenMs;
    const ownMs = ownNow - own;
    return { wallMs, othersMs: busyMs - ownMs - (user + system) / 1000, ownMs };
  };
}

const SPIN_PASSES = 500;
const spinValues = new Float64Array(1024).fill(1 + 2 ** -20);

/**
 * A fixed amount of arithmetic on numbers in the nearest cache, in milliseconds: how fast this core runs now. Its four sums are independent and keep the
 * arithmetic units busy: one chain would leave most of them idle, and never notice who else uses the same core.
 */
export function spinMs(): number {
  const start = performance.now();
  let [a, b, c, d] = [0, 0, 0, 0];
  for (let pass = 0; pass < SPIN_PASSES; pass++) {
    for (let i = 0; i < spinValues.length; i += 4) {
      a += spinValues[i]! * spinValues[i]!;
      b += spinValues[i + 1]! * spinValues[i + 1]!;
      c += spinValues[i + 2]! * spinValues[i + 2]!;
      d += spinValues[i + 3]! * spinValues[i + 3]!;
    }
  }
  const elapsedMs = performance.now() - start;
  // The sums are used, so that no compiler leaves the loop out.
  return a + b + c + d === 0 ? elapsedMs + Number.MIN_VALUE : elapsedMs;
}
