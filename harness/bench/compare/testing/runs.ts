import { randomStream } from "../../../../suites/data/random.ts";
import {
  RECORD_SCHEMA,
  type Environment,
  type Launch,
  type RunRecord,
  type TimingEntry,
} from "../../../../core/record.ts";
import { timing } from "./noise.ts";

export const ENVIRONMENT: Environment = {
  startedAt: "2026-01-01T00:00:00.000Z",
  benchconv: "0.1.0",
  node: "24.21.0",
  v8: "13.6",
  os: "linux 6.1.0-18 x64",
  cpu: "A Processor",
  cores: 2,
  memoryBytes: 8 * 2 ** 30,
  loadAverage: 0,
};

export interface SimulatedRun {
  readonly seed: string;
  /** Milliseconds of a call of each implementation, the control benchmark named `control` among them. */
  readonly callMs: Readonly<Record<string, number>>;
  readonly layers: readonly string[];
  readonly rounds: number;
  /** Time of a call ÷ time in `callMs`, of all implementations. */
  readonly machine?: number;
  /** Half the width of how unlike the layers are in that, in natural logarithms. */
  readonly uneven?: number;
  readonly startedAt?: string;
}

/**
 * A record of a run on a machine with two modes: a third of the rounds take half as long again, for all
 * implementations; samples scatter by 0.5 %.
 */
export function simulatedRun({
  seed,
  callMs,
  layers,
  rounds,
  machine = 1,
  uneven = 0,
  startedAt = ENVIRONMENT.startedAt,
}: SimulatedRun): RunRecord {
  const stream = randomStream("run", seed);
  /** Uniform in [−1, 1). */
  const spread = (): number => stream.nextUint32() / 2 ** 31 - 1;
  const entries = layers.flatMap((layer): TimingEntry[] => {
    const levels = Array.from(
      { length: rounds },
      () => machine * (spread() > 1 / 3 ? 1.5 : 1) * Math.exp(0.003 * spread()),
    );
    return Object.entries(callMs).map(([impl, ms]) => {
      const own = Math.exp(uneven * spread());
      const launches = levels.map((level, round): Launch => ({
        startedAt: new Date(Date.parse(startedAt) + round * 60_000).toISOString(),
        samplesMs: Array.from({ length: 5 }, () => level * own * ms * Math.exp(0.005 * spread())),
      }));
      return timing(impl, launches, { layer });
    });
  });
  return {
    schema: RECORD_SCHEMA,
    environment: { ...ENVIRONMENT, startedAt },
    command: "npm run bench",
    impls: [],
    checks: [],
    timings: entries.filter(({ impl }) => impl !== "control"),
    anchors: entries.filter(({ impl }) => impl === "control"),
  };
}
