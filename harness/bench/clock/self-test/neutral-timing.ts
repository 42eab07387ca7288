/** What a user would write to time an implementation, without the harness: in Node or in a browser. */
import { parseDescriptor } from "../../../../core/descriptor.ts";
import type { Impl } from "../../../../core/plugin.ts";
import { outputShape } from "../../../../core/shape.ts";

const WARM_UP_MS = 100;
const FEWEST_SAMPLES = 5;
/** That of a browser; of calls that are not much longer a sample is several. */
const CLOCK_STEP_MS = 5e-3;
const SHORTEST_SAMPLE_MS = 200 * CLOCK_STEP_MS;

/** The p10 of an implementation's calls for some time, in milliseconds: makes operands, warms up, calls. */
export async function p10OfCalls(module: object, name: string, descriptor: string, timeMs: number): Promise<number> {
  const { problem } = parseDescriptor(descriptor);
  // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- a module of implementations
  const { default: found } = module as { readonly default: Impl | readonly Impl[] };
  const impl = [found].flat().find((each) => each.name === name);
  if (impl === undefined) throw new Error(`the module has no ${name}`);
  const x = random(count(problem.batch, problem.inChannels, ...problem.input));
  const weights = random(count(problem.outChannels, problem.inChannels, ...problem.kernel));
  const bias = problem.bias ? random(problem.outChannels) : undefined;
  const y = new Float32Array(count(problem.batch, problem.outChannels, ...outputShape(problem)));
  let call: () => void | Promise<void>;
  if ("plan" in impl) {
    const plan = await impl.plan(problem, "forward", { threads: 1 });
    await plan.load(bias === undefined ? { x, weights } : { x, weights, bias });
    call = () => plan.run();
  } else {
    call = () => impl.forward(problem, x, weights, bias, y);
  }
  const calls = Math.ceil(SHORTEST_SAMPLE_MS / Math.max(CLOCK_STEP_MS, p10(await times(call, 1, WARM_UP_MS))));
  return p10(await times(call, Math.max(1, calls), timeMs));
}

function p10(taken: readonly number[]): number {
  const sorted = taken.toSorted((a, b) => a - b);
  return sorted[Math.floor(0.1 * (sorted.length - 1))] ?? NaN;
}

/** Samples for some time: how long a call took, the mean of so many in a row. */
async function times(call: () => void | Promise<void>, calls: number, wantedMs: number): Promise<readonly number[]> {
  const taken: number[] = [];
  for (const until = performance.now() + wantedMs; performance.now() < until || taken.length < FEWEST_SAMPLES;) {
    const start = performance.now();
    for (let i = 0; i < calls; i++) {
      const pending = call();
      if (pending !== undefined) await pending;
    }
    taken.push((performance.now() - start) / calls);
  }
  return taken;
}

function count(...extents: readonly number[]): number {
  return extents.reduce((product, extent) => product * extent, 1);
}

function random(elements: number): Float32Array {
  return Float32Array.from({ length: elements }, () => Math.random() - 0.5);
}
