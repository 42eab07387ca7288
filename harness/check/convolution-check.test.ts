import { expect, test } from "vitest";
import { generateOperands } from "../../suites/data/operands.ts";
import { parseDescriptor } from "../../core/descriptor.ts";
import type { TensorName } from "../../core/plugin.ts";
import type { Pass } from "../../core/problem.ts";
import { shapeOf } from "../../core/tensors.ts";
import { backwardData, backwardWeights, forward } from "../../reference/index.ts";
import { checkOutputs, type Verdict } from "./convolution-check.ts";

const DECLARATION = { algorithm: "gemm", precision: "float32", arithmetic: "ieee" } as const;
/** Too large for the whole reference: elements are sampled and projected. */
const LARGE = parseDescriptor("g2mb2_ic16oc24_ih40kh3ph1", false).problem;

/** The verdict on the right result of exact data with one element changed. */
function verdictWith(pass: Pass, tensor: TensorName, at: number, change: (value: number) => number): Verdict {
  const operands = generateOperands(LARGE, pass, "dense-exact", 1);
  const { x, weights, dy } = operands;
  const right = {
    forward: () => forward(LARGE, { x: x!, weights: weights! }),
    backwardData: () => backwardData(LARGE, { dy: dy!, weights: weights! }),
    backwardWeights: () => backwardWeights(LARGE, { x: x!, dy: dy! }).dWeights,
  }[pass]();
  const got = Float32Array.from(right);
  got[at] = change(got[at]!);
  return checkOutputs(LARGE, pass, operands, { [tensor]: got }, DECLARATION, 1);
}

test.each([
  ["forward", "y", [1, 17, 5, 23]],
  ["backwardData", "dx", [0, 11, 21, 5]],
  ["backwardWeights", "dWeights", [13, 5, 1, 2]],
] as const)("one wrong element of a large %s result is named", (pass, tensor, index) => {
  const shape = shapeOf(LARGE, tensor);
  const at = index.reduce<number>((flat, position, axis) => flat * shape[axis]! + position, 0);
  expect(verdictWith(pass, tensor, at, (value) => value).fault).toBeUndefined();
  const { margin, fault } = verdictWith(pass, tensor, at, (value) => value + 1);
  expect(margin).toBe(Infinity);
  expect(fault?.message).toMatch(
    new RegExp(`^${tensor}\\[${index.join(", ")}\\] is -?\\d+; exactly -?\\d+ was expected$`),
  );
  expect(verdictWith(pass, tensor, at, () => NaN).fault?.message).toContain(" is NaN; exactly ");
});
