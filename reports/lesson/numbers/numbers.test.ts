import { expect, test } from "vitest";
import { CONNECTIONS, VOLUME } from "../../../suites/lectures/connections.ts";
import { BINARY, BOXES, FLIPPED, MISPRINTED, SENSOR } from "../../../suites/lectures/convolution.ts";
import { FOUR_PIXELS } from "../../../suites/lectures/classification.ts";
import { BRANCHES, GRADIENT, SIGMOID_LAYER } from "../../../suites/lectures/differentiation.ts";
import { AVERAGES, MAX_POOL, SHIFTED, WINNERS } from "../../../suites/lectures/pooling.ts";
import { DETECTOR, DIFFERENCE, UPRIGHT_EDGES } from "../../../suites/lectures/kernels.ts";
import { SEVEN, SHRINKING } from "../../../suites/lectures/sizes.ts";
import { INCEPTION } from "../../../suites/lectures/networks.ts";
import { networkCosts } from "../../../suites/networks/costs.ts";
import { findNetwork } from "../../../suites/networks/index.ts";
import { layerShapes } from "../../../reference/graph/layer-shapes.ts";
import { forward } from "../../../reference/index.ts";
import { boxOverlap } from "./boxes.ts";
import { lossOf, scoresOf } from "./classification.ts";
import { weightCounts } from "./connections.ts";
import { costOf, forwardSteps, reverseSteps } from "./differentiation.ts";
import { activationMaps, filterWeights, FILTERS, parameterCount, volumeProblem } from "./filters.ts";
import { differenceAt, gradientsAt } from "./gradient.ts";
import { columnsOf, product } from "./im2col.ts";
import { INPUT, jacobianOf, KERNEL, LAYERS, WEIGHTS } from "./jacobians.ts";
import { detected, filtered } from "./kernels.ts";
import { applied, convolve, correlate, flipped, gradientOf, PLAIN, problemOf } from "./layers.ts";
import { inceptionModule, networkFacts } from "./networks.ts";
import { folded, localContrast, normalised, statisticsOf } from "./normalisation.ts";
import { colourScene, greyScene } from "./pictures.ts";
import { NEIGHBOURS, pooledSize, poolingLayer } from "./pooling.ts";
import { composedKernel, fieldGrowth, stackLayers } from "./receptive-fields.ts";
import { connectionsOf, INPUTS, moved, OUTPUTS, responses, TAPS } from "./sharing.ts";
import { layersThatFit, unreadRows } from "./sizes.ts";
import { byFourier, byWinograd, multiplications } from "./transforms.ts";

// The numbers that the lesson's figures show, where they are computed.

test("convolution: the examples of the slides, the box and the sensor", () => {
  expect(convolve(FLIPPED.image, FLIPPED.kernel)).toEqual(FLIPPED.convolution);
  expect(correlate(FLIPPED.image, FLIPPED.kernel)).toEqual(FLIPPED.correlation);
  expect(convolve(MISPRINTED.image, MISPRINTED.kernel)).toEqual(MISPRINTED.convolution);
  expect(correlate(BINARY.image, BINARY.kernel)).toEqual(BINARY.correlation);
  expect(convolve([SENSOR.readings], [SENSOR.weights])).toEqual([[...SENSOR.smoothed]]);
  for (const [t, value] of BOXES.values) expect(boxOverlap(t)).toBe(value);
});

test("sizes: 7 × 7, unread rows, and 13 layers of 28 × 28", () => {
  for (const { output, ...axis } of SEVEN.sizes)
    expect(unreadRows({ ...axis, dilation: 1 })).toEqual({ output, unread: 0 });
  // Windows at 0 and 3 read up to row 5.
  expect(unreadRows({ input: 7, kernel: 3, stride: 3, padding: 0, dilation: 1 })).toEqual({ output: 2, unread: 1 });
  expect(unreadRows({ input: 7, kernel: 3, stride: 1, padding: 0, dilation: 4 }).output).toBe(0);
  const sizes = layersThatFit(SHRINKING.input, SHRINKING.kernel);
  expect([sizes.length, sizes.at(-1)]).toEqual([SHRINKING.layers, SHRINKING.lastOutput]);
});

