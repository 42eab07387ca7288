/** A problem with one of its factors changed, valid as a whole. */
import type { ConvProblem } from "../../core/problem.ts";
import { problemFault } from "../../core/problem-rules.ts";
import { effectiveKernelSize, multiplyAdds, outputShape, totalElements } from "../../core/shape.ts";
import type { RandomStream } from "../data/random.ts";
import { between, pick } from "./draws.ts";

const COUNT_FIELDS = ["batch", "channels", "filters", "groups", "depthwise"] as const;
const AXIS_FIELDS = ["input", "output", "kernel", "stride", "dilation", "padBegin", "padEnd"] as const;

export type CountField = (typeof COUNT_FIELDS)[number];
export type AxisField = (typeof AXIS_FIELDS)[number];

/** A count of a problem: channels and filters keep the groups, groups and depthwise what one group has. */
export function withCount(problem: ConvProblem, field: CountField, value: number): ConvProblem {
  const { inChannels, outChannels, groups } = problem;
  const isDepthwise = groups > 1 && groups === inChannels;
  switch (field) {
    case "batch":
      return { ...problem, batch: value };
    case "channels":
      return isDepthwise ? withCount(problem, "groups", value) : { ...problem, inChannels: value };
    case "filters":
      return isDepthwise && outChannels === groups
        ? withCount(problem, "groups", value)
        : { ...problem, outChannels: value };
    case "groups":
      return {
        ...problem,
        groups: value,
        inChannels: (value * inChannels) / groups,
        outChannels: (value * outChannels) / groups,
      };
    case "depthwise":
      return { ...problem, groups: value, inChannels: value, outChannels: value };
  }
}

/** An extent along some axes. An output is had by the input that gives it. */
export function withExtent(
  problem: ConvProblem,
  field: AxisField,
  axes: readonly number[],
  value: number,
): ConvProblem {
  const { kernel, stride, dilation, padBegin, padEnd } = problem;
  const isOutput = field === "output";
  const changed = isOutput ? "input" : field;
  const valueAt = (axis: number): number => {
    if (!isOutput) return value;
    const span = effectiveKernelSize(kernel[axis]!, dilation[axis]!);
    return (value - 1) * stride[axis]! + span - padBegin[axis]! - padEnd[axis]!;
  };
  return { ...problem, [changed]: problem[changed].map((old, axis) => (axes.includes(axis) ? valueAt(axis) : old)) };
}

/** Large tensors cost time to make and to move, whatever is computed from them. */
const ELEMENTS_PER_MULTIPLY_ADD = 8;
const MOST_ELEMENTS = 2 ** 19;

/** Whether a problem is one, and has at most this many multiply-adds, and not many more elements. */
export function isAffordable(problem: ConvProblem, most: number): boolean {
  if (problemFault(problem) !== undefined || multiplyAdds(problem) > most) return false;
  return totalElements(problem) <= Math.min(MOST_ELEMENTS, ELEMENTS_PER_MULTIPLY_ADD * most);
}

/** How often a variation is drawn before there is said to be none. */
const DRAWS = 20;
/** The largest value that is drawn where nothing suggests one. */
const MOST_DRAWN = 7;

/**
 * A problem that differs in one random factor, or in a few, along one axis or all: one more or less, half, twice, a
 * small value, or one of `constants` or its neighbours. Undefined where none of some has at most `most` multiply-adds.
 */
export function variationOf(
  problem: ConvProblem,
  random: RandomStream,
  most: number,
  constants: readonly number[] = [],
): ConvProblem | undefined {
  const { name: _, ...unnamed } = problem;
  for (let draw = 0; draw < DRAWS; draw++) {
    let varied = variedOnce(unnamed, random, constants);
    while (random.nextBelow(3) === 0) varied = variedOnce(varied, random, constants);
    if (isAffordable(varied, most)) return varied;
  }
  return undefined;
}

function variedOnce(problem: ConvProblem, random: RandomStream, constants: readonly number[]): ConvProblem {
  const at = random.nextBelow(COUNT_FIELDS.length + 2 * AXIS_FIELDS.length + 1);
  const count = COUNT_FIELDS[at];
  if (count !== undefined) {
    const old = { ...problem, channels: problem.inChannels, filters: problem.outChannels, depthwise: problem.groups };
    return withCount(problem, count, Math.max(1, valueNear(old[count], random, constants)));
  }
  const field = AXIS_FIELDS[(at - COUNT_FIELDS.length) % AXIS_FIELDS.length];
  if (at === COUNT_FIELDS.length + 2 * AXIS_FIELDS.length || field === undefined)
    return { ...problem, bias: !problem.bias };
  const all = [...problem.input.keys()];
  const axes = random.nextBelow(4) === 0 ? all : [pick(random, all)];
  const old = problem[field === "output" ? "input" : field][axes[0]!]!;
  const least = field === "padEnd" ? -2 : field === "padBegin" ? 0 : 1;
  const changed = withExtent(problem, field, axes, Math.max(least, valueNear(old, random, constants)));
  // With the input as it is the output changes: what depends on the output is to stay at times.
  return field === "input" || field === "output" || random.nextBelow(2) === 0
    ? changed
    : withOutputOf(problem, changed);
}

/** The changed problem with the input that gives the original's output. */
function withOutputOf(original: ConvProblem, changed: ConvProblem): ConvProblem {
  return outputShape(original).reduce(
    (problem, output, axis) => withExtent(problem, "output", [axis], output),
    changed,
  );
}

function valueNear(old: number, random: RandomStream, constants: readonly number[]): number {
  if (constants.length > 0 && random.nextBelow(2) === 0)
    return pick(random, constants) + pick(random, [0, 0, 0, -1, 1]);
  switch (random.nextBelow(5)) {
    case 0:
      return old + 1;
    case 1:
      return old - 1;
    case 2:
      return 2 * old;
    case 3:
      return Math.floor(old / 2);
    default:
      return between(random, 0, MOST_DRAWN);
  }
}
