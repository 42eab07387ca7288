import { execFile } from "node:child_process";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { parseDescriptor } from "../../../../core/descriptor.ts";
import type { Ceilings } from "../../../../core/record.ts";
import type { Browsers } from "../../../runner/browser/browsers.ts";
import { findImplementations, type Finding, type Implementation } from "../../../runner/discovery.ts";
import type { Launcher } from "../processes.ts";
import { runRounds } from "../rounds.ts";
import { withoutFreshCalls } from "../samples.ts";
import { estimate, FAST_MODE, median } from "../statistics.ts";

const WAYS = fileURLToPath(new URL("./neutral-ways.ts", import.meta.url));
const SCRIPT = fileURLToPath(new URL("./neutral-script.ts", import.meta.url));
const WORKER = new URL("./neutral-worker.ts", import.meta.url).href;
/** LeNet's second layer without its batch: some milliseconds a call. */
const DESCRIPTOR = 'mb1ic6ih14oc16kh5_n"neutral"';
const SLICE_MS = 300;

/** How long the harness says that a call takes, over what an independent script says. */
export interface Neutrality {
  readonly name: string;
  /** Median over the turns. */
  readonly ratio: number;
  /** Of the shortest times: a disturbance only lengthens them. */
  readonly fastestRatio: number;
  readonly harnessMs: number;
  readonly scriptMs: number;
}

/** Where the ways are timed: by the harness, and by a script without it. */
export interface NeutralPlace {
  readonly finding: Finding;
  /** In place of processes of Node. */
  readonly launcher?: Launcher;
  readonly scriptMs: (way: Implementation, call: ScriptCall, signal: AbortSignal) => Promise<number>;
}

/** What the script times. */
export interface ScriptCall {
  readonly descriptor: string;
  readonly timeMs: number;
}

/** Times each way of writing a kernel in turns: a fresh process of the harness, and an independent script. */
export async function compareWithScript(
  place: NeutralPlace,
  turns: number,
  ceilings: readonly Ceilings[],
  onTurn: (name: string, done: number, total: number) => void,
  signal: AbortSignal,
): Promise<readonly Neutrality[]> {
  const ways = await findImplementations([WAYS, "wasm-gemm"], place.finding);
  const script = (way: Implementation): Promise<number> =>
    place.scriptMs(way, { descriptor: DESCRIPTOR, timeMs: SLICE_MS }, signal);
  const pairs = new Map<Implementation, { readonly harnessMs: number; readonly scriptMs: number }[]>();
  for (let turn = 0; turn < turns && !signal.aborted; turn++) {
    for (const [index, way] of ways.entries()) {
      onTurn(way.name, turn * ways.length + index, turns * ways.length);
      // Who comes first alternates: a machine that gets slower meets both.
      const before = turn % 2 === 0 ? await script(way) : undefined;
      const harness = await harnessMs(way, ceilings, signal, place.launcher);
      const other = before ?? (await script(way));
      if (signal.aborted) break;
      // On a busy machine a round of one batch may have no time.
      if (Number.isNaN(harness)) continue;
      pairs.set(way, [...(pairs.get(way) ?? []), { harnessMs: harness, scriptMs: other }]);
    }
  }
  return [...pairs].map(([{ name }, own]) => ({
    name,
    ratio: median(own.map((pair) => pair.harnessMs / pair.scriptMs)),
    fastestRatio: Math.min(...own.map((pair) => pair.harnessMs)) / Math.min(...own.map((pair) => pair.scriptMs)),
    harnessMs: median(own.map((pair) => pair.harnessMs)),
    scriptMs: median(own.map((pair) => pair.scriptMs)),
  }));
}

async function harnessMs(
  way: Implementation,
  ceilings: readonly Ceilings[],
  signal: AbortSignal,
  launcher: Launcher | undefined,
): Promise<number> {
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
    isInBrowser: launcher !== undefined,
  } as const;
  const progress = { onCell: () => {}, onLayer: () => {} };
  const { cells } = await runRounds([way], options, progress, signal, undefined, launcher);
  const entry = cells[0]?.entry();
  if (entry === undefined || entry.fastMs === null) return NaN;
  // What a fresh call adds is no part of the comparison: the script repeats its call.
  return estimate(
    FAST_MODE,
    withoutFreshCalls(entry).launches.map(({ samplesMs }) => samplesMs),
  );
}

/** Node's processes, and a script of Node. */
export const IN_NODE: NeutralPlace = {
  finding: {},
  async scriptMs({ url, name }, { descriptor, timeMs }, signal) {
    const args = ["--disable-warning=ExperimentalWarning", SCRIPT, url, name, descriptor, String(timeMs)];
    try {
      return Number((await promisify(execFile)(process.execPath, args, { signal })).stdout);
    } catch (error) {
      if (signal.aborted) return NaN;
      throw error;
    }
  },
};

/** Browsers, and a script in a worker of another. */
export function inBrowsers(browsers: Browsers): NeutralPlace {
  return {
    finding: { describe: (url) => browsers.describe(url) },
    launcher: (url, threads) => browsers.start(url, threads),
    async scriptMs({ url, name }, { descriptor, timeMs }) {
      const parameters = { module: new URL(url).pathname, name, descriptor, timeMs: String(timeMs) };
      return Number(await browsers.messageOf(WORKER, parameters));
    },
  };
}
