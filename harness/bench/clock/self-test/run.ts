import { fileURLToPath } from "node:url";
import { compareSameRounds } from "../../compare/same-rounds.ts";
import { findImplementations } from "../../../runner/discovery.ts";
import { parseDescriptor } from "../../../../core/descriptor.ts";
import type { Ceilings, ComparisonEntry, TimingEntry } from "../../../../core/record.ts";
import type { Layer } from "../../../../suites/suite.ts";
import { runRounds } from "../rounds.ts";
import type { RunShape } from "../run-shape.ts";
import { moduleUrl } from "../../../../core/module-url.ts";

const WORKLOAD = fileURLToPath(moduleUrl("./workload.ts", import.meta.url));
const OLD = "steady";

/** Eight layers, named by their multiply-adds; a call takes 0.05 to some 10 ms. Five per cent of 20 channels is one. */
const LAYERS: readonly Layer[] = [
  'mb1ic4ih10oc20kh3_n"0.06M"',
  'mb1ic8ih14oc20kh3_n"0.2M"',
  'mb1ic16ih12oc40kh3_n"0.6M"',
  'mb1ic32ih16oc40kh3_n"2M"',
  'mb1ic64ih28oc60kh1_n"3M"',
  'mb1ic32ih24oc40kh3_n"6M"',
  'mb1ic16ih32oc40kh5_n"13M"',
  'mb1ic64ih30oc60kh3_n"27M"',
].map((text): Layer => {
  const { problem } = parseDescriptor(text);
  return { kind: "convolution", name: problem.name ?? text, problem, multiplicity: 1 };
});

/** A kernel that is compared with the steady one, and by how much it is slower. */
export interface SlowedKernel {
  readonly name: string;
  readonly slowdown: number;
}

export const SLOWED_KERNELS: readonly SlowedKernel[] = [
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

/** One gate: eight cells of each slowed kernel, compared with the steady one. */
export interface ClockRun {
  readonly timings: readonly TimingEntry[];
  readonly comparisons: readonly (ComparisonEntry & { readonly slowdown: number })[];
}

export interface ClockSelfTestOptions {
  readonly kernels: readonly SlowedKernel[];
  readonly runs: number;
  readonly shape: RunShape;
  readonly threshold: number;
  readonly seed: number;
  readonly ceilings: readonly Ceilings[];
  readonly onRun: (run: ClockRun, done: number) => void;
}

/**
 * Times one kernel under two names, and with 5 and 10 % more work, as a gate would: `runs` times, each in fresh
 * processes. Each kernel is compared as if it were the gate's only one: corrected for its own cells alone.
 */
export async function runClockSelfTest(
  options: ClockSelfTestOptions,
  signal: AbortSignal,
): Promise<readonly ClockRun[]> {
  const wanted = new Set([OLD, ...options.kernels.map(({ name }) => name)]);
  const implementations = (await findImplementations([WORKLOAD])).filter(({ name }) => wanted.has(name));
  const runs: ClockRun[] = [];
  for (let i = 0; i < options.runs && !signal.aborted; i++) {
    const { cells } = await runRounds(
      implementations,
      {
        suite: "clock-self-test",
        layers: LAYERS,
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
  { kernels, threshold }: Pick<ClockSelfTestOptions, "kernels" | "threshold">,
): ClockRun {
  const of = (impl: string): readonly TimingEntry[] => timings.filter((entry) => entry.impl === impl);
  const comparisons = kernels.flatMap(({ name, slowdown }) =>
    of(name).flatMap((newer) => {
      const older = of(OLD).find(({ layer }) => layer === newer.layer);
      if (older === undefined) return [];
      return [{ ...compareSameRounds(newer, older, { threshold, cells: LAYERS.length }), slowdown }];
    }),
  );
  return { timings, comparisons };
}
