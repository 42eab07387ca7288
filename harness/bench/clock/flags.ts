import type { TimingFlag } from "../../../core/record.ts";
import { median, type Rounds } from "./statistics.ts";

/** What the machine did while a cell was timed. */
export interface MachineNotes {
  /**
   * Processor time that others took, and that a hypervisor kept, as a share of one core; null where the system does not
   * say.
   */
  readonly othersShare: number | null;
  /**
   * The calibration loop before the cell's batches, against the fastest in the run: 1.2 means that it took 20 % longer.
   */
  readonly slowdown: number;
  /** Processor time that the implementation's process took, in cores; null where the system does not say. */
  readonly ownCores: number | null;
  /** What of that processes took that it has started, in cores. */
  readonly helpersCores: number | null;
  /**
   * What threads beyond those that it may use did at the same time, as a share of what those did; null where the system
   * does not say.
   */
  readonly extraShare: number | null;
  /** A call by the device's own clock, in milliseconds; null where there is none. */
  readonly deviceMs: number | null;
  /** How many it was told to use. */
  readonly threads: number;
  /** The software driver that the implementation computes on in place of a GPU, if it does. */
  readonly software?: string;
  /** Where the memory did not hold all at once: which implementations were resident, and which of them is its own. */
  readonly group?: { readonly number: number; readonly members: readonly string[]; readonly own: string };
}

const DRIFT = 0.03;
const FEWEST_SAMPLES = 8;
const WIDE = 0.05;
const BUSY_SHARE = 0.15;
const THROTTLED = 1.1;

/**
 * What makes a time less certain than its interval says, each with its cause and its cure. `rounds` are milliseconds in
 * time order.
 */
export function timingFlags(
  rounds: Rounds,
  medianMs: number,
  ci95Ms: readonly [number, number] | null,
  notes: MachineNotes,
): readonly TimingFlag[] {
  return [
    ...driftFlag(rounds),
    ...twoModesFlag(rounds),
    ...wideFlag(medianMs, ci95Ms),
    // On a loaded machine the piece of work beside the samples waits as they do: that is not throttling.
    ...(isLoaded(notes) ? loadedFlag(notes) : throttledFlag(notes)),
    ...extraThreadsFlag(notes),
    ...otherProcessFlag(notes),
    ...deviceClockFlag(medianMs, notes),
    ...softwareFlag(notes),
    ...groupFlag(notes),
  ];
}

function softwareFlag({ software }: MachineNotes): readonly TimingFlag[] {
  if (software === undefined) return [];
  return [
    {
      kind: "software-driver",
      message: `${software} computes on the processor in place of a GPU`,
      advice: "do not take the time for a GPU's; results are checked as everywhere",
    },
  ];
}

function groupFlag({ group }: MachineNotes): readonly TimingFlag[] {
  if (group === undefined) return [];
  const others = group.members.filter((name) => name !== group.own);
  return [
    {
      kind: "memory-groups",
      message:
        "the memory did not hold all implementations at once: it was timed " +
        (others.length === 0 ? "alone" : `beside ${others.join(", ")} alone`),
      advice: "compare it with those only; more memory, or fewer implementations (--impl), times all side by side",
    },
  ];
}

/**
 * Within each round the later half against the earlier: the same way in every round, and by more than 3 % in the middle
 * one.
 */
function driftFlag(rounds: Rounds): readonly TimingFlag[] {
  const changes = rounds
    .filter((samples) => samples.length >= FEWEST_SAMPLES)
    .map((samples) => {
      const half = Math.floor(samples.length / 2);
      return median(samples.slice(-half)) / median(samples.slice(0, half)) - 1;
    });
  const change = median(changes);
  const agree = changes.length >= 3 && changes.every((one) => Math.sign(one) === Math.sign(change));
  if (!agree || Math.abs(change) <= DRIFT) return [];
  const way = change > 0 ? "slower" : "faster";
  return [
    {
      kind: "drift",
      message: `calls get ${percent(change)} ${way} within a round, in every one of ${changes.length} rounds`,
      advice:
        change > 0
          ? "it may heat the processor, or keep memory between calls: look at its peak memory, and give more --time " +
            "to see whether it settles"
          : "it was still warming up (compilation, caches): give more --time",
    },
  ];
}

const SEPARATED = 5.5;
const SMALLER_MODE = 0.15;
const MODES_APART = 1.1;

/**
 * Two clusters of samples with little between them: the split of the sorted logarithms that leaves the least variance,
 * where Ashman's D = √2·|μ₁ − μ₂| / √(σ₁² + σ₂²) is above 5.5 (a uniform spread has 3.5) and the smaller cluster is no
 * handful of outliers.
 * Source: Ashman, Bird and Zepf, "Detecting bimodality in astronomical datasets", The Astronomical Journal 108, 1994 (D
 * > 2 separates).
 */
