import type { Verdict } from "../../core/verdict.ts";
import type { Tensors } from "../../core/tensors.ts";
import type { ConvCase, LawTools } from "./law.ts";
import { combine, compareSides, measure } from "./measured.ts";

/**
 * Holds when a pass is linear in one operand: f(u − 2v) = f(u) − 2 f(v), where the bias, which forward adds to each, is
 * f(0). u and v keep so few bits that u − 2v is exact in float32, so nothing but the implementation rounds.
 */
export async function linearIn(operand: "x" | "weights" | "dy", tools: LawTools, convCase: ConvCase): Promise<Verdict> {
  const { pass, seed } = convCase;
  // dB does not depend on x.
  const problem =
    pass === "backwardWeights" && operand === "x" ? { ...convCase.problem, bias: false } : convCase.problem;
  const operands = tools.operands({ ...convCase, problem });
  const others = tools.operands({ ...convCase, problem, seed: seed + 1 });
  const [u, v] = commonGrid(operands[operand]!, others[operand]!);
  const resultOf = (tensor: Float32Array) =>
    measure(tools, problem, pass, { ...operands, [operand]: tensor } satisfies Tensors);
  const together = await resultOf(u.map((value, i) => value - 2 * v[i]!));
  const ofU = await resultOf(u);
  const ofV = await resultOf(v);
  const apart = together.map(({ tensor, shape }, i) => {
    const biasAt = (index: number): number => operands.bias?.[channelOf(index, shape)] ?? 0;
    const terms = [
      { coefficient: 1, term: ofU[i]! },
      { coefficient: -2, term: ofV[i]! },
    ];
    return tensor === "y" ? combine(terms, (index) => 2 * biasAt(index)) : combine(terms);
  });
  return compareSides(
    { by: `f(u − 2v) with u and v in the place of ${operand}`, tensors: together },
    { by: "f(u) − 2 f(v)", tensors: apart },
  );
}

/** Both tensors rounded to multiples of 2^-22 of a power of two above them: u − 2v then needs at most 24 bits. */
function commonGrid(u: Float32Array, v: Float32Array): [Float32Array, Float32Array] {
  const largest = [...u, ...v].reduce((most, value) => Math.max(most, Math.abs(value)), Number.MIN_VALUE);
  const unit = 2 ** (Math.ceil(Math.log2(largest)) - 22);
  const rounded = (tensor: Float32Array): Float32Array => tensor.map((value) => Math.round(value / unit) * unit);
  return [rounded(u), rounded(v)];
}

/** The channel of an element of a tensor shaped N K out…. */
function channelOf(index: number, [, channels = 1, ...spatial]: readonly number[]): number {
  return Math.floor(index / spatial.reduce((product, extent) => product * extent, 1)) % channels;
}
