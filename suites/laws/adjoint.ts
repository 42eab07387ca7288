import type { Tensors } from "../../core/tensors.ts";
import { isPlain } from "./fitting.ts";
import { compareScalars, innerProduct } from "./inner-product.ts";
import type { ConvCase, Law, LawTools } from "./law.ts";
import { measure } from "./measured.ts";
import { smallIntegers } from "./small-integers.ts";

/** Operands of several passes at once stay exact in each of them. */
const LARGEST = 7;

/** The passes are adjoint maps: one number, ⟨conv(x, w), dy⟩, comes out of each of them. */
export const adjoint: Law = {
  name: "adjoint",
  statement: "⟨conv(x, w), dy⟩ = ⟨x, dX(dy, w)⟩ = ⟨w, dW(x, dy)⟩",
  source:
    "the dot-product test of adjoint operators: Claerbout, Earth Soundings Analysis; Griewank and " +
    "Walther, Evaluating Derivatives, 2008",
  passes: ["backwardData", "backwardWeights"],
  usesForward: true,
  applies: (convCase) => convCase.data !== "wide-exact" && isPlain(convCase),
  runs: ({ problem }) => [problem, problem],
  async check(tools, convCase) {
    const problem = { ...convCase.problem, bias: false };
    const { x, weights, dy } = allOperands(tools, { ...convCase, problem });
    const [y] = await measure(tools, problem, "forward", { x: x!, weights: weights! });
    const forward = innerProduct(y!, dy!);
    if (convCase.pass === "backwardData") {
      const [dx] = await measure(tools, problem, "backwardData", { dy: dy!, weights: weights! });
      return compareScalars("⟨x, dX⟩", innerProduct(dx!, x!), "⟨conv(x, w), dy⟩", forward);
    }
    const [dWeights] = await measure(tools, problem, "backwardWeights", { x: x!, dy: dy! });
    return compareScalars("⟨w, dW⟩", innerProduct(dWeights!, weights!), "⟨conv(x, w), dy⟩", forward);
  },
};

/** x, w, b and dy of one case: exact in every pass unless the data is real. */
export function allOperands(tools: LawTools, convCase: ConvCase): Tensors {
  const operandsOf = (pass: "forward" | "backwardData"): Tensors =>
    convCase.data === "real"
      ? tools.operands({ ...convCase, pass })
      : smallIntegers(tools, { ...convCase, pass }, LARGEST);
  return { ...operandsOf("forward"), dy: operandsOf("backwardData").dy! };
}
