import type { ConvProblem } from "../../core/problem.ts";
import { effectiveKernelSize, elementCount, leastPadEnd, multiplyAdds, totalElements } from "../../core/shape.ts";
import type { RandomStream } from "../data/random.ts";
import { between, pick, shuffle } from "./draws.ts";
import { FIELD_LAYERS_IN_FULL } from "./field-layers.ts";

/** Multiply-adds are drawn between these powers of two, mostly few: a layer has as many outputs as they allow. */
const LEAST_EXPONENT = 14;
const MOST_EXPONENT = 24.5;
/** A layer as it is has this power of two of outputs, where that is not too many multiply-adds. */
const FEW_EXPONENT = 2;
/** The weights of the largest layers, such as 2,048 filters of 1,024 channels. */
const MOST_ELEMENTS = 2 ** 22;

/** A property of a layer is changed in one of so many draws. */
const ONE_CHANGE_IN = 6;

/** Outputs along an axis: those that networks have, and their neighbours. */
const EXTENTS = [
  1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 12, 13, 14, 15, 16, 17, 19, 20, 24, 25, 27, 28, 31, 32, 33, 35, 38, 40, 52, 55, 56, 57,
  64, 65, 75, 80, 96, 112, 113, 128, 147, 149, 160, 192, 208, 224, 256, 257, 512, 1024, 2048,
];
const BATCHES = [2, 2, 3, 4, 5, 8, 16, 32, 33, 48, 64];
const GROUP_COUNTS = [2, 3, 4, 8, 16, 24, 32];
const COUNTS = FIELD_LAYERS_IN_FULL.flatMap(({ inChannels, outChannels }) => [inChannels, outChannels]);

type Counts = Pick<ConvProblem, "groups" | "inChannels" | "outChannels">;
type Geometry = Pick<ConvProblem, "kernel" | "stride" | "dilation" | "padBegin" | "padEnd">;

/**
 * Layers of the field without end, with the channels that they have: by turns each as it is and one with a few changes
 * (other counts of the field, another grouping, rank, kernel, stride, dilation, padding or batch). Their planes are cut
 * to what a drawn number of multiply-adds allows. Implementations choose their paths by such layers, and reports are about them: 64 channels and
 * 64 filters and 3 × 3 and enough positions for a block of tiles.
 */
export function* variedLayers(random: RandomStream): Generator<ConvProblem, void, undefined> {
  const layers = [...FIELD_LAYERS_IN_FULL];
  for (;;) {
    shuffle(layers, random);
    for (const layer of layers) {
      for (const problem of [asItIs(layer, random), varied(pick(random, FIELD_LAYERS_IN_FULL), random)])
        if (problem !== undefined) yield problem;
    }
  }
}

/** The layer with another plane, of a few outputs at least. */
function asItIs(layer: ConvProblem, random: RandomStream): ConvProblem | undefined {
  const { kernel, stride, dilation, padBegin, padEnd, groups, inChannels, outChannels } = layer;
  const perOutput = (elementCount(kernel) * inChannels * outChannels) / groups;
  const exponent = Math.min(Math.max(drawExponent(random), Math.log2(perOutput) + FEW_EXPONENT), MOST_EXPONENT);
  return withOutputs(layer, { kernel, stride, dilation, padBegin, padEnd }, { batch: 1, exponent }, random);
}

function varied(layer: ConvProblem, random: RandomStream): ConvProblem | undefined {
  const counts = variedCounts(layer, random);
  const rank = isChanged(random) ? between(random, 1, 3) : layer.input.length;
  const geometry = variedGeometry(layer, rank, random);
  const batch = random.nextBelow(3) === 0 ? pick(random, BATCHES) : 1;
  return withOutputs(counts, geometry, { batch, exponent: drawExponent(random) }, random);
}

function drawExponent(random: RandomStream): number {
  return LEAST_EXPONENT + (random.nextBelow(1000) / 1000) ** 3 * (MOST_EXPONENT - LEAST_EXPONENT);
}

/** As many outputs as a number of multiply-adds allows; undefined where it allows none. */
function withOutputs(
  { groups, inChannels, outChannels }: Counts,
  geometry: Geometry,
  { batch, exponent }: { readonly batch: number; readonly exponent: number },
  random: RandomStream,
): ConvProblem | undefined {
  const most = 2 ** exponent;
  const perOutput = (batch * elementCount(geometry.kernel) * inChannels * outChannels) / groups;
  if (perOutput > most) return undefined;
  const input = drawOutputs(geometry.kernel.length, most / perOutput, random).map((output, axis) => {
    const { kernel, stride, dilation, padBegin, padEnd } = geometry;
    const span = effectiveKernelSize(kernel[axis]!, dilation[axis]!);
    const unread = random.nextBelow(3) === 0 ? random.nextBelow(stride[axis]!) : 0;
    return (output - 1) * stride[axis]! + span - padBegin[axis]! - padEnd[axis]! + unread;
  });
  if (input.some((extent) => extent < 1)) return undefined;
  const bias = random.nextBelow(2) === 0;
  const problem = { groups, inChannels, outChannels, batch, input, ...geometry, bias };
  const canonical = { ...problem, padEnd: leastPadEnd(problem) };
  return multiplyAdds(canonical) <= most && totalElements(canonical) <= MOST_ELEMENTS ? canonical : undefined;
}

