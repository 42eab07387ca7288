import { randomStream } from "../../../../suites/data/random.ts";
import type { Launch, TimingEntry } from "../../../../core/record.ts";

/** A machine's noise, as seen on shared two-core machines. */
export interface Noise {
  /** Milliseconds that its slow mode (68 % slower) and its fast mode last on average. */
  readonly slowMs: number;
  readonly fastMs: number;
  /** Standard deviation of the logarithm of how slow the slow mode is, drawn anew each time. */
  readonly slowness: number;
  /**
   * Each core has its own mode, and a process changes its core before a batch with this probability; 0: all have
   * the same mode.
   */
  readonly coreChange: number;
  /** Standard deviation of the difference between processes of the same code, and of the drift from round to round. */
  readonly processes: number;
  readonly drift: number;
  /** Of batches (heavy tails) and of samples. */
  readonly batches: number;
  readonly samples: number;
  /** The share of samples that a garbage collection lengthens, by 30 % on average. */
  readonly collections: number;
  /** Interruptions by other processes in each millisecond, 4 ms on average. */
  readonly interruptions: number;
}

const SHARED: Noise = {
  slowMs: 3000,
  fastMs: 6000,
  slowness: 0,
  coreChange: 0,
  processes: 0.003,
  drift: 0.005,
  batches: 0.003,
  samples: 0.01,
  collections: 0.02,
  interruptions: 0,
};

export const NOISES = {
  calm: { ...SHARED, slowMs: 1e-9, fastMs: 1e12 },
  "two modes": SHARED,
  "short modes": { ...SHARED, slowMs: 500, fastMs: 1000 },
  "modes of cores": { ...SHARED, coreChange: 1 },
  "garbage collection": { ...SHARED, collections: 0.15 },
  "a loaded machine": { ...SHARED, slowMs: 500, fastMs: 1000, coreChange: 0.2, interruptions: 0.05 },
  "unlike processes": { ...SHARED, processes: 0.01 },
  "a neighbour on the core": { ...SHARED, slowMs: 200, fastMs: 10, slowness: 0.2 },
} as const satisfies Record<string, Noise>;

export interface Gate {
  readonly rounds: number;
  /** In a round. */
  readonly repetitions: number;
  /** Of samples, all rounds together. */
  readonly cellMs: number;
  /** New time ÷ old time. */
  readonly ratio: number;
}

const CALL_MS = 3;
const SLOW_MODE = 1.68;
const BETWEEN_ROUNDS_MS = 3000;

/** Interleaved batches of new and old code on a machine with this noise; the same seed gives the same times. */
export function simulatedPair(
  noise: Noise,
  { rounds, repetitions, cellMs, ratio }: Gate,
  seed: string,
): [TimingEntry, TimingEntry] {
  const random = randomOf(seed);
  const cores = [modeOf(noise, random), modeOf(noise, random)];
  const places = [0, 0];
  const launches: [Launch[], Launch[]] = [[], []];
  let drift = 0;
  for (let round = 0; round < rounds; round++) {
    drift += noise.drift * random.normal();
    const levels = [ratio, 1].map((factor) => Math.log(CALL_MS * factor) + drift + noise.processes * random.normal());
    const samples: [number[][], number[][]] = [[], []];
    for (const core of cores) core.pass(BETWEEN_ROUNDS_MS);
    for (let repetition = 0; repetition < repetitions; repetition++) {
      for (const who of random.uniform() < 0.5 ? [0, 1] : [1, 0]) {
        if (random.uniform() < noise.coreChange) places[who] = random.uniform() < 0.5 ? 0 : 1;
        const core = cores[places[who]!]!;
        const level = levels[who]! + noise.batches * random.heavy();
        const batch = batchOf(noise, level, core, cellMs / (rounds * repetitions), random);
        const elapsedMs = batch.reduce((sum, sample) => sum + sample, 0);
        for (const other of cores) if (other !== core) other.pass(elapsedMs);
        samples[who]!.push(batch);
      }
    }
    const startedAt = new Date(Date.UTC(2026, 0, 1) + round * 60_000).toISOString();
    for (const who of [0, 1] as const)
      launches[who].push({
        startedAt,
        samplesMs: samples[who].flat(),
        turns: samples[who].map(({ length }) => length),
      });
  }
  return [timing("new", launches[0]), timing("old", launches[1])];
}

/** A verified timing with these launches. */
export function timing(impl: string, launches: readonly Launch[], changes: Partial<TimingEntry> = {}): TimingEntry {
  const samples = launches.flatMap(({ samplesMs }) => samplesMs);
  return {
    impl,
    suite: "s",
    layer: "conv",
    problem: "ic1ih1oc1kh1",
    pass: "forward",
    threads: 1,
    cache: "hot",
    status: "passed",
    medianMs: samples[0] ?? null,
    minMs: null,
    ci95Ms: null,
    gflops: null,
    launches,
    planMs: null,
    loadMs: null,
    workspaceBytes: null,
    verified: true,
    margin: 0,
    ...changes,
  };
}

interface Random {
  uniform(): number;
  normal(): number;
  exponential(): number;
  /** Student's t with three degrees of freedom. */
  heavy(): number;
}

interface Mode {
  /** Time ÷ time in the fast mode. */
  readonly slowness: number;
  pass(milliseconds: number): void;
}

function batchOf(noise: Noise, level: number, mode: Mode, wantedMs: number, random: Random): number[] {
  const batch: number[] = [];
  for (let elapsedMs = 0; elapsedMs < wantedMs;) {
    let sample = Math.exp(level + noise.samples * random.normal()) * mode.slowness;
    if (random.uniform() < noise.collections) sample *= 1 + 0.3 * random.exponential();
    if (random.uniform() < noise.interruptions * sample) sample += 4 * random.exponential();
    mode.pass(sample);
    elapsedMs += sample;
    batch.push(sample);
  }
  return batch;
}

/** Two modes, each with exponential stays. */
function modeOf({ slowMs, fastMs, slowness }: Noise, random: Random): Mode {
  const slow = (): number => SLOW_MODE * (slowness === 0 ? 1 : Math.exp(slowness * random.normal()));
  let isSlow = random.uniform() < slowMs / (slowMs + fastMs);
  let now = isSlow ? slow() : 1;
  let leftMs = (isSlow ? slowMs : fastMs) * random.exponential();
  return {
    get slowness() {
      return now;
    },
    pass(milliseconds) {
      let gone = milliseconds;
      while (gone > leftMs) {
        gone -= leftMs;
        isSlow = !isSlow;
        now = isSlow ? slow() : 1;
        leftMs = (isSlow ? slowMs : fastMs) * random.exponential();
      }
      leftMs -= gone;
    },
  };
}

function randomOf(seed: string): Random {
  const stream = randomStream("noise", seed);
  const uniform = (): number => (stream.nextUint32() + 0.5) / 2 ** 32;
  // Box and Muller.
  const normal = (): number => Math.sqrt(-2 * Math.log(uniform())) * Math.cos(2 * Math.PI * uniform());
  return {
    uniform,
    normal,
    exponential: () => -Math.log(uniform()),
    heavy: () => normal() / Math.sqrt((normal() ** 2 + normal() ** 2 + normal() ** 2) / 3),
  };
}