test("connections: 1.6 G, 4 M and 10 K, as the reference's layers have them", () => {
  const counts = weightCounts(CONNECTIONS);
  const { fullyConnected, locallyConnected, convolution } = CONNECTIONS;
  expect(counts).toEqual({ fullyConnected, locallyConnected, convolution });
  const image = [1, 1, 200, 200];
  const layer = { kind: "fully-connected", outFeatures: CONNECTIONS.units, bias: false } as const;
  const window = { kernel: [10, 10], stride: [1, 1], padBegin: [4, 4], padEnd: [5, 5] };
  const local = { kind: "locally-connected", ...window, outChannels: 1, bias: false } as const;
  const sizeOf = (shape: readonly number[] = []): number => shape.reduce((all, extent) => all * extent, 1);
  expect(sizeOf(layerShapes(layer, [image]).parameters["weights"])).toBe(counts.fullyConnected);
  expect(sizeOf(layerShapes(local, [image]).parameters["weights"])).toBe(counts.locallyConnected);
});

test("sharing: m × n, k × n and k weights; a shift goes through a layer of stride 1", () => {
  const weights = (kind: "full" | "local" | "convolution"): number =>
    new Set(connectionsOf(kind).map(({ weight }) => weight)).size;
  expect([weights("full"), weights("local"), weights("convolution")]).toEqual([INPUTS * OUTPUTS, TAPS * OUTPUTS, TAPS]);
  const row = [0, 0, 1, 3, 2, 0, 0, 1, 0, 0];
  expect(moved(row, 2)).toEqual([0, 0, 0, 0, 1, 3, 2, 0, 0, 1]);
  const [first, then] = [responses(moved(row, 1), [1, 2, 1], 1), moved(responses(row, [1, 2, 1], 1), 1)];
  expect(first.slice(1)).toEqual(then.slice(1));
  expect(responses(moved(row, 1), [1, 2, 1], 2).slice(1)).not.toEqual(moved(responses(row, [1, 2, 1], 2), 1).slice(1));
});

test("filters: six of 5 × 5 over 32 × 32 × 3 give 6 × 28 × 28 with 456 parameters; red sees red", () => {
  const picture = colourScene();
  const problem = volumeProblem(picture, VOLUME.kernel, VOLUME.filters);
  expect(parameterCount(problem)).toBe(VOLUME.parameters);
  expect(filterWeights(FILTERS[0], VOLUME.kernel)).toHaveLength(VOLUME.products);
  const y = activationMaps(picture, VOLUME.kernel, VOLUME.filters);
  expect(y).toHaveLength(VOLUME.output.reduce((all, extent) => all * extent, 1));
  // In the middle of the red disc, and far from it.
  expect(y[8 * 28 + 8]).toBeCloseTo(230, 10);
  expect(y[27 * 28 + 27]).toBeCloseTo(40, 10);
});

test("kernels: differences, upright edges, and the detector's threshold", () => {
  expect(correlate(DIFFERENCE.image, DIFFERENCE.kernel)).toEqual(DIFFERENCE.correlation);
  const flat = { width: 5, height: 4, values: Float64Array.from({ length: 20 }, (_, at) => (at < 10 ? 0 : 9)) };
  expect([...filtered(flat, UPRIGHT_EDGES.kernel).values].every((value) => value === 0)).toBe(true);
  const response = { width: 3, height: 1, values: Float64Array.of(199, 200, 201) };
  expect([...detected(response, DETECTOR.scale, DETECTOR.shift).values].map((value) => Math.sign(value - 0.5))).toEqual(
    [-1, 0, 1],
  );
});

test("receptive fields: 1 + L(K − 1), doubled by strides and dilation; two kernels come to one", () => {
  const last = (layers: number, kernel: number, stride: number, isDilated: boolean) =>
    stackLayers({ layers, kernel, stride, isDilated }, 5).at(-1);
  expect(last(3, 4, 1, false)).toMatchObject({ field: 1 + 3 * 3, jump: 1 });
  expect(last(3, 3, 2, false)).toMatchObject({ field: 1 + 2 + 4 + 8, jump: 8 });
  expect(last(3, 3, 1, true)).toMatchObject({ field: 1 + 2 + 4 + 8, dilation: 4 });
  expect(fieldGrowth(findNetwork("vgg16")!).at(-1)).toBe(212);
  const image = Array.from({ length: 7 }, (_, r) => Array.from({ length: 7 }, (_value, c) => (r * c) % 5));
  const [w1, w2] = [
    [
      [1, 2],
      [3, -1],
    ],
    [
      [2, 0],
      [-1, 1],
    ],
  ];
  expect(correlate(image, composedKernel(w1, w2))).toEqual(correlate(correlate(image, w1), w2));
});

