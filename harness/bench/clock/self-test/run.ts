import { fileURLToPath } from "node:url";
import { compareSameRounds } from "../../compare/same-rounds.ts";
import { findImplementations } from "../../../runner/discovery.ts";
import type { Ceilings, ComparisonEntry, TimingEntry } from "../../../../core/record.ts";
import { runRounds } from "../rounds.ts";
import type { RunShape } from "../run-shape.ts";
import { SELF_TEST_LAYERS } from "./cells.ts";

const WORKLOAD = fileURLToPath(new URL("./workload.ts", import.meta.url));
const OLD = "steady";

/** A kernel that is compared with the steady one, and by how much it is slower. */
export interface Planted {
  readonly name: string;
  readonly slowdown: number;
}

export const PLANTED: readonly Planted[] = [
  { name: "steady-again", slowdown: 0 },
  { name: "slower-5", slowdown: 0.05 },
  { name: "slower-10", slowdown: 0.1 },
];

/** Whether more than one gate in twenty calls an unchanged kernel slower. */
export function hasTooManyAlarms(runs: readonly ClockRun[]): boolean {
  const alarms = runs.filter(({ comparisons }) =>
    comparisons.some(({ slowdown, verdict }) => slowdown === 0 && verdict === "slower"),
  ).length;
  return alarms > Math.ceil(runs.length / 20);
}

/** One gate: eight cells, each planted kernel against the steady one. */
export interface ClockRun {
  readonly timings: readonly TimingEntry[];
  readonly comparisons: readonly (ComparisonEntry & { readonly slowdown: number })[];
}

export interface ClockSelfTestOptions {
  readonly planted: readonly Planted[];
  readonly runs: number;
  readonly shape: RunShape;
  readonly threshold: number;
  readonly seed: number;
  readonly ceilings: readonly Ceilings[];
  readonly onRun: (run: ClockRun, done: number) => void;
}

/**
 * Times one kernel under two names, and with 5 and 10 % more work, as a gate would: so often as asked, each time in fresh processes. Each
 * planted kernel is compared as if it alone were the gate's, corrected for its own cells.
 */
export async function runClockSelfTest(
  options: ClockSelfTestOptions,
  signal: AbortSignal,
): Promise<readonly ClockRun[]> {
  const wanted = new Set([OLD, ...options.planted.map(({ name }) => name)]);
  const implementations = (await findImplementations([WORKLOAD])).filter(({ name }) => wanted.has(name));
  const runs: ClockRun[] = [];
  for (let i = 0; i < options.runs && !signal.aborted; i++) {
    const { cells } = await runRounds(
      implementations,
      {
        suite: "clock-self-test",
        layers: SELF_TEST_LAYERS,
        passes: ["forward"],
        threads: [1],
        seed: options.seed + i,
        cache: "hot",
        ...options.shape,
        ceilings: options.ceilings,
        earlier: [],
      },
      { onCell: () => {}, onLayer: () => {} },
      signal,
      { compared: new Set(implementations) },
    );
    if (signal.aborted) break;
    const run = compared(
      cells.map((cell) => cell.entry()),
      options,
    );
    runs.push(run);
    options.onRun(run, runs.length);
  }
  return runs;
}

function compared(
  timings: readonly TimingEntry[],
  { planted, threshold }: Pick<ClockSelfTestOptions, "planted" | "threshold">,
): ClockRun {
  const of = (impl: string): readonly TimingEntry[] => timings.filter((entry) => entry.impl === impl);
  const comparisons = planted.flatMap(({ name, slowdown }) =>
    of(name).flatMap((newer) => {
      const older = of(OLD).find(({ layer }) => layer === newer.layer);
      if (older === undefined) return [];
      return [{ ...compareSameRounds(newer, older, { threshold, cells: SELF_TEST_LAYERS.length }), slowdown }];
    }),
  );
  return { timings, comparisons };
}
