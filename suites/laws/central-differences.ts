import { type TensorName, type Tensors, outputNames, shapeOf } from "../../core/tensors.ts";
import type { ConvProblem } from "../../core/problem.ts";
import { elementCount } from "../../core/shape.ts";
import { allOperands } from "./adjoint.ts";
import { isPlain } from "./fitting.ts";
import { compareScalars, innerProduct, type Scalar } from "./inner-product.ts";
import type { Law, LawTools } from "./law.ts";
import { measure, together, type Measured } from "./measured.ts";
import { unravel } from "../../core/indexing.ts";

/** Gradient elements that are compared, of each output of the pass. */
const ELEMENTS = 2;

/**
 * Gradients are those of the implementation's own forward pass. The layer is linear in each operand, so the central
 * difference of L = ⟨conv(x, w) + b, dy⟩ has no error of its own, for any step: with the step v, the operand's own
 * value, both ends are exact in float32, and L(2v) − L(0) = 2v · ∂L/∂v. Where this holds and agreement fails in all
 * passes, they are wrong consistently: gradients of another function than the layer's. Where it fails, gradient and
 * forward pass do not belong together.
 */
export const centralDifferences: Law = {
  name: "central-differences",
  statement: "L(v + h) − L(v − h) = 2h · ∂L/∂v with L = ⟨conv(x, w) + b, dy⟩, for elements v of x, w and b, and h = v",
  source: "Griewank and Walther, Evaluating Derivatives, 2008; PyTorch, torch.autograd.gradcheck",
  passes: ["backwardData", "backwardWeights"],
  usesForward: true,
  applies: (convCase) => convCase.data !== "wide-exact" && isPlain(convCase),
  runs: ({ problem, pass }) => {
    const elements = outputNames(problem, pass).map((name) => Math.min(ELEMENTS, elementCount(shapeOf(problem, name))));
    const ends = 2 * elements.reduce((sum, count) => sum + count, 0);
    return Array.from({ length: 1 + ends }, () => problem);
  },
  async check(tools, convCase) {
    const problem = convCase.pass === "backwardData" ? { ...convCase.problem, bias: false } : convCase.problem;
    const operands = allOperands(tools, { ...convCase, problem });
    const { x, weights, dy } = operands;
    const given = convCase.pass === "backwardData" ? { dy: dy!, weights: weights! } : { x: x!, dy: dy! };
    const gradients = await measure(tools, problem, convCase.pass, given);
    const verdicts = [];
    for (const gradient of gradients) {
      const count = Math.min(ELEMENTS, gradient.values.length);
      for (let i = 0; i < count; i++) {
        const at = (convCase.seed + Math.floor((i * gradient.values.length) / count)) % gradient.values.length;
        verdicts.push(await differenceAt(tools, problem, operands, gradient, at));
      }
    }
    return together(verdicts);
  },
};

async function differenceAt(tools: LawTools, problem: ConvProblem, operands: Tensors, gradient: Measured, at: number) {
  const name = variableOf(gradient.tensor);
  const variable = operands[name]!;
  const lossAt = async (value: number): Promise<Scalar> => {
    const { dy, ...rest } = operands;
    const [y] = await measure(tools, problem, "forward", { ...rest, [name]: variable.with(at, value) });
    return innerProduct(y!, dy!);
  };
  const step = variable[at]!;
  const [far, near] = [await lossAt(2 * step), await lossAt(0)];
  const difference = { value: far.value - near.value, bound: roundedDifference(far, near) };
  const slope = { value: 2 * step * gradient.values[at]!, bound: Math.abs(2 * step) * gradient.bounds[at]! };
  const element = `${name}[${unravel(at, gradient.shape).join(", ")}]`;
  const verdict = compareScalars(
    `2h · ${gradient.tensor} at ${element}`,
    slope,
    "the central difference of forward",
    difference,
  );
  if (verdict.fault === undefined) return verdict;
  const worst = {
    tensor: gradient.tensor,
    index: unravel(at, gradient.shape),
    got: gradient.values[at]!,
    expected: difference.value / (2 * step),
    bound: (difference.bound + slope.bound) / Math.abs(2 * step),
  };
  return { ...verdict, fault: { ...verdict.fault, element: worst } };
}

/** The bounds of both ends, and of the rounding of their difference where either is not exact. */
function roundedDifference(far: Scalar, near: Scalar): number {
  const bound = far.bound + near.bound;
  return bound === 0 ? 0 : bound + 2 ** -52 * (Math.abs(far.value) + Math.abs(near.value));
}

function variableOf(gradient: TensorName): "x" | "weights" | "bias" {
  if (gradient === "dx") return "x";
  return gradient === "dBias" ? "bias" : "weights";
}