function isChanged(random: RandomStream): boolean {
  return random.nextBelow(ONE_CHANGE_IN) === 0;
}

/** The counts of the layer, or others of the field, some one more or less; a depthwise layer mostly stays one. */
function variedCounts(layer: ConvProblem, random: RandomStream): Counts {
  const isDepthwise = isChanged(random)
    ? random.nextBelow(3) === 0
    : layer.groups > 1 && layer.groups === layer.inChannels;
  const drawn = (count: number): number => {
    if (random.nextBelow(4) > 0) return count;
    return Math.max(1, pick(random, COUNTS) + (random.nextBelow(3) === 0 ? pick(random, [-1, 1]) : 0));
  };
  const [channels, filters] = [drawn(layer.inChannels), drawn(layer.outChannels)];
  if (isDepthwise) {
    const multiplier = isChanged(random) ? between(random, 2, 4) : 1;
    return { groups: channels, inChannels: channels, outChannels: channels * multiplier };
  }
  const isGrouped = layer.groups < layer.inChannels && layer.groups > 1;
  const usual = isGrouped ? layer.groups : 1;
  const groups = isChanged(random) ? pick(random, GROUP_COUNTS) : usual;
  const whole = (count: number): number => groups * Math.max(1, Math.round(count / groups));
  return { groups, inChannels: whole(channels), outChannels: whole(filters) };
}

/** The geometry of the layer on so many axes, a few things changed; where the kernel changes, outputs stay as many. */
function variedGeometry(layer: ConvProblem, rank: number, random: RandomStream): Geometry {
  const onAxes = (values: readonly number[]): number[] =>
    Array.from({ length: rank }, (_, axis) => values[Math.min(axis, values.length - 1)]!);
  const all = (value: number): number[] => Array<number>(rank).fill(value);
  const isOther = { kernel: isChanged(random), dilation: isChanged(random), padding: isChanged(random) };
  const kernel = isOther.kernel ? all(pick(random, [1, 2, 3, 3, 4, 5, 5, 7])) : onAxes(layer.kernel);
  const dilation = isOther.dilation ? all(pick(random, [1, 2, 2, 3, 4, 6, 12])) : onAxes(layer.dilation);
  const stride = isChanged(random) ? all(pick(random, [1, 2, 2, 3, 4])) : onAxes(layer.stride);
  // A kernel that is not the same on all axes, or strides, or dilations.
  const own = isChanged(random) ? random.nextBelow(rank) : -1;
  const owned = pick(random, ["kernel", "stride", "dilation"]);
  if (own >= 0 && owned === "kernel") kernel[own] = pick(random, [1, 3, 5, 7]);
  if (own >= 0 && owned === "stride") stride[own] = pick(random, [1, 2, 3]);
  if (own >= 0 && owned === "dilation") dilation[own] = pick(random, [1, 2, 3]);
  const half = kernel.map((extent, axis) => Math.floor((effectiveKernelSize(extent, dilation[axis]!) - 1) / 2));
  const isResized = isOther.kernel || isOther.dilation || own >= 0;
  const [usualBegin, usualEnd] = isResized ? [half, half] : [onAxes(layer.padBegin), onAxes(layer.padEnd)];
  const padBegin = isOther.padding ? pick(random, [all(0), all(1), half]) : usualBegin;
  const padEnd = isOther.padding ? padBegin.map((pad) => pad + (owned === "stride" ? 1 : 0)) : usualEnd;
  return { kernel, stride, dilation, padBegin, padEnd };
}

/** Outputs along each axis, no more than `most` together: mostly nearly as many. */
function drawOutputs(rank: number, most: number, random: RandomStream): number[] {
  const outputs: number[] = [];
  let rest = most;
  for (let axis = 0; axis < rank; axis++) {
    const share = 2 ** ((random.nextBelow(1000) / 1000) * 2 - 1);
    const limit = axis === rank - 1 ? rest : Math.min(rest, rest ** (1 / (rank - axis)) * share);
    const fitting = EXTENTS.filter((extent) => extent <= limit);
    const largest = random.nextBelow(3) === 0 ? fitting : fitting.slice(-6);
    const output = fitting.length === 0 ? 1 : pick(random, largest);
    outputs.push(output);
    rest = Math.max(1, rest / output);
  }
  return outputs;
}