test("im2col and the product are the convolution, with two channels too", () => {
  const x = Array.from({ length: 32 }, (_, at) => (at * 7) % 5);
  const weights = Array.from({ length: 16 }, (_, at) => (at % 3) - 1);
  const problem = { ...problemOf([[0]], [[0]]), inChannels: 2, outChannels: 2, input: [4, 4], kernel: [2, 2] };
  const y = product([weights.slice(0, 8), weights.slice(8)], columnsOf(problem, x));
  expect(y.flat()).toEqual([...forward(problem, { x, weights })]);
});

test("FFT and Winograd give the same result, with these multiplications", () => {
  const { y } = byFourier([1, 2, 0, 3, 1], [1, -1, 2]);
  [1, 1, 0, 7, -2, 5, 2].forEach((value, at) => expect(y[at]).toBeCloseTo(value, 12));
  for (const m of [1, 2, 4, 6]) {
    const tile = Array.from({ length: m + 2 }, (_, at) => (at * 3) % 5);
    const steps = byWinograd(m, tile, [1, 2, -1]);
    expect(steps.products).toHaveLength(m + 2);
    const [direct = []] = correlate([tile], [[1, 2, -1]]);
    direct.forEach((value, at) => expect(steps.y[at]).toBeCloseTo(value, 10));
  }
  expect(multiplications(64, 3).direct).toBe(62 * 62 * 9);
  expect(multiplications(64, 3).fourier).toBe(multiplications(64, 11).fourier);
});

test("pooling: the slide's maxima, averages, gradients and the row that moves", () => {
  const [maximum, average] = [poolingLayer("maximum", 2, 2), poolingLayer("average", 2, 2)];
  expect(applied(maximum, MAX_POOL.image)).toEqual(MAX_POOL.pooled);
  expect(gradientOf(maximum, WINNERS.image, WINNERS.dy)).toEqual(WINNERS.dx);
  expect(applied(average, AVERAGES.image)).toEqual(AVERAGES.pooled);
  expect(gradientOf(average, AVERAGES.image, AVERAGES.dy)).toEqual(AVERAGES.dx);
  expect(applied(NEIGHBOURS, [SHIFTED.before])).toEqual([[...SHIFTED.pooledBefore]]);
  expect(applied(NEIGHBOURS, [SHIFTED.after])).toEqual([[...SHIFTED.pooledAfter]]);
  expect([pooledSize(4, 2, 2), pooledSize(4, 2, 1), pooledSize(224, 2, 2)]).toEqual([2, 3, 112]);
});

test("normalisation: a batch, the identity of γ = σ and β = μ, folding, and a light that is no matter", () => {
  const batch = [1, 3, 2, 6];
  const { mean, variance } = statisticsOf(batch);
  expect([mean, variance]).toEqual([3, 3.5]);
  const identity = normalised(batch, { scale: Math.sqrt(variance), shift: mean, mean, variance }, "training");
  identity.forEach((value, at) => expect(value).toBeCloseTo(batch[at]!, 4));
  const by = { scale: 1.5, shift: -1, mean: 3, variance: 4 };
  const one = folded(2, 1, by);
  const [after] = normalised([2 * 5 + 1], by, "inference");
  expect(one.weight * 5 + one.bias).toBeCloseTo(after!, 12);
  const scene = greyScene(32);
  const half = { ...scene, values: scene.values.map((value) => value / 2) };
  const [bright, dim] = [scene, half].map((picture) => localContrast(picture, 7, 2).values);
  bright!.forEach((value, at) => expect(dim![at]).toBeCloseTo(value, 10));
});

test("classification: the slide's scores; probabilities, loss and its gradient", () => {
  const scores = scoresOf(FOUR_PIXELS.weights, FOUR_PIXELS.image.flat(), FOUR_PIXELS.bias);
  scores.forEach((score, at) => expect(score).toBeCloseTo(FOUR_PIXELS.scores[at]!, 12));
  const { probabilities, loss, gradient } = lossOf([0, 0, 0, 0], 2);
  expect(probabilities).toEqual([0.25, 0.25, 0.25, 0.25]);
  expect(loss).toBeCloseTo(Math.log(4), 14);
  expect(gradient).toEqual([0.25, 0.25, -0.75, 0.25]);
});

