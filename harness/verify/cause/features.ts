import type { ConvProblem, Pass } from "../../../core/problem.ts";
import { effectiveKernelSize, elementCount, outputShape, tensorShapes } from "../../../core/shape.ts";
import { reductionLength } from "../../../suites/data/operands.ts";

/** Something that a problem has, of which a condition may speak. */
export interface Feature {
  /** What stands before the condition's predicate: "channels". */
  readonly name: string;
  /** What stands behind it: " on every axis". */
  readonly where: string;
  /** Which of the values a condition asks for. */
  readonly quantifier: "some" | "every";
  /** The smallest value, which most problems have. */
  readonly least: number;
  /** How far a condition on it is from the plainest, to choose among those that tell the same. */
  readonly cost: number;
  /**
   * Which remainders its conditions may ask for: of a vector width and the like, of 2 alone, or none. A phrase is true
   * (1) or not (0), and its name says all.
   */
  readonly divisors: "blocks" | "parity" | "none" | "phrase";
  /** One value, or one for each axis. */
  readonly of: (problem: ConvProblem) => readonly number[];
}

/** One axis of a problem. */
export interface Axis {
  readonly input: number;
  readonly output: number;
  readonly kernel: number;
  readonly stride: number;
  readonly dilation: number;
  readonly padBegin: number;
  readonly padEnd: number;
  /** The effective kernel size. */
  readonly span: number;
}

/** An axis that a problem of lower rank lacks. */
const PLAIN_AXIS: Axis = {
  input: 1,
  output: 1,
  kernel: 1,
  stride: 1,
  dilation: 1,
  padBegin: 0,
  padEnd: 0,
  span: 1,
};

/** The axes of a problem, outermost first. */
export function axesOf(problem: ConvProblem): readonly Axis[] {
  const output = outputShape(problem);
  return problem.input.map((input, axis) => {
    const [kernel, dilation] = [problem.kernel[axis]!, problem.dilation[axis]!];
    return {
      input,
      output: output[axis]!,
      kernel,
      stride: problem.stride[axis]!,
      dilation,
      padBegin: problem.padBegin[axis]!,
      padEnd: problem.padEnd[axis]!,
      span: effectiveKernelSize(kernel, dilation),
    };
  });
}

/** A quantity of one axis, or what is or is not so along it. */
interface AxisFeature extends Pick<Feature, "least" | "cost" | "divisors"> {
  readonly name: string;
  /** Whether "kernel height" is better English than "kernel along the height". */
  readonly isExtent?: true;
  readonly of: (axis: Axis) => number;
}

/** Along some axis, along every axis, and along each axis that problems of this rank have. */
export function alongAxes(rank: number, { name, isExtent, of, cost, ...rest }: AxisFeature): readonly Feature[] {
  const ofAll = (problem: ConvProblem): readonly number[] => axesOf(problem).map(of);
  const words = ["width", "height", "depth"].slice(0, rank);
  // A row has one axis: there is nothing to tell apart until a plane is tried.
  const [someCost, ownCost, everyCost] = rank === 1 ? [cost, cost + 0.05, cost + 0.5] : [cost + 0.1, cost, cost + 0.15];
  return [
    { ...rest, name, where: rank === 1 ? "" : " on some axis", quantifier: "some", cost: someCost, of: ofAll },
    { ...rest, name, where: " on every axis", quantifier: "every", cost: everyCost, of: ofAll },
    ...words.map((word, place): Feature => {
      const named = isExtent === true ? { name: `${name} ${word}`, where: "" } : { name, where: ` along the ${word}` };
      const ofOne = (problem: ConvProblem): readonly number[] => [of(axesOf(problem).at(-1 - place) ?? PLAIN_AXIS)];
      return { ...rest, ...named, quantifier: "some", cost: ownCost, of: ofOne };
    }),
  ];
}

/**
 * What each axis has. A stride over one output does nothing, nor does a dilation of one tap: the first kind of each
 * counts these as 1, the second as they stand.
 */
const AXIS_NUMBERS: readonly AxisFeature[] = [
  { name: "input", isExtent: true, least: 1, cost: 1.1, divisors: "blocks", of: ({ input }) => input },
  { name: "output", isExtent: true, least: 1, cost: 1, divisors: "blocks", of: ({ output }) => output },
  { name: "kernel", isExtent: true, least: 1, cost: 1, divisors: "blocks", of: ({ kernel }) => kernel },
  {
    name: "stride",
    least: 1,
    cost: 1.02,
    divisors: "parity",
    of: ({ stride, output }) => (output === 1 ? 1 : stride),
  },
  { name: "stride", least: 1, cost: 1, divisors: "parity", of: ({ stride }) => stride },
  {
    name: "dilation",
    least: 1,
    cost: 1.02,
    divisors: "parity",
    of: ({ dilation, kernel }) => (kernel === 1 ? 1 : dilation),
  },
  { name: "dilation", least: 1, cost: 1, divisors: "parity", of: ({ dilation }) => dilation },
  {
    name: "padding",
    least: 0,
    cost: 1,
    divisors: "none",
    of: ({ padBegin, padEnd }) => Math.max(0, padBegin, padEnd),
  },
  { name: "padding at the beginning", least: 0, cost: 1.1, divisors: "parity", of: ({ padBegin }) => padBegin },
  { name: "padding at the end", least: 0, cost: 1.1, divisors: "parity", of: ({ padEnd }) => Math.max(0, padEnd) },
  { name: "effective kernel", isExtent: true, least: 1, cost: 1.4, divisors: "parity", of: ({ span }) => span },
  {
    name: "unread elements at the end",
    least: 0,
    cost: 1.4,
    divisors: "none",
    of: ({ input, output, padBegin, padEnd, stride, span }) =>
      Math.max(0, input + padBegin + padEnd - (output - 1) * stride - span),
  },
];

function resultElements(problem: ConvProblem, pass: Pass): number {
  const { x, weights, y } = tensorShapes(problem);
  return elementCount(pass === "forward" ? y : pass === "backwardData" ? x : weights);
}

/** The numbers that problems near one of this rank have, as a pass sees them. */
export function numbersOf(rank: number, pass: Pass): readonly Feature[] {
  const count = (name: string, cost: number, of: (problem: ConvProblem) => number): Feature => {
    return { name, where: "", quantifier: "some", least: 1, cost, divisors: "blocks", of: (problem) => [of(problem)] };
  };
  return [
    count("batch", 1, ({ batch }) => batch),
    count("groups", 1, ({ groups }) => groups),
    count("channels", 1, ({ inChannels }) => inChannels),
    count("filters", 1, ({ outChannels }) => outChannels),
    count("channels in a group", 1.1, ({ inChannels, groups }) => inChannels / groups),
    count("filters in a group", 1.1, ({ outChannels, groups }) => outChannels / groups),
    count("products in a sum", 1.5, (problem) => reductionLength(problem, pass)),
    count("elements of the result", 1.5, (problem) => resultElements(problem, pass)),
    count("taps of the kernel", 1.4, ({ kernel }) => elementCount(kernel)),
    count("outputs in a plane", 1.4, (problem) => elementCount(outputShape(problem))),
    { ...count("rank", 0.9, ({ input }) => input.length), divisors: "none" },
    ...AXIS_NUMBERS.flatMap((number) => alongAxes(rank, number)),
  ];
}
