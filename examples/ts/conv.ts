import { defineImpl, type ConvProblem } from "benchconv";

// A convolution straight from the definition, in all three passes.

const count = (extents: readonly number[]): number => extents.reduce((product, extent) => product * extent, 1);

type Three = readonly [number, number, number];
type Axis = 0 | 1 | 2;

/**
 * Calls `meet` for every product of the layer, which are the same in all passes, with the elements that take part:
 * of x (or dx), of the weights, and of y (or dy). Padding takes part in none. Axes are filled up to three.
 */
function everyProduct(
  { batch, inChannels, outChannels, groups, ...p }: ConvProblem,
  meet: (x: number, weight: number, y: number) => void,
): void {
  const three = (values: readonly number[], fill: number): Three => {
    const [a = fill, b = fill, c = fill] = values;
    return [a, b, c];
  };
  const [input, kernel] = [three(p.input, 1), three(p.kernel, 1)];
  const [stride, dilation, pad, end] = [
    three(p.stride, 1),
    three(p.dilation, 1),
    three(p.padBegin, 0),
    three(p.padEnd, 0),
  ];
  const extent = (a: Axis): number =>
    Math.floor((input[a] + pad[a] + end[a] - dilation[a] * (kernel[a] - 1) - 1) / stride[a]) + 1;
  const output: Three = [extent(0), extent(1), extent(2)];
  const places = (extents: Three): readonly Three[] =>
    Array.from({ length: count(extents) }, (_, i) => {
      return [Math.floor(i / extents[2] / extents[1]), Math.floor(i / extents[2]) % extents[1], i % extents[2]];
    });
  const [points, taps, channels] = [places(output), places(kernel), inChannels / groups];
  for (let n = 0; n < batch; n++) {
    for (let k = 0; k < outChannels; k++) {
      const plane = n * inChannels + Math.floor(k / (outChannels / groups)) * channels;
      points.forEach((point, o) => {
        for (let c = 0; c < channels; c++) {
          taps.forEach((tap, t) => {
            const met = (a: Axis): number => point[a] * stride[a] + tap[a] * dilation[a] - pad[a];
            const [z, y, x] = [met(0), met(1), met(2)];
            if (z < 0 || z >= input[0] || y < 0 || y >= input[1] || x < 0 || x >= input[2]) return;
            const at = (((plane + c) * input[0] + z) * input[1] + y) * input[2] + x;
            meet(at, (k * channels + c) * taps.length + t, (n * outChannels + k) * points.length + o);
          });
        }
      });
    }
  }
}

export default defineImpl({
  name: "example-ts",
  description: "the definition, in TypeScript",
  forward(problem, x, weights, bias, y) {
    const plane = y.length / problem.batch / problem.outChannels;
    for (let o = 0; o < y.length; o++) y[o] = bias?.[Math.floor(o / plane) % problem.outChannels] ?? 0;
    everyProduct(problem, (i, w, o) => (y[o]! += x[i]! * weights[w]!));
  },
  backwardData(problem, dy, weights, dx) {
    dx.fill(0);
    everyProduct(problem, (i, w, o) => (dx[i]! += dy[o]! * weights[w]!));
  },
  backwardWeights(problem, x, dy, dWeights, dBias) {
    dWeights.fill(0);
    everyProduct(problem, (i, w, o) => (dWeights[w]! += x[i]! * dy[o]!));
    const plane = dy.length / problem.batch / problem.outChannels;
    dBias?.fill(0);
    if (dBias) dy.forEach((value, o) => (dBias[Math.floor(o / plane) % problem.outChannels]! += value));
  },
});
