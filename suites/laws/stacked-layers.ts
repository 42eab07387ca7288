import type { ConvProblem } from "../../core/problem.ts";
import { elementCount, outputShape, effectiveKernelSize, tensorShapes } from "../../core/shape.ts";
import { forward } from "../../reference/index.ts";
import { onAllAxes } from "./fitting.ts";
import type { ConvCase, Law, LawTools } from "./law.ts";
import { compareSides, measure, type Measured } from "./measured.ts";
import { flatten, unravel } from "../../core/indexing.ts";
import { smallIntegers } from "./small-integers.ts";

/** Filters of the second layer. */
const FILTERS = 2;
/** Operands from −3 to 3 keep what two layers make of them exact in float32. */
const LARGEST = 3;

/** Two layers, one after the other, are one layer whose kernel is composed of theirs. */
export const stackedLayers: Law = {
  name: "stacked-layers",
  statement:
    "conv(conv(x, w₁; s, d), w₂) = conv(x, w₂∘w₁; s), where (w₂∘w₁)[k, c, r₁·d + r₂·s] sums w₂[k, j, r₂] " +
    "· w₁[j, c, r₁] over j, r₁ and r₂",
  source: "associativity of convolution; Simonyan and Zisserman (VGG), arXiv:1409.1556, §2.3",
  passes: ["forward"],
  // The operands are integers whatever the kind of data.
  applies: ({ data }) => data === "dense-exact",
  runs: ({ problem }) => {
    const { first, second, composed } = stackOf(problem);
    return [first, second, composed];
  },
  async check(tools, convCase) {
    const { first, second, composed } = stackOf(convCase.problem);
    const { x, weights: w1 } = smallIntegers(tools, { ...convCase, problem: first }, LARGEST);
    const { weights: w2 } = smallIntegers(tools, { ...convCase, problem: second, seed: convCase.seed + 1 }, LARGEST);
    const stacked = await throughBoth(tools, convCase, { first, second, x: x!, w1: w1!, w2: w2! });
    const weights = composedKernel({ first, second, composed, w1: w1!, w2: w2! });
    return compareSides(
      { by: "two layers", tensors: stacked },
      {
        by: "the layer with the composed kernel",
        tensors: await measure(tools, composed, "forward", { x: x!, weights }),
      },
    );
  },
};

interface Stack {
  readonly first: ConvProblem;
  readonly second: ConvProblem;
  readonly composed: ConvProblem;
}

function stackOf(problem: ConvProblem): Stack {
  const [none, one] = [onAllAxes(problem, 0), onAllAxes(problem, 1)];
  const first = { ...problem, bias: false };
  const output = outputShape(first);
  const kernel = output.map((extent) => Math.min(2, extent));
  const plain = { batch: first.batch, outChannels: FILTERS, groups: 1, bias: false, dilation: one };
  return {
    first,
    second: {
      ...plain,
      inChannels: first.outChannels,
      input: output,
      kernel,
      stride: one,
      padBegin: none,
      padEnd: none,
    },
    composed: {
      ...plain,
      inChannels: first.inChannels,
      input: first.input,
      kernel: kernel.map(
        (extent, axis) =>
          effectiveKernelSize(first.kernel[axis]!, first.dilation[axis]!) + (extent - 1) * first.stride[axis]!,
      ),
      stride: first.stride,
      padBegin: first.padBegin,
      padEnd: first.padEnd,
    },
  };
}

/** The second layer's result, whose bound includes the first layer's: |w₂| ⋆ bound₁. */
async function throughBoth(
  tools: LawTools,
  { pass }: ConvCase,
  { first, second, x, w1, w2 }: Pick<Stack, "first" | "second"> & Readonly<Record<"x" | "w1" | "w2", Float32Array>>,
): Promise<readonly Measured[]> {
  const [between] = await measure(tools, first, pass, { x, weights: w1 });
  const results = await measure(tools, second, pass, { x: Float32Array.from(between!.values), weights: w2 });
  const carried = forward(second, { x: between!.bounds, weights: w2.map(Math.abs) });
  return results.map((result) => ({ ...result, bounds: result.bounds.map((bound, i) => bound + carried[i]!) }));
}

function composedKernel({
  first,
  second,
  composed,
  w1,
  w2,
}: Stack & Readonly<Record<"w1" | "w2", Float32Array>>): Float32Array {
  const shape = tensorShapes(composed).weights;
  const weights = new Float32Array(elementCount(shape));
  const perIn = first.inChannels / first.groups;
  const perOut = first.outChannels / first.groups;
  const [taps1, taps2] = [elementCount(first.kernel), elementCount(second.kernel)];
  for (let k = 0; k < FILTERS; k++)
    for (let j = 0; j < first.outChannels; j++)
      for (let c = 0; c < perIn; c++) {
        const channel = Math.floor(j / perOut) * perIn + c;
        for (let r1 = 0; r1 < taps1; r1++)
          for (let r2 = 0; r2 < taps2; r2++) {
            const at2 = unravel(r2, second.kernel);
            const tap = unravel(r1, first.kernel).map(
              (at, axis) => at * first.dilation[axis]! + at2[axis]! * first.stride[axis]!,
            );
            weights[flatten([k, channel, ...tap], shape)]! +=
              w1[(j * perIn + c) * taps1 + r1]! * w2[(k * first.outChannels + j) * taps2 + r2]!;
          }
      }
  return weights;
}
