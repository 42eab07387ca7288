import { expect, test } from "vitest";
import { parseDescriptor } from "./descriptor.ts";
import { PASSES, type ConvProblem } from "./problem.ts";
import { validateProblem } from "./validate-problem.ts";
import { byteCounts, multiplyAdds } from "./shape.ts";
import { UsageError } from "./usage-error.ts";

const conv2: ConvProblem = {
  batch: 1,
  inChannels: 96,
  outChannels: 256,
  groups: 2,
  input: [27, 27],
  kernel: [5, 5],
  stride: [1, 1],
  dilation: [1, 1],
  padBegin: [2, 2],
  padEnd: [2, 2],
  bias: true,
};

test("a valid problem of any rank passes, cropped ends included", () => {
  const valid = ["ic1oc1iw1kw1", "ic1oc1id2kd2", "ic1oc1iw10ow2kw3pw0"].map((text) => parseDescriptor(text).problem);
  for (const problem of [conv2, { ...conv2, padEnd: [-1, 0] }, ...valid]) {
    expect(() => validateProblem(problem)).not.toThrow();
  }
});

const wrong: readonly (readonly [change: Partial<ConvProblem>, message: string])[] = [
  [{ groups: 5 }, "groups must divide inChannels, got groups=5 inChannels=96 (g5mb1_ic96oc256_ih27oh27"],
  [{ groups: 3 }, "groups must divide outChannels, got groups=3 outChannels=256 (g3mb1_ic96oc256_"],
  [{ batch: 0 }, "batch must be an integer from 1 to 2147483647, got batch=0 (g2mb0_"],
  [{ inChannels: 2.5 }, "inChannels must be an integer from 1 to 2147483647, got inChannels=2.5 ("],
  [{ outChannels: NaN }, "outChannels must be an integer from 1 to 2147483647, got outChannels=NaN ("],
  [{ groups: -2 }, "groups must be an integer from 1 to 2147483647, got groups=-2 ("],
  [{ input: [27, 2 ** 31] }, "input must be an integer from 1 to 2147483647, got input=27,2147483648 ("],
  [{ kernel: [0, 5] }, "kernel must be an integer from 1 to 2147483647, got kernel=0,5 ("],
  [{ stride: [1, 0] }, "stride must be an integer from 1 to 2147483647, got stride=1,0 ("],
  [{ dilation: [0, 1] }, "dilation must be an integer from 1 to 2147483647, got dilation=0,1 ("],
  [{ padBegin: [-1, 0] }, "padBegin must be an integer from 0 to 2147483647, got padBegin=-1,0 ("],
  [{ padEnd: [0, 0.5] }, "padEnd must be an integer from -2147483647 to 2147483647, got padEnd=0,0.5 ("],
  [{ stride: [1] }, "stride must have one value per axis, got stride=[1] input=[27,27] ({"],
  [{ input: [1, 2, 3, 4] }, "the spatial rank must be 1, 2 or 3, got input=[1,2,3,4] ({"],
  [{ input: [] }, "the spatial rank must be 1, 2 or 3, got input=[] ({"],
  [
    { dilation: [1, 9], padEnd: [2, 1] },
    "the output must be at least 1 on every axis, got -6 on axis w: input=27 padBegin=2 padEnd=1 " +
      "is shorter than the 37 that kernel=5 dilation=9 spans (",
  ],
  [{ input: [40000, 40000] }, "x must be at most 4 GiB, got 572 GiB for 1×96×40000×40000 float32 ("],
  [{ batch: 2 ** 13, outChannels: 512 }, "y must be at most 4 GiB, got 11.4 GiB for 8192×512×27×27 float32 ("],
];

test.each(wrong)("%o is refused in one line with the values", (change, message) => {
  const broken = { ...conv2, ...change };
  expect(() => validateProblem(broken)).toThrow(UsageError);
  expect(() => validateProblem(broken)).toThrow(`conv: ${message}`);
  expect(() => validateProblem(broken)).not.toThrow("\n");
});

test("multiply-adds are the nominal count, padding included", () => {
  expect(multiplyAdds(conv2)).toBe(256 * 27 * 27 * 48 * 25);
  expect(multiplyAdds({ ...conv2, batch: 3 })).toBe(3 * multiplyAdds(conv2));
});

test("bytes count each tensor of a pass once", () => {
  const [x, weights, y, bias] = [96 * 27 * 27, 256 * 48 * 25, 256 * 27 * 27, 256];
  expect(PASSES.map((pass) => byteCounts(conv2, pass))).toEqual([
    { operands: 4 * (x + weights + bias), outputs: 4 * y },
    { operands: 4 * (y + weights), outputs: 4 * x },
    { operands: 4 * (x + y), outputs: 4 * (weights + bias) },
  ]);
  expect(byteCounts({ ...conv2, bias: false }, "forward").operands).toBe(4 * (x + weights));
  expect(byteCounts({ ...conv2, bias: false }, "backwardWeights").outputs).toBe(4 * weights);
});