function twoModesFlag(rounds: Rounds): readonly TimingFlag[] {
  const sorted = rounds
    .flat()
    .map(Math.log)
    .toSorted((a, b) => a - b);
  const count = sorted.length;
  if (count < 3 * FEWEST_SAMPLES) return [];
  const sums = [0];
  const squares = [0];
  for (const [i, value] of sorted.entries()) {
    sums.push(sums[i]! + value);
    squares.push(squares[i]! + value * value);
  }
  const momentsOf = (from: number, to: number): { readonly mean: number; readonly variance: number } => {
    const mean = (sums[to]! - sums[from]!) / (to - from);
    return { mean, variance: Math.max(0, (squares[to]! - squares[from]!) / (to - from) - mean * mean) };
  };
  let best = { within: Infinity, split: 0 };
  const fewest = Math.ceil(SMALLER_MODE * count);
  for (let split = fewest; split <= count - fewest; split++) {
    const within = split * momentsOf(0, split).variance + (count - split) * momentsOf(split, count).variance;
    if (within < best.within) best = { within, split };
  }
  const fast = momentsOf(0, best.split);
  const slow = momentsOf(best.split, count);
  const apart = slow.mean - fast.mean;
  const isSeparated = Math.SQRT2 * apart > SEPARATED * Math.sqrt(fast.variance + slow.variance);
  if (!isSeparated || apart < Math.log(MODES_APART)) return [];
  const share = Math.round((100 * best.split) / count);
  return [
    {
      kind: "two-modes",
      message:
        `${share} % of the samples lie around ${milliseconds(fast.mean)}, the others around ` + milliseconds(slow.mean),
      advice:
        "the machine or the memory has two states: compare fast modes, or implementations within the same rounds " +
        "(--against), not medians of different runs",
    },
  ];
}

function milliseconds(logarithm: number): string {
  return `${Math.exp(logarithm).toPrecision(3)} ms`;
}

function wideFlag(medianMs: number, ci95Ms: readonly [number, number] | null): readonly TimingFlag[] {
  if (ci95Ms === null) return [];
  const halfWidth = (ci95Ms[1] - ci95Ms[0]) / (2 * medianMs);
  if (halfWidth <= WIDE) return [];
  return [
    {
      kind: "wide-interval",
      message: `the rounds differ so much that the interval is ±${percent(halfWidth)} of the median`,
      advice: "give more --time for more rounds, on an idle machine",
    },
  ];
}

function throttledFlag({ slowdown }: MachineNotes): readonly TimingFlag[] {
  if (slowdown <= THROTTLED) return [];
  return [
    {
      kind: "throttled",
      message: `beside these samples a fixed piece of work took ${percent(slowdown - 1)} longer than at the run's best`,
      advice:
        "the processor ran slower then (heat, saved power, a neighbour on the same core): let it cool, plug it in, " +
        "or fix the clock's frequency",
    },
  ];
}

function isLoaded({ othersShare }: MachineNotes): boolean {
  return othersShare !== null && othersShare > BUSY_SHARE;
}

function loadedFlag({ othersShare }: MachineNotes): readonly TimingFlag[] {
  return [
    {
      kind: "loaded-machine",
      message: `other programs, or the hypervisor, took ${percent(othersShare ?? 0)} of a core while it was timed`,
      advice: "end other work on the machine, then time again",
    },
  ];
}

/** With a quarter more a call takes 0.8 of the time. */
const MOST_EXTRA = 0.15;
/** Where the system does not tell threads apart: the engine's own (compilation, garbage) take less than this. */
const ENGINES_CORES = 0.5;

function extraThreadsFlag({ ownCores, extraShare, threads }: MachineNotes): readonly TimingFlag[] {
  const isBeyond = extraShare === null ? (ownCores ?? 0) > threads + ENGINES_CORES : extraShare > MOST_EXTRA;
  if (!isBeyond) return [];
  const allowed = threads === 1 ? "one thread" : `${threads} threads`;
  const used =
    extraShare === null
      ? `it used ${(ownCores ?? 0).toFixed(1)} cores where it may use ${allowed}`
      : `it may use ${allowed}, and others of its threads did ${percent(extraShare)} as much at the same time`;
  return [
    {
      kind: "extra-threads",
      message: used,
      advice:
        "compare it with others at --threads of as many, or make it heed the count (plan's options, BENCHCONV_THREADS)",
    },
  ];
}

/** A process that only waits takes less. */
const HELPING_CORES = 0.05;

function otherProcessFlag({ helpersCores }: MachineNotes): readonly TimingFlag[] {
  if (helpersCores === null || helpersCores <= HELPING_CORES) return [];
  return [
    {
      kind: "other-process",
      message: `processes that it has started took ${percent(helpersCores)} of a core while it was timed`,
      advice: "compute in the process that is timed, or look at what the others do: it may be part of the work",
    },
  ];
}

const LEAST_DEVICE_SHARE = 0.5;

function deviceClockFlag(medianMs: number, { deviceMs }: MachineNotes): readonly TimingFlag[] {
  if (deviceMs === null || deviceMs >= LEAST_DEVICE_SHARE * medianMs) return [];
  return [
    {
      kind: "device-clock",
      message: `the device's clock says ${deviceMs.toPrecision(3)} ms of a call that took ${medianMs.toPrecision(3)} ms`,
      advice:
        "take the wall's time: what the device does not count (submission, waiting, other work) is part of a call",
    },
  ];
}

function percent(share: number): string {
  const value = 100 * Math.abs(share);
  return `${value < 10 ? value.toPrecision(2) : Math.round(value)} %`;
}
