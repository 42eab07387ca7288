import { expect, test } from "vitest";
import { parseDescriptor, printDescriptor } from "../../core/descriptor.ts";
import type { ConvProblem } from "../../core/problem.ts";
import { problemFault } from "../../core/problem-rules.ts";
import { leastPadEnd, multiplyAdds, outputShape, effectiveKernelSize } from "../../core/shape.ts";
import { CORNER_PROBLEMS } from "./corner-problems.ts";

test("corner problems are valid, canonical, small, and named apart", () => {
  for (const problem of CORNER_PROBLEMS) {
    expect([problem.name, problemFault(problem)]).toEqual([problem.name, undefined]);
    expect([problem.name, problem.padEnd]).toEqual([problem.name, leastPadEnd(problem)]);
    expect(multiplyAdds(problem)).toBeLessThan(50_000);
  }
  expect(new Set(CORNER_PROBLEMS.map(({ name }) => name)).size).toBe(CORNER_PROBLEMS.length);
});

test("their descriptors parse to the same problems", () => {
  for (const problem of CORNER_PROBLEMS) {
    expect(parseDescriptor(printDescriptor(problem), problem.bias).problem).toStrictEqual(problem);
  }
});

const axes = (problem: ConvProblem) =>
  problem.input.map((input, axis) => ({
    input,
    kernel: problem.kernel[axis]!,
    stride: problem.stride[axis]!,
    dilation: problem.dilation[axis]!,
    padBegin: problem.padBegin[axis]!,
    padEnd: problem.padEnd[axis]!,
    output: outputShape(problem)[axis]!,
    span: effectiveKernelSize(problem.kernel[axis]!, problem.dilation[axis]!),
  }));
type AxisFacts = ReturnType<typeof axes>[number];
const someAxis = (holds: (axis: AxisFacts) => boolean) => (problem: ConvProblem) => axes(problem).some(holds);
const everyAxis = (holds: (axis: AxisFacts) => boolean) => (problem: ConvProblem) => axes(problem).every(holds);

const CORNERS: Readonly<Record<string, (problem: ConvProblem) => boolean>> = {
  "1×1 strided": everyAxis(({ kernel, stride }) => kernel === 1 && stride > 1),
  "1×1 padded": everyAxis(({ kernel, padBegin, padEnd }) => kernel === 1 && padBegin + padEnd > 0),
  "kernel larger than input": everyAxis(({ input, span }) => span > input),
  "kernel is the input": everyAxis(({ input, kernel, output }) => kernel > 1 && input === kernel && output === 1),
  "output that sees padding alone": someAxis(({ padBegin, span }) => padBegin >= span),
  "unread rows": someAxis(
    ({ input, padBegin, padEnd, stride, output, span }) => (output - 1) * stride + span < input + padBegin + padEnd,
  ),
  "stride > kernel": everyAxis(({ stride, span }) => stride > span),
  "dilation with stride": everyAxis(({ kernel, dilation, stride }) => kernel > 1 && dilation > 1 && stride > 1),
  depthwise: ({ groups, inChannels, outChannels }) => groups > 1 && groups === inChannels && groups === outChannels,
  "depthwise with multiplier": ({ groups, inChannels, outChannels }) =>
    groups > 1 && groups === inChannels && outChannels > groups,
  "many groups": ({ groups, inChannels }) => groups > 16 && inChannels > groups,
  "asymmetric padding, more in front": someAxis(({ padBegin, padEnd }) => padBegin > padEnd),
  "asymmetric padding, more at the end": someAxis(({ padBegin, padEnd }) => padEnd > padBegin),
  crop: someAxis(({ padEnd }) => padEnd < 0),
  "rank 1": ({ input }) => input.length === 1,
  "rank 3": ({ input }) => input.length === 3,
  "batch > 1": ({ batch }) => batch > 1,
  "one row": ({ input }) => input.length === 2 && input[0] === 1 && input[1]! > 1,
  "one column": ({ input }) => input.length === 2 && input[1] === 1 && input[0]! > 1,
  "output 1×1": everyAxis(({ output, kernel }) => output === 1 && kernel > 1),
  "odd channels": ({ inChannels, outChannels }) => inChannels > 16 && inChannels % 2 === 1 && outChannels % 2 === 1,
  "no bias": ({ bias }) => !bias,
  "nothing square": (problem) =>
    [problem.input, problem.kernel, problem.stride, problem.dilation, problem.padBegin, problem.padEnd].every(
      ([h, w]) => w !== undefined && h !== w,
    ),
};

test.each(Object.entries(CORNERS))("there is a corner problem for: %s", (_, holds) => {
  expect(CORNER_PROBLEMS.some(holds)).toBe(true);
});
