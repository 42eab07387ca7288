/** A small network, images to train it on, and stochastic gradient descent: all of it made here. */
import type { Network } from "../../../core/network.ts";
import { evaluateNetwork } from "../../../reference/graph/evaluate.ts";
import { crossEntropy } from "../../../reference/graph/objective.ts";
import { initialParameters, type NetworkParameters } from "../../../reference/graph/parameters.ts";
import { reverseMode } from "../../../reference/graph/reverse-mode.ts";
import { filled, mapped, tensor, type Tensor } from "../../../reference/layers/tensor.ts";
import { keyedUniforms, seededUniforms } from "../../../reference/testing/uniforms.ts";
import { convolution, fullyConnected, maxPooling, NetworkBuilder, RELU } from "../../../suites/networks/builder.ts";

export const SIZE = 12;
export const CLASSES = ["upright", "lying", "rising", "falling"] as const;
export const FILTERS = 6;
export const KERNEL = 5;

/** Images of one line each, and which way it runs. */
export interface Labelled {
  readonly images: readonly Float64Array[];
  readonly labels: readonly number[];
}

/** The direction of each class, (dx, dy) for a step along the line. */
const DIRECTIONS = [
  [0, 1],
  [1, 0],
  [1, -1],
  [1, 1],
] as const;

const LENGTH = 7;

/** `count` images: a line of 7 pixels somewhere, in one of four directions, with noise all over. */
export function madeImages(count: number, seed: number): Labelled {
  const uniform = seededUniforms(seed);
  const labels = Array.from({ length: count }, (_, index) => index % CLASSES.length);
  const images = labels.map((label) => {
    const [dx, dy] = DIRECTIONS[label] ?? [0, 1];
    const values = Float64Array.from({ length: SIZE * SIZE }, () => 0.35 * uniform());
    const startOf = (step: number): number => {
      const room = step === 0 ? SIZE : SIZE - LENGTH + 1;
      return Math.floor(uniform() * room) + (step < 0 ? LENGTH - 1 : 0);
    };
    const [x, y] = [startOf(dx), startOf(dy)];
    for (let at = 0; at < LENGTH; at++) values[(y + at * dy) * SIZE + x + at * dx]! += 0.65;
    return values;
  });
  return { images, labels };
}

/** Six filters of 5 × 5, ReLU, a maximum of each 2 × 2, and scores of four classes. */
export function smallNetwork(): Network {
  const net = new NetworkBuilder();
  net.add("conv", convolution(FILTERS, { kernel: KERNEL }));
  net.add("relu", RELU);
  net.add("pool", maxPooling({ kernel: 2, stride: 2 }));
  net.add("flatten", { kind: "flatten" });
  net.add("scores", fullyConnected(CLASSES.length));
  return net.network({
    name: "lines",
    description: "tells which way a line runs",
    source: "",
    input: { channels: 1, spatial: [SIZE, SIZE] },
  });
}

const NETWORK = smallNetwork();

export function startParameters(seed: number): NetworkParameters {
  return initialParameters(NETWORK, keyedUniforms(seed));
}

function batchOf({ images }: Labelled, indices: readonly number[]): Tensor {
  const x = filled([indices.length, 1, SIZE, SIZE]);
  indices.forEach((index, n) => x.values.set(images[index] ?? [], n * SIZE * SIZE));
  return x;
}

/** One step of gradient descent on some images: the loss before it, and the parameters after. */
export function sgdStep(
  parameters: NetworkParameters,
  data: Labelled,
  indices: readonly number[],
  rate: number,
): { readonly loss: number; readonly parameters: NetworkParameters } {
  const at = evaluateNetwork(NETWORK, parameters, batchOf(data, indices));
  const { value, gradient } = crossEntropy(indices.map((index) => data.labels[index] ?? 0))(at.y);
  const slopes = reverseMode(at, gradient).parameters;
  const moved = new Map(
    [...parameters].map(([node, tensors]) => [
      node,
      tensors.map((values, which) => {
        const slope = slopes.get(node)?.[which];
        return slope === undefined
          ? values
          : mapped(values, (value_, index) => value_ - rate * (slope.values[index] ?? 0));
      }),
    ]),
  );
  return { loss: value, parameters: moved };
}

/** The class of most score of every image. */
export function predictions(parameters: NetworkParameters, data: Labelled): readonly number[] {
  const { y } = evaluateNetwork(NETWORK, parameters, batchOf(data, [...data.images.keys()]));
  return data.images.map((_, n) => {
    const scores = y.values.subarray(n * CLASSES.length, (n + 1) * CLASSES.length);
    return scores.indexOf(Math.max(...scores));
  });
}

/** The share of images whose class is right. */
export function accuracy(parameters: NetworkParameters, data: Labelled): number {
  const right = predictions(parameters, data).filter((label, index) => label === data.labels[index]);
  return right.length / data.labels.length;
}

/** The filters, one after another. */
export function filtersOf(parameters: NetworkParameters): readonly Float64Array[] {
  const weights = parameters.get("conv")?.[0]?.values ?? new Float64Array(FILTERS * KERNEL ** 2);
  return Array.from({ length: FILTERS }, (_, k) => weights.subarray(k * KERNEL ** 2, (k + 1) * KERNEL ** 2));
}

/**
 * Climbs the gradient of a class's score by the image, from grey, values kept in [0, 1]: the image that the network
 * takes for that class above all. (Simonyan, Vedaldi and Zisserman, https://arxiv.org/abs/1312.6034.)
 */
export function fantasy(parameters: NetworkParameters, label: number, steps: number): Float64Array {
  let image = filled([1, 1, SIZE, SIZE], 0.3);
  for (let step = 0; step < steps; step++) {
    const at = evaluateNetwork(NETWORK, parameters, image);
    const dy = tensor(
      [1, CLASSES.length],
      Float64Array.from(CLASSES, (_, c) => (c === label ? 1 : -1 / 3)),
    );
    const slope = reverseMode(at, dy).outputs.get("input");
    if (slope === undefined) break;
    const largest = slope.values.reduce((most, value) => Math.max(most, Math.abs(value)), 0);
    if (largest === 0) break;
    image = mapped(image, (value, index) =>
      Math.min(1, Math.max(0, value + (0.05 * (slope.values[index] ?? 0)) / largest)),
    );
  }
  return image.values;
}
