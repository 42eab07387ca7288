import { execFile } from "node:child_process";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { parseDescriptor } from "../../../../core/descriptor.ts";
import type { Ceilings } from "../../../../core/record.ts";
import { findImplementations, type Implementation } from "../../../runner/discovery.ts";
import { runRounds } from "../rounds.ts";
import { withoutFreshCalls } from "../samples.ts";
import { estimate, FAST_MODE, median } from "../statistics.ts";

const WAYS = fileURLToPath(new URL("./neutral-ways.ts", import.meta.url));
const SCRIPT = fileURLToPath(new URL("./neutral-script.ts", import.meta.url));
/** LeNet's second layer without its batch: some milliseconds a call. */
const DESCRIPTOR = 'mb1ic6ih14oc16kh5_n"neutral"';
const SLICE_MS = 300;

/** How long the harness says that a call takes, over what an independent script says. */
export interface Neutrality {
  readonly name: string;
  /** Median over the turns. */
  readonly ratio: number;
  readonly harnessMs: number;
  readonly scriptMs: number;
}

/** Times each way of writing a kernel in turns: a fresh process of the harness, and an independent script. */
export async function compareWithScript(
  turns: number,
  ceilings: readonly Ceilings[],
  onTurn: (name: string, done: number, total: number) => void,
  signal: AbortSignal,
): Promise<readonly Neutrality[]> {
  const ways = await findImplementations([WAYS, "wasm-gemm"]);
  const pairs = new Map<Implementation, { readonly harnessMs: number; readonly scriptMs: number }[]>();
  for (let turn = 0; turn < turns && !signal.aborted; turn++) {
    for (const [index, way] of ways.entries()) {
      onTurn(way.name, turn * ways.length + index, turns * ways.length);
      // Who comes first alternates: a machine that gets slower meets both.
      const script = turn % 2 === 0 ? await scriptMs(way, signal) : undefined;
      const harness = await harnessMs(way, ceilings, signal);
      const other = script ?? (await scriptMs(way, signal));
      if (signal.aborted) break;
      // On a busy machine a round of one batch may have no time.
      if (Number.isNaN(harness)) continue;
      pairs.set(way, [...(pairs.get(way) ?? []), { harnessMs: harness, scriptMs: other }]);
    }
  }
  return [...pairs].map(([{ name }, own]) => ({
    name,
    ratio: median(own.map((pair) => pair.harnessMs / pair.scriptMs)),
    harnessMs: median(own.map((pair) => pair.harnessMs)),
    scriptMs: median(own.map((pair) => pair.scriptMs)),
  }));
}

async function harnessMs(way: Implementation, ceilings: readonly Ceilings[], signal: AbortSignal): Promise<number> {
  const { problem } = parseDescriptor(DESCRIPTOR);
  const layer = { kind: "convolution", name: "neutral", problem, multiplicity: 1 } as const;
  const options = {
    suite: "neutral",
    layers: [layer],
    passes: ["forward"],
    threads: [1],
    seed: 1,
    cache: "hot",
    cellMs: SLICE_MS,
    leastRounds: 1,
    mostRounds: 1,
    repetitions: 1,
    ceilings,
    earlier: [],
  } as const;
  const { cells } = await runRounds([way], options, { onCell: () => {}, onLayer: () => {} }, signal);
  const entry = cells[0]?.entry();
  if (entry === undefined || entry.fastMs === null) return NaN;
  // What a fresh call adds is no part of the comparison: the script repeats its call.
  return estimate(
    FAST_MODE,
    withoutFreshCalls(entry).launches.map(({ samplesMs }) => samplesMs),
  );
}

async function scriptMs({ url, name }: Implementation, signal: AbortSignal): Promise<number> {
  const args = ["--disable-warning=ExperimentalWarning", SCRIPT, url, name, DESCRIPTOR, String(SLICE_MS)];
  try {
    return Number((await promisify(execFile)(process.execPath, args, { signal })).stdout);
  } catch (error) {
    if (signal.aborted) return NaN;
    throw error;
  }
}
