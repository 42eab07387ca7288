import type { Ceilings } from "../../core/record.ts";
import { totalElements } from "../../core/shape.ts";
import { batchMs, type BenchOptions } from "./clock/options.ts";
import { isDue } from "./clock/schedule.ts";
import { computes, countedOperations } from "./clock/work.ts";

/** The share of the WebAssembly peak that calls of implementations reach, by the start of their names: AlexNet. */
const RATES: readonly (readonly [name: string, share: number])[] = [
  ["naive", 0.013],
  ["fft", 0.025],
  ["tfjs-cpu", 0.05],
  ["im2col-gemm", 0.12],
  ["onnxruntime-web", 0.4],
  ["onnxruntime", 0.9],
  ["auto", 1],
  ["wasm-", 0.6],
  ["tfjs-", 0.5],
];
/** A user's plugin, plain JavaScript most often. */
const OTHER_RATE = 0.04;
/** A process starts, and loads its library. */
const START_MS = 200;
/** Requests of a batch, watching the machine beside it, and its fresh calls. */
const BATCH_MS = 20;
/** A check takes this for itself, for 1 M elements of the operands, and for 1 M operations. */
const CHECK_MS = 45;
const CHECK_MS_PER_MILLION = 10;
const CHECK_MS_PER_MEGAFLOP = 0.018;
/** Drawing the operands of a round, and moving them to an implementation. */
const DRAW_MS_PER_MILLION = 20;
const MOVE_MS_PER_MILLION = 6;
/** The calls of a cell's batch, at least: the first, one to warm up, two to count (in all rounds); and fresh ones. */
const FEWEST_CALLS = 3.5;
const FRESH_CALLS = 2;

export interface TimedName {
  readonly name: string;
  /** Compared with another, or the control benchmark: it takes part in all rounds. */
  readonly toTheEnd: boolean;
}

/** Long enough to see the turns that the system's scheduler gives to other processes. */
const LOOK_MS = 300;

/** How many times as long as alone a thread takes now, beside what else runs here. */
export function contention(): number {
  const startMs = performance.now();
  const used = process.cpuUsage();
  while (performance.now() - startMs < LOOK_MS);
  const { user, system } = process.cpuUsage(used);
  return Math.max(1, (1000 * (performance.now() - startMs)) / (user + system));
}

/** About how many seconds a run takes on a machine that does nothing else: its rounds as the schedule gives them. */
export function estimatedSeconds(
  options: BenchOptions,
  implementations: readonly TimedName[],
  ceilings: readonly Ceilings[],
): number {
  const peak = Math.min(...ceilings.map(({ wasmGflops }) => wasmGflops));
  let ms = 0;
  for (const pass of options.passes)
    for (const layer of options.layers.filter((each) => computes(each, pass))) {
      const operations = countedOperations(layer) ?? 0;
      const millions = layer.kind === "convolution" ? totalElements(layer.problem) / 1e6 : 0;
      const rounds = implementations.map(({ name, toTheEnd }) => {
        const share = RATES.find(([start]) => name.startsWith(start))?.[1] ?? OTHER_RATE;
        const callMs = operations / (share * peak * 1e6);
        const checkMs = CHECK_MS + CHECK_MS_PER_MILLION * millions + (CHECK_MS_PER_MEGAFLOP * operations) / 1e6;
        const overheadMs = checkMs + MOVE_MS_PER_MILLION * millions;
        let round = 0;
        while (round < options.mostRounds && isDue(cellOf(round, callMs, overheadMs), round, options, toTheEnd))
          round++;
        const sampleMs =
          options.repetitions * BATCH_MS +
          Math.max(1.1 * batchMs(options) * options.repetitions, FEWEST_CALLS * callMs);
        ms += round * (sampleMs + FRESH_CALLS * callMs + overheadMs);
        return round;
      });
      ms += Math.max(0, ...rounds) * DRAW_MS_PER_MILLION * millions;
    }
  ms += implementations.length * options.mostRounds * START_MS;
  return (options.threads.length * ms) / 1000;
}

function cellOf(rounds: number, callMs: number, overheadMs: number) {
  return { isOpen: true, rounds, callMs, overheadMs, isNarrow: true };
}
