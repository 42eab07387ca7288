/**
 * What a user would write to time an implementation, without the harness: loads the module, makes operands, warms up,
 * and prints the p10 of its calls in milliseconds. Usage: node neutral-script.ts MODULE NAME DESCRIPTOR MILLISECONDS
 */
import { parseDescriptor } from "../../../../core/descriptor.ts";
import type { Impl } from "../../../../core/plugin.ts";
import { outputShape } from "../../../../core/shape.ts";

const [module = "", name = "", descriptor = "", timeMs = "300"] = process.argv.slice(2);
const { problem } = parseDescriptor(descriptor);
// oxlint-disable-next-line typescript/no-unsafe-type-assertion -- a module of implementations
const found = (await import(module)) as { readonly default: Impl | readonly Impl[] };
const impl = [found.default].flat().find((each) => each.name === name);
if (impl === undefined) throw new Error(`${module} has no ${name}`);

const count = (...extents: readonly number[]): number => extents.reduce((product, extent) => product * extent, 1);
const random = (elements: number): Float32Array => Float32Array.from({ length: elements }, () => Math.random() - 0.5);
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

/** Calls for some time; gives how long each took. */
async function times(wantedMs: number): Promise<readonly number[]> {
  const taken: number[] = [];
  for (const until = performance.now() + wantedMs; performance.now() < until || taken.length < 5;) {
    const start = performance.now();
    const pending = call();
    if (pending !== undefined) await pending;
    taken.push(performance.now() - start);
  }
  return taken;
}

await times(100);
const sorted = (await times(Number(timeMs))).toSorted((a, b) => a - b);
process.stdout.write(`${sorted[Math.floor(0.1 * (sorted.length - 1))]}\n`);
process.exit(0);