test("the gradient by hand, and by differences", () => {
  const { x, weights, bias, dy } = GRADIENT;
  const point = { x, weights, bias, dy };
  const { y, dx, dWeights, dBias } = gradientsAt(point);
  expect({ y, dx, dWeights, dBias }).toEqual({
    y: GRADIENT.y,
    dx: GRADIENT.dx,
    dWeights: GRADIENT.dWeights,
    dBias: GRADIENT.dBias,
  });
  expect(differenceAt(point, "x", 1, 1, 0.5)).toBe(GRADIENT.dx[1][1]);
  expect(differenceAt(point, "weights", 0, 1, 0.5)).toBe(GRADIENT.dWeights[0][1]);
  expect(correlate(dy, flipped(weights), { ...PLAIN, padding: 1 })).toEqual(GRADIENT.dx);
});

test("Jacobians: diagonal, W, banded, one winner a row, and rows that sum to 0", () => {
  expect(
    jacobianOf("relu")
      .rows.flat()
      .filter((value) => value !== 0),
  ).toEqual([1, 1, 1, 1]);
  expect(jacobianOf("fully-connected").rows).toEqual(WEIGHTS);
  jacobianOf("convolution").rows.forEach((row, at) => expect(row.slice(at, at + 3)).toEqual([...KERNEL]));
  for (const row of jacobianOf("max-pooling").rows) expect(row.filter((value) => value !== 0)).toEqual([1]);
  for (const row of jacobianOf("softmax").rows) expect(row.reduce((sum, value) => sum + value, 0)).toBeCloseTo(0, 14);
  for (const name of LAYERS) expect(jacobianOf(name).rows[0]).toHaveLength(INPUT.length);
});

test("forward and reverse mode of sin(x₁) + x₁x₂ give cos(x₁) + x₂ and x₁", () => {
  const at = { x1: 2, x2: 3 };
  const [byX1, byX2] = [Math.cos(2) + 3, 2];
  expect(forwardSteps(at, "x1").at(-1)?.known.get("f")).toBeCloseTo(byX1, 14);
  expect(forwardSteps(at, "x2").at(-1)?.known.get("f")).toBe(byX2);
  const last = reverseSteps(at).at(-1);
  expect(last?.known.get("x1")).toBeCloseTo(byX1, 14);
  expect(last?.known.get("x2")).toBe(byX2);
  expect(last?.text).toContain("gradients add");
  expect(costOf(1000, 1, 50)).toEqual({ forward: { passes: 1000, kept: 2 }, reverse: { passes: 1, kept: 50 } });
});

test("gradients add at branches, and a sigmoid layer passes top_diff · σ(1 − σ)", () => {
  const [absolute = []] = gradientOf({ kind: "absolute-value" }, [BRANCHES.x], [BRANCHES.dy]);
  const [relu = []] = gradientOf({ kind: "relu" }, [BRANCHES.x], [BRANCHES.dy]);
  expect(absolute.map((value, index) => 2 * value + relu[index]!)).toEqual([...BRANCHES.dx]);
  const [bottom = []] = gradientOf({ kind: "sigmoid" }, [SIGMOID_LAYER.x], [SIGMOID_LAYER.topDiff]);
  expect(bottom[1]).toBe(1);
});

test("networks: every one has its facts, and the inception module its multiplications", () => {
  const facts = networkFacts();
  expect(facts.find(({ name }) => name === "alexnet")).toMatchObject({ parameters: 62_378_344, depth: 8, top5: 18 });
  const { bottlenecked, channels, size } = INCEPTION;
  const total = (filters: Parameters<typeof inceptionModule>[2]): number =>
    networkCosts(inceptionModule(channels, size, filters), 1).total.multiplyAdds;
  expect(total(bottlenecked)).toBe(INCEPTION.bottleneckedMultiplyAdds);
  const naive = { ...bottlenecked, reduce3x3: undefined, reduce5x5: undefined, pooled: undefined };
  expect(total(naive)).toBe(INCEPTION.naiveMultiplyAdds);
});
