import type { Tensors } from "../../core/tensors.ts";
import { isPlain } from "./fitting.ts";
import type { ConvCase, Law } from "./law.ts";
import { compareSides, measure } from "./measured.ts";

/** A zero image gives the bias everywhere; a zero dy gives zero gradients. */
export const zeroGivesBias: Law = {
  name: "zero-gives-bias",
  statement: "conv(0, w) = conv(x, 0) = b, dX(0, w) = dX(dy, 0) = 0, dW(0, dy) = 0, and dW(x, 0) = dB(0) = 0",
  source: "the definition: every product has a zero in it",
  passes: ["forward", "backwardData", "backwardWeights"],
  applies: isPlain,
  runs: ({ problem }) => [problem],
  async check(tools, convCase) {
    const { problem, pass } = convCase;
    const operands = tools.operands(convCase);
    const zeroed = zeroedOperand(convCase);
    const given: Tensors = { ...operands, [zeroed]: new Float32Array(operands[zeroed]!.length) };
    const got = await measure(tools, problem, pass, given);
    const expected = got.map((result) => {
      const spatial = result.shape.slice(2).reduce((product, extent) => product * extent, 1);
      const biasAt = (index: number): number => operands.bias?.[Math.floor(index / spatial) % problem.outChannels] ?? 0;
      const values = result.values.map((_, i) => (result.tensor === "y" ? biasAt(i) : 0));
      return { ...result, values, bounds: new Float64Array(values.length) };
    });
    // dB is a sum of dy, which is all there where x is zero.
    const isGiven = (name: string): boolean => !(name === "dBias" && zeroed === "x");
    const verdict = compareSides(
      { by: `the layer with ${zeroed} = 0`, tensors: got.filter(({ tensor }) => isGiven(tensor)) },
      {
        by: pass === "forward" && problem.bias ? "its bias" : "zero",
        tensors: expected.filter(({ tensor }) => isGiven(tensor)),
      },
    );
    // A zero tells as much as another number here: outputs come poisoned, and the other operand is full.
    return { ...verdict, tellingElements: verdict.elements };
  },
};

/** Either of the two that are multiplied. */
function zeroedOperand({ pass, seed }: ConvCase): "x" | "weights" | "dy" {
  const isFirst = seed % 2 === 0;
  switch (pass) {
    case "forward":
      return isFirst ? "x" : "weights";
    case "backwardData":
      return isFirst ? "dy" : "weights";
    case "backwardWeights":
      return isFirst ? "dy" : "x";
  }
}
