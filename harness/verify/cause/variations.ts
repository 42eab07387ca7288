import type { ConvProblem } from "../../../core/problem.ts";
import { problemFault } from "../../../core/problem-rules.ts";
import { elementCount, leastPadEnd, multiplyAdds, tensorShapes } from "../../../core/shape.ts";
import type { RandomStream } from "../../../suites/data/random.ts";
import { between, pick } from "../../../suites/problems/draws.ts";
import { axesOf } from "./features.ts";

/** One value of a problem, or several that are changed together. */
interface Knob {
  readonly value: number;
  readonly least: number;
  /** The problem with another value, in each way of keeping the rest. */
  readonly turned: (value: number) => readonly ConvProblem[];
}

const AXIS_FIELDS = ["kernel", "stride", "dilation", "padBegin", "padEnd"] as const;
type AxisField = (typeof AXIS_FIELDS)[number];
const LEAST = { kernel: 1, stride: 1, dilation: 1, padBegin: 0, padEnd: 0 } as const;

/** The size of a problem may grow up to this, however small the failing one is. */
const FREE_ELEMENTS = 6_000;
const FREE_MULTIPLY_ADDS = 20_000;

/** Whether a problem costs little, compared with the failing one. */
export type Fits = (problem: ConvProblem) => boolean;

/** Problems of about the size of the failing one, or small ones. */
export function fitsNear(failing: ConvProblem): Fits {
  const elements = (problem: ConvProblem): number => {
    const { x, weights, y } = tensorShapes(problem);
    return elementCount(x) + elementCount(weights) + elementCount(y);
  };
  const mostElements = Math.max(FREE_ELEMENTS, 3 * elements(failing));
  const most = Math.max(FREE_MULTIPLY_ADDS, 3 * multiplyAdds(failing));
  return (problem) => multiplyAdds(problem) <= most && elements(problem) <= mostElements;
}

/** A changed problem in its canonical form; undefined where it is none, or costs too much. */
function canonical(problem: ConvProblem, fits: Fits): ConvProblem | undefined {
  if (problemFault(problem) !== undefined) return undefined;
  const { name: _, ...unnamed } = { ...problem, padEnd: leastPadEnd(problem) };
  return fits(unnamed) ? unnamed : undefined;
}

/**
 * The problem nearest to the failing one with one value at its plainest, then one step up, then doubled: where the
 * failure goes, the value matters.
 */
export function singleChanges(failing: ConvProblem, fits: Fits): readonly ConvProblem[] {
  const knobs = knobsOf(failing);
  const changes = [
    ...knobs.flatMap(({ value, least, turned }) => (value === least ? [] : turned(least))),
    ...rankChanges(failing),
    ...knobs.flatMap(({ value, least, turned }) => (value - 1 > least ? turned(value - 1) : [])),
    ...knobs.flatMap(({ value, turned }) => turned(value + 1)),
    ...knobs.flatMap(({ value, turned }) => (value > 1 ? turned(2 * value) : [])),
  ];
  return changes.flatMap((problem) => canonical(problem, fits) ?? []);
}

/** A problem that differs from this one in some values, mostly few, and rarely hides what the failing one shows. */
export function randomVariant(
  problem: ConvProblem,
  failing: ConvProblem,
  { random, fits }: { readonly random: RandomStream; readonly fits: Fits },
): ConvProblem | undefined {
  let variant = problem;
  const changes = pick(random, [1, 1, 1, 2, 2, 3, 4]);
  for (let change = 0; change < changes; change++) {
    const others = random.nextBelow(12) === 0 ? rankChanges(variant) : turnedAtRandom(variant, random);
    const valid = others.flatMap((other) => canonical(other, fits) ?? []);
    if (valid.length > 0) variant = pick(random, valid);
  }
  if (variant === problem) return undefined;
  return !hides(variant) || hides(failing) || random.nextBelow(8) === 0 ? variant : undefined;
}

/** Where windows lie wholly in the padding, or most of their taps do, a fault may not show. */
function hides(problem: ConvProblem): boolean {
  return axesOf(problem).some(({ input, padBegin, padEnd, span, dilation }) => {
    return Math.max(padBegin, padEnd) >= span || (dilation > 1 && input < span);
  });
}

function turnedAtRandom(problem: ConvProblem, random: RandomStream): readonly ConvProblem[] {
  const { value, least, turned } = pick(random, knobsOf(problem));
  return turned(drawnValue(value, least, random));
}

/** A value near this one, a small one, or one at or beside a multiple of a block. */
function drawnValue(value: number, least: number, random: RandomStream): number {
  const block = pick(random, [4, 8, 8, 16, 32]);
  const drawn = pick(random, [
    () => value - 1,
    () => value + 1,
    () => value + between(random, -3, 3),
    () => between(random, least, 6),
    () => least,
    () => 2 * value + between(random, -1, 1),
    () => Math.ceil(value / 2),
    () => block * Math.max(1, Math.round(value / block) + between(random, -1, 1)) + pick(random, [0, 0, 1, -1]),
    () => between(random, least, Math.max(8, 2 * value)),
  ])();
  return Math.max(least, drawn);
}

function knobsOf(problem: ConvProblem): readonly Knob[] {
  return [...countKnobs(problem), ...axisKnobs(problem), ...joinedKnobs(problem)];
}

