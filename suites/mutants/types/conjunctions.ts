/** Mistakes of a type that show in some problems only, as kernels have a path for each kind of layer. */
import type { ProblemType } from "../../../core/element-types.ts";
import type { ConvProblem, Pass } from "../../../core/problem.ts";
import { ALL, FORWARD, type Mutant } from "../mutant.ts";
import { blockedSum, cut, roundedSum, tiesAway, toBfloat, toHalf, typedMutant, type TypedHandles } from "./typed.ts";

type Condition = (problem: ConvProblem) => boolean;

const every = (list: readonly number[], value: number): boolean => list.every((one) => one === value);
const perGroup = ({ inChannels, groups }: ConvProblem): number => inChannels / groups;
const isDepthwise: Condition = (problem) => problem.groups > 1 && perGroup(problem) === 1;
const isPointwise: Condition = ({ kernel }) => every(kernel, 1);
const isPadded: Condition = ({ padBegin }) => padBegin.some((pad) => pad > 0);
const isStrided: Condition = ({ stride }) => stride.some((step) => step > 1);
const isDilated: Condition = ({ dilation }) => dilation.some((step) => step > 1);
const isOneImage: Condition = ({ batch }) => batch === 1;
const hasTail: Condition = (problem) => perGroup(problem) % 4 !== 0;
const isGrouped: Condition = ({ groups }) => groups > 1;

function where(
  name: string,
  type: ProblemType,
  passes: readonly Pass[],
  conditions: readonly Condition[],
  handles: TypedHandles,
  description: string,
): Mutant {
  const of = (problem: ConvProblem): TypedHandles => (conditions.every((holds) => holds(problem)) ? handles : {});
  return typedMutant(name, type, passes, of, description);
}

const single = Math.fround;
const wrap16 = (value: number): number => (value << 16) >> 16;

export const TYPE_CONJUNCTION_MUTANTS: readonly Mutant[] = [
  where(
    "depthwise-strided-16-bits",
    "u8s8s32",
    FORWARD,
    [isDepthwise, isStrided],
    { sum: roundedSum(wrap16) },
    "Depthwise with a stride: sums are held in 16 bits",
  ),
  where(
    "pointwise-tail-unsigned",
    "s8s8s32",
    FORWARD,
    [isPointwise, hasTail],
    { filter: (value) => value & 0xff },
    "1 × 1, channels that are no multiple of four: weights are read as unsigned",
  ),
  where(
    "padded-grouped-clamped",
    "u8s8s32",
    FORWARD,
    [isPadded, isGrouped],
    { filter: (value) => Math.max(-127, value) },
    "Padding and groups: a weight of −128 is taken as −127",
  ),
  where(
    "one-image-dilated-saturates",
    "u8u8s32",
    FORWARD,
    [isOneImage, isDilated],
    { sum: roundedSum((value) => Math.min(2 ** 15 - 1, value)) },
    "One image, dilation: sums saturate in 16 bits",
  ),
  where(
    "f16-pointwise-strided-sums",
    "f16",
    ALL,
    [isPointwise, isStrided],
    { sum: roundedSum(toHalf) },
    "1 × 1 with a stride: sums are float16",
  ),
  where(
    "f16-depthwise-padded-cut",
    "f16",
    ALL,
    [isDepthwise, isPadded],
    { keep: cut("f16") },
    "Depthwise with padding: results are cut off",
  ),
  where(
    "bf16-grouped-tail-blocks",
    "bf16",
    ALL,
    [isGrouped, hasTail],
    { sum: blockedSum(4, single, toBfloat) },
    "Groups of channels that are no multiple of four: blocks are added in bfloat16",
  ),
  where(
    "bf16-dilated-ties-away",
    "bf16",
    ALL,
    [isDilated],
    { keep: tiesAway("bf16") },
    "Dilation: ties are rounded away from zero",
  ),
  where(
    "f64-depthwise-dilated-f32",
    "f64",
    ALL,
    [isDepthwise, isDilated],
    { sum: roundedSum(single) },
    "Depthwise with dilation: float64 is summed in float32",
  ),
  where(
    "f64-one-image-strided-f32",
    "f64",
    ALL,
    [isOneImage, isStrided, isPadded],
    { keep: single },
    "One image, stride and padding: the sum goes through a float32",
  ),
];
