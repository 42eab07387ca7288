import type { ConvProblem } from "../../../core/problem.ts";
import { PADDINGS, paddingClass } from "../../../suites/problems/factors.ts";
import { alongAxes, axesOf, type Axis, type Feature } from "./features.ts";

const TRUE_OR_NOT = { least: 0, divisors: "phrase" } as const;

function phrase(name: string, cost: number, holds: (problem: ConvProblem) => boolean): Feature {
  return { ...TRUE_OR_NOT, name, where: "", quantifier: "some", cost, of: (problem) => [Number(holds(problem))] };
}

const isDepthwise = ({ groups, inChannels }: ConvProblem): boolean => groups > 1 && groups === inChannels;

/** What a problem is or is not: how its numbers stand to each other. */
export function phrasesOf(rank: number): readonly Feature[] {
  return [
    phrase("a bias", 1, ({ bias }) => bias),
    phrase("no bias", 1.2, ({ bias }) => !bias),
    phrase("depthwise", 1, isDepthwise),
    phrase("not depthwise", 1.4, (problem) => !isDepthwise(problem)),
    phrase("depthwise with a multiplier", 1.3, (problem) => {
      return isDepthwise(problem) && problem.outChannels > problem.inChannels;
    }),
    phrase("depthwise without a multiplier", 1.3, (problem) => {
      return isDepthwise(problem) && problem.outChannels === problem.inChannels;
    }),
    phrase("a kernel of one tap", 1.3, ({ kernel }) => kernel.every((extent) => extent === 1)),
    phrase("as many filters as groups", 1.4, ({ groups, outChannels }) => groups > 1 && groups === outChannels),
    ...AXIS_PHRASES.flatMap(({ name, cost, holds }) =>
      alongAxes(rank, { ...TRUE_OR_NOT, name, cost, of: (axis) => Number(holds(axis)) }),
    ),
    ...(rank === 1 ? [] : UNLIKE_AXES.flatMap(({ noun, of }) => unlikeAxes(noun, of))),
  ];
}

interface AxisPhrase {
  readonly name: string;
  readonly cost: number;
  readonly holds: (axis: Axis) => boolean;
}

function paddedAs(name: (typeof PADDINGS)[number], text: string): AxisPhrase {
  const holds = ({ padBegin, padEnd, span }: Axis): boolean => PADDINGS[paddingClass(padBegin, padEnd, span)] === name;
  return { name: text, cost: 1.15, holds };
}

const AXIS_PHRASES: readonly AxisPhrase[] = [
  paddedAs("even", "equal padding at both ends"),
  paddedAs("full", "full padding"),
  paddedAs("as large as the kernel", "padding as large as the kernel"),
  paddedAs("cropped", "a cropped input"),
  { name: "padding more at the end", cost: 1.05, holds: ({ padBegin, padEnd }) => padEnd > padBegin },
  { name: "padding more at the beginning", cost: 1.05, holds: ({ padBegin, padEnd }) => padBegin > padEnd },
  { name: "uneven padding", cost: 1.1, holds: ({ padBegin, padEnd }) => padBegin !== padEnd },
  { name: "stride larger than the kernel", cost: 1.1, holds: ({ stride, kernel }) => stride > kernel },
  {
    name: "stride larger than the kernel",
    cost: 1.12,
    holds: ({ stride, kernel, output }) => output > 1 && stride > kernel,
  },
  { name: "stride equal to the kernel", cost: 1.2, holds: ({ stride, kernel }) => kernel > 1 && stride === kernel },
  { name: "input smaller than the kernel", cost: 1.2, holds: ({ input, kernel }) => input < kernel },
  { name: "input smaller than the effective kernel", cost: 1.25, holds: ({ input, span }) => input < span },
  { name: "input as large as the kernel", cost: 1.3, holds: ({ input, span }) => input === span },
  { name: "dilation larger than the input", cost: 1.3, holds: ({ dilation, input }) => dilation > input },
];

const UNLIKE_AXES: readonly { readonly noun: string; readonly of: (axis: Axis) => number }[] = [
  { noun: "inputs", of: ({ input }) => input },
  { noun: "outputs", of: ({ output }) => output },
  { noun: "kernels", of: ({ kernel }) => kernel },
  { noun: "strides", of: ({ stride }) => stride },
  { noun: "strides", of: ({ stride, output }) => (output === 1 ? 1 : stride) },
  { noun: "dilations", of: ({ dilation }) => dilation },
  { noun: "dilations", of: ({ dilation, kernel }) => (kernel === 1 ? 1 : dilation) },
  { noun: "paddings", of: ({ padBegin }) => padBegin },
];

function unlikeAxes(noun: string, of: (axis: Axis) => number): readonly Feature[] {
  const areEqual = (problem: ConvProblem): boolean => new Set(axesOf(problem).map(of)).size === 1;
  return [
    phrase(`${noun} that differ between axes`, 1.2, (problem) => !areEqual(problem)),
    phrase(`equal ${noun} along all axes`, 1.4, areEqual),
  ];
}
