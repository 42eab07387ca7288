import type { ConvProblem } from "../../core/problem.ts";
import { problemFault } from "../../core/problem-rules.ts";
import { leastPadEnd, multiplyAdds, outputShape, effectiveKernelSize } from "../../core/shape.ts";

/** Below this many multiply-adds a simpler problem may do more work than the one it came from: both take no time. */
const FREE_MULTIPLY_ADDS = 2 ** 16;

/**
 * How far a problem is from the smallest of all (one of everything, no padding, no bias): a positive integer, the sum
 * of its extents, in which a padding counts twice, so that an input element is simpler than a padded one.
 */
export function complexity(problem: ConvProblem): number {
  const sum = (values: readonly number[]): number => values.reduce((total, value) => total + Math.abs(value), 0);
  const channels = problem.batch + problem.inChannels + problem.outChannels + problem.groups;
  const axes = sum(problem.input) + sum(problem.kernel) + sum(problem.stride) + sum(problem.dilation);
  return channels + axes + 2 * (sum(problem.padBegin) + sum(problem.padEnd)) + (problem.bias ? 1 : 0);
}

/**
 * Problems that are simpler than a valid one, the boldest steps first: every dimension to its smallest, then halfway,
 * then a quarter of the way, down to steps of one. Each is valid, canonical, without a name, strictly less complex (so
 * that any descent ends), and does no more work than the given one unless both are small. Needs only the problem, not
 * how it was drawn.
 */
export function* simplerProblems(problem: ConvProblem): Generator<ConvProblem, void, undefined> {
  const { name: _, ...unnamed } = problem;
  const most = Math.max(multiplyAdds(problem), FREE_MULTIPLY_ADDS);
  const seen = new Set<string>();
  for (const candidate of candidates(unnamed)) {
    if (problemFault(candidate) !== undefined) continue;
    const simpler = { ...candidate, padEnd: leastPadEnd(candidate) };
    if (complexity(simpler) >= complexity(problem) || multiplyAdds(simpler) > most) continue;
    const key = JSON.stringify(simpler);
    if (seen.has(key)) continue;
    seen.add(key);
    yield simpler;
  }
}

function* candidates(problem: ConvProblem): Generator<ConvProblem, void, undefined> {
  yield* boldSteps(problem);
  const moves = [...countMoves(problem), ...axisMoves(problem)];
  const widest = moves.reduce((most, move) => Math.max(most, move.furthest), 0);
  for (let part = 1; part <= widest; part *= 2) {
    for (const { furthest, by } of moves) if (furthest >= part) yield by(Math.floor(furthest / part));
  }
  // A fault that needs an odd (or even) extent survives a step of two, not of one.
  for (const { furthest, by } of moves) if (furthest > 2) yield by(2);
}

/** Steps to the end of a dimension, those that save the most work first, and those that have no half way. */
function* boldSteps(problem: ConvProblem): Generator<ConvProblem, void, undefined> {
  const { input } = problem;
  const zeros = input.map(() => 0);
  const least = leastInput(problem);
  yield { ...problem, batch: 1 };
  yield { ...problem, input: least };
  for (const axis of input.keys()) yield { ...problem, input: input.with(axis, least[axis]!) };
  yield { ...problem, groups: 1 };
  // With all its channels in one group a depthwise layer may be too much work, with one group's filters it never is.
  yield { ...problem, groups: 1, outChannels: problem.outChannels / problem.groups };
  yield { ...problem, groups: 1, inChannels: problem.inChannels / problem.groups };
  if (input.length > 1) for (const axis of input.keys()) yield withoutAxis(problem, axis);
  const unpadded = { ...problem, padBegin: zeros, padEnd: zeros };
  yield unpadded;
  yield withOutputOf(problem, unpadded);
  yield { ...problem, bias: false };
}

/** The smallest input that still gives an output of one element, per axis. */
function leastInput(problem: ConvProblem): number[] {
  return problem.kernel.map((kernel, axis) => {
    const span = effectiveKernelSize(kernel, problem.dilation[axis]!);
    return Math.min(problem.input[axis]!, Math.max(1, span - problem.padBegin[axis]! - problem.padEnd[axis]!));
  });
}

