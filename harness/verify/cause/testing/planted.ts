import type { ConvProblem } from "../../../../core/problem.ts";
import { leastPadEnd, outputShape } from "../../../../core/shape.ts";

/** A condition as a fault may have it, and a way to make a problem meet it. */
export interface Planted {
  /** As a cause names it. */
  readonly name: string;
  /** What it is about: a conjunction has one condition of each. */
  readonly subject: string;
  readonly holds: (problem: ConvProblem) => boolean;
  readonly imposed: (problem: ConvProblem) => ConvProblem;
}

const all = (problem: ConvProblem, value: number): number[] => problem.input.map(() => value);
const some = (values: readonly number[], test: (value: number) => boolean): boolean => values.some(test);

function withGroups(problem: ConvProblem, groups: number): ConvProblem {
  const { inChannels, outChannels } = problem;
  return {
    ...problem,
    groups,
    inChannels: Math.ceil(inChannels / groups) * groups,
    outChannels: Math.ceil(outChannels / groups) * groups,
  };
}

/** Grown so that the output on each axis is at least this large. */
export function withOutput(problem: ConvProblem, output: number): ConvProblem {
  const own = outputShape(problem);
  const input = problem.input.map((extent, axis) => extent + Math.max(0, output - own[axis]!) * problem.stride[axis]!);
  const grown = { ...problem, input };
  return { ...grown, padEnd: leastPadEnd(grown) };
}

const atLeast = (threshold: number) => (value: number) => value >= threshold;

/** Conditions of every kind, thresholds and remainders among those that implementations have. */
export const PLANTED: readonly Planted[] = [
  ...[2, 3, 5].map((least): Planted => ({
    name: `groups ≥ ${least}`,
    subject: "groups",
    holds: ({ groups }) => groups >= least,
    imposed: (problem) => withGroups(problem, least + 1),
  })),
  {
    name: "depthwise",
    subject: "groups",
    holds: ({ groups, inChannels }) => groups > 1 && groups === inChannels,
    imposed: (problem) => ({ ...problem, groups: 6, inChannels: 6, outChannels: 12 }),
  },
  ...[2, 5, 9, 17].map((least): Planted => ({
    name: `channels ≥ ${least}`,
    subject: "channels",
    holds: ({ inChannels }) => inChannels >= least,
    imposed: (problem) => ({ ...problem, inChannels: problem.groups * (least + 1) }),
  })),
  ...[4, 8, 32].map((divisor): Planted => ({
    name: `channels a multiple of ${divisor}`,
    subject: "channels",
    holds: ({ inChannels }) => inChannels % divisor === 0,
    imposed: (problem) => ({ ...problem, inChannels: problem.groups * divisor }),
  })),
  ...[2, 9, 33].map((least): Planted => ({
    name: `filters ≥ ${least}`,
    subject: "filters",
    holds: ({ outChannels }) => outChannels >= least,
    imposed: (problem) => ({ ...problem, outChannels: problem.groups * (least + 2) }),
  })),
  ...[2, 4].map((least): Planted => ({
    name: `batch ≥ ${least}`,
    subject: "batch",
    holds: ({ batch }) => batch >= least,
    imposed: (problem) => ({ ...problem, batch: least + 1 }),
  })),
  {
    name: "a bias",
    subject: "bias",
    holds: ({ bias }) => bias,
    imposed: (problem) => ({ ...problem, bias: true }),
  },
  ...[2, 4, 12].map((least): Planted => ({
    name: `kernel ≥ ${least}`,
    subject: "kernel",
    holds: ({ kernel }) => some(kernel, atLeast(least)),
    imposed: (problem) => ({ ...problem, kernel: all(problem, least + 1), input: all(problem, 60) }),
  })),
  {
    name: "kernel even",
    subject: "kernel",
    holds: ({ kernel }) => some(kernel, (extent) => extent % 2 === 0),
    imposed: (problem) => ({ ...problem, kernel: all(problem, 4), input: all(problem, 60) }),
  },
  ...[2, 3].map((least): Planted => ({
    name: `stride ≥ ${least}`,
    subject: "stride",
    holds: ({ stride }) => some(stride, atLeast(least)),
    imposed: (problem) => ({ ...problem, stride: all(problem, least) }),
  })),
  ...[2, 4, 13].map((least): Planted => ({
    name: `dilation ≥ ${least}`,
    subject: "dilation",
    holds: ({ dilation }) => some(dilation, atLeast(least)),
    imposed: (problem) => ({ ...problem, dilation: all(problem, least), input: all(problem, 180) }),
  })),
  {
    name: "padding more at the end",
    subject: "padding",
    holds: ({ padBegin, padEnd }) => padEnd.some((end, axis) => end > padBegin[axis]!),
    imposed: (problem) => ({ ...problem, padEnd: all(problem, 3) }),
  },
  {
    name: "padding at the beginning ≥ 1",
    subject: "padding",
    holds: ({ padBegin }) => some(padBegin, atLeast(1)),
    imposed: (problem) => ({ ...problem, padBegin: all(problem, 2) }),
  },
  ...[2, 5].map((least): Planted => ({
    name: `output ≥ ${least}`,
    subject: "output",
    holds: (problem) => some(outputShape(problem), atLeast(least)),
    imposed: (problem) => withOutput(problem, least + 1),
  })),
];