function countKnobs(problem: ConvProblem): readonly Knob[] {
  const { batch, groups, inChannels, outChannels, bias } = problem;
  const [channels, filters] = [inChannels / groups, outChannels / groups];
  const grouped = (g: number, c: number, k: number): ConvProblem => {
    return { ...problem, groups: g, inChannels: g * c, outChannels: g * k };
  };
  return [
    { value: batch, least: 1, turned: (value) => [{ ...problem, batch: value }] },
    {
      value: groups,
      least: 1,
      // With the counts of a group as they are, or those of the problem.
      turned: (value) => [
        grouped(value, channels, filters),
        ...(groups === 1 ? [] : [{ ...problem, groups: value }]),
        grouped(value, 1, filters),
      ],
    },
    { value: channels, least: 1, turned: (value) => [grouped(groups, value, filters)] },
    { value: filters, least: 1, turned: (value) => [grouped(groups, channels, value)] },
    { value: channels, least: 1, turned: (value) => [grouped(groups, value, value)] },
    {
      value: inChannels,
      least: 1,
      turned: (value) => [grouped(value, 1, 1), grouped(value, 1, 2)],
    },
    { value: Number(bias), least: 0, turned: (value) => [{ ...problem, bias: value > 0 }] },
  ];
}

/** Each value of each axis, and of all axes together. */
function axisKnobs(problem: ConvProblem): readonly Knob[] {
  const axes = [...problem.input.keys()];
  const sets = axes.length === 1 ? [axes] : [...axes.map((axis) => [axis]), axes];
  return sets.flatMap((set) => {
    const first = set[0]!;
    const withValue = (values: readonly number[], value: number): number[] =>
      values.map((own, axis) => (set.includes(axis) ? value : own));
    const { output } = axesOf(problem)[first]!;
    return [
      {
        value: problem.input[first]!,
        least: 1,
        turned: (value) => [{ ...problem, input: withValue(problem.input, value) }],
      },
      { value: output, least: 1, turned: (value) => [withOutput(problem, set, value)] },
      ...AXIS_FIELDS.map((field): Knob => ({
        value: problem[field][first]!,
        least: field === "padEnd" && problem.padBegin[first] === 0 && problem.input[first]! > 1 ? -1 : LEAST[field],
        turned: (value) => withAndWithoutOutput(problem, set, { [field]: withValue(problem[field], value) }),
      })),
    ];
  });
}

/** Values that faults compare: kernel and stride, both paddings. */
function joinedKnobs(problem: ConvProblem): readonly Knob[] {
  return [...problem.input.keys()].flatMap((axis) =>
    [["kernel", "stride"] as const, ["padBegin", "padEnd"] as const].map((fields): Knob => ({
      value: problem[fields[0]][axis]!,
      least: LEAST[fields[0]],
      turned: (value) => {
        const changed = Object.fromEntries(fields.map((field) => [field, problem[field].with(axis, value)]));
        return withAndWithoutOutput(problem, [axis], changed);
      },
    })),
  );
}

/** The changed problem with its input as it was, and with the input that gives the output as it was. */
function withAndWithoutOutput(
  problem: ConvProblem,
  axes: readonly number[],
  change: Partial<Record<AxisField, readonly number[]>>,
): readonly ConvProblem[] {
  const changed = { ...problem, ...change };
  const before = axesOf(problem);
  const kept = axes.reduce((latest, axis) => withOutput(latest, [axis], before[axis]!.output), changed);
  return [kept, changed];
}

/** The problem with the least input that gives this output on these axes. */
function withOutput(problem: ConvProblem, axes: readonly number[], output: number): ConvProblem {
  const own = axesOf(problem);
  const input = problem.input.map((extent, axis) => {
    const { stride, span, padBegin, padEnd } = own[axis]!;
    return axes.includes(axis) ? (output - 1) * stride + span - padBegin - padEnd : extent;
  });
  return { ...problem, input };
}

const PLAIN_AXIS = { input: 1, kernel: 1, stride: 1, dilation: 1, padBegin: 0, padEnd: 0 } as const;
type AxisLists = Record<keyof typeof PLAIN_AXIS, readonly number[]>;

/** The problem with a plain axis more, or one axis less. */
function rankChanges(problem: ConvProblem): readonly ConvProblem[] {
  const { input, kernel, stride, dilation, padBegin, padEnd } = problem;
  const lists: AxisLists = { input, kernel, stride, dilation, padBegin, padEnd };
  const changed = (change: (values: readonly number[], plain: number) => readonly number[]): ConvProblem => ({
    ...problem,
    input: change(lists.input, PLAIN_AXIS.input),
    kernel: change(lists.kernel, PLAIN_AXIS.kernel),
    stride: change(lists.stride, PLAIN_AXIS.stride),
    dilation: change(lists.dilation, PLAIN_AXIS.dilation),
    padBegin: change(lists.padBegin, PLAIN_AXIS.padBegin),
    padEnd: change(lists.padEnd, PLAIN_AXIS.padEnd),
  });
  const more = input.length < 3 ? [changed((values, plain) => [plain, ...values])] : [];
  const fewer =
    input.length > 1 ? [changed((values) => values.slice(1)), changed((values) => values.slice(0, -1))] : [];
  return [...more, ...fewer];
}