/** One way to make a problem smaller by `step`, for steps from 1 to `furthest`. */
interface Move {
  readonly furthest: number;
  readonly by: (step: number) => ConvProblem;
}

/** Moves of batch, groups, and the channels and filters of a group, so that groups always divide both. */
function countMoves(problem: ConvProblem): readonly Move[] {
  const { batch, groups } = problem;
  const [channels, filters] = [problem.inChannels / groups, problem.outChannels / groups];
  const grouped = (g: number, c: number, k: number) => ({
    ...problem,
    groups: g,
    inChannels: g * c,
    outChannels: g * k,
  });
  return [
    { furthest: batch - 1, by: (step) => ({ ...problem, batch: batch - step }) },
    { furthest: groups - 1, by: (step) => grouped(groups - step, channels, filters) },
    { furthest: channels - 1, by: (step) => grouped(groups, channels - step, filters) },
    { furthest: filters - 1, by: (step) => grouped(groups, channels, filters - step) },
    { furthest: Math.min(channels, filters) - 1, by: (step) => grouped(groups, channels - step, filters - step) },
  ];
}

const LEAST = { input: 1, kernel: 1, stride: 1, dilation: 1, padBegin: 0, padEnd: 0 } as const;
type AxisField = keyof typeof LEAST;

const AXIS_FIELDS: readonly (readonly AxisField[])[] = [
  ["input"],
  ["kernel"],
  ["dilation"],
  ["stride"],
  // A fault of a stride that equals the kernel is gone when only one of the two shrinks.
  ["kernel", "stride"],
  ["padBegin"],
  ["padEnd"],
  ["padBegin", "padEnd"],
];

/**
 * Moves along each axis, and along all of them together for faults that need equal axes. Each but those of the input
 * comes in two kinds: with the input as it is, and with the input that keeps the output as it is (input elements take
 * the place of padding, say).
 */
function axisMoves(problem: ConvProblem): readonly Move[] {
  const all = [...problem.input.keys()];
  const sets = all.length > 1 ? [all, ...all.map((axis) => [axis])] : [all];
  return sets.flatMap((axes) =>
    AXIS_FIELDS.flatMap((fields): Move[] => {
      const distance = (field: AxisField) =>
        Math.max(...axes.map((axis) => Math.abs(problem[field][axis]! - LEAST[field])));
      const lower = (field: AxisField, step: number) =>
        problem[field].map((value, axis) => (axes.includes(axis) ? towards(value, LEAST[field], step) : value));
      const furthest = Math.min(...fields.map(distance));
      const by = (step: number): ConvProblem => ({
        ...problem,
        ...Object.fromEntries(fields.map((field) => [field, lower(field, step)])),
      });
      if (fields.includes("input")) return [{ furthest, by }];
      return [
        { furthest, by },
        { furthest, by: (step) => withOutputOf(problem, by(step)) },
      ];
    }),
  );
}

/**
 * The changed problem with the input that gives the original's output, unread rows included while the stride has room
 * for them.
 */
function withOutputOf(original: ConvProblem, changed: ConvProblem): ConvProblem {
  const input = outputShape(original).map((output, axis) => {
    const read = ({ stride, kernel, dilation }: ConvProblem) =>
      (output - 1) * stride[axis]! + effectiveKernelSize(kernel[axis]!, dilation[axis]!);
    const pads = ({ padBegin, padEnd }: ConvProblem) => padBegin[axis]! + padEnd[axis]!;
    const unread = original.input[axis]! + pads(original) - read(original);
    return read(changed) + Math.min(unread, changed.stride[axis]! - 1) - pads(changed);
  });
  return { ...changed, input };
}

/** The value `step` nearer to `least`, or `least`. */
function towards(value: number, least: number, step: number): number {
  return value > least ? Math.max(least, value - step) : Math.min(least, value + step);
}

function withoutAxis(problem: ConvProblem, removed: number): ConvProblem {
  const kept = (values: readonly number[]) => values.filter((_, axis) => axis !== removed);
  return {
    ...problem,
    input: kept(problem.input),
    kernel: kept(problem.kernel),
    stride: kept(problem.stride),
    dilation: kept(problem.dilation),
    padBegin: kept(problem.padBegin),
    padEnd: kept(problem.padEnd),
  };
}
