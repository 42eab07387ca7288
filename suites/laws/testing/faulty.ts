import type { FunctionImpl } from "../../../core/plugin.ts";
import type { ConvProblem, Pass } from "../../../core/problem.ts";
import { elementCount, tensorShapes } from "../../../core/shape.ts";
import { forEachProduct } from "../../../reference/testing/every-product.ts";
import { flatten, unravel } from "../../../core/indexing.ts";

/** One product of the layer, by its positions: x[n, channel, i] · w[k, c, tap] → y[n, k, o]. */
interface Product {
  readonly n: number;
  readonly k: number;
  readonly c: number;
  readonly channel: number;
  readonly i: readonly number[];
  readonly tap: readonly number[];
  readonly o: readonly number[];
}

/** An implementation with one planted fault, and the laws that are to catch it. */
export interface Faulty {
  readonly impl: FunctionImpl;
  readonly caughtBy: readonly string[];
  /** Where the law is to be tried; all of its passes when left out. */
  readonly passes?: readonly Pass[];
}

interface Plant {
  /** What one product is multiplied by, in one pass or all; 0 leaves it out. */
  readonly factor?: (product: Product, problem: ConvProblem, pass: Pass) => number;
  /** Where a product's factors and result are taken from instead; undefined leaves it out. */
  readonly moved?: (product: Product, problem: ConvProblem, pass: Pass) => Product | undefined;
  /** What is done to the finished output. */
  readonly after?: (output: Float32Array, problem: ConvProblem, pass: Pass) => void;
  readonly bias?: (bias: Float32Array, problem: ConvProblem) => Float32Array;
  readonly dBias?: (dBias: Float32Array, problem: ConvProblem) => void;
}

/** The definition, product by product, with something planted; the same in all passes unless the plant looks at the pass. */
function planted(name: string, plant: Plant): FunctionImpl {
  const run = (
    problem: ConvProblem,
    pass: Pass,
    add: (x: number, w: number, y: number, factor: number) => void,
  ): void => {
    const shapes = tensorShapes(problem);
    const isInside = (position: readonly number[], shape: readonly number[]): boolean =>
      position.every((at, axis) => at >= 0 && at < shape[axis]!);
    forEachProduct(problem, (x, w, y) => {
      const [n = 0, channel = 0, ...i] = unravel(x, shapes.x);
      const [k = 0, c = 0, ...tap] = unravel(w, shapes.weights);
      const [, , ...o] = unravel(y, shapes.y);
      const product = { n, k, c, channel, i, tap, o };
      const moved = plant.moved === undefined ? product : plant.moved(product, problem, pass);
      if (moved === undefined) return;
      const positions = [
        [moved.n, moved.channel, ...moved.i],
        [moved.k, moved.c, ...moved.tap],
        [moved.n, moved.k, ...moved.o],
      ] as const;
      if (
        !isInside(positions[0], shapes.x) ||
        !isInside(positions[1], shapes.weights) ||
        !isInside(positions[2], shapes.y)
      )
        return;
      const factor = plant.factor?.(product, problem, pass) ?? 1;
      add(
        flatten(positions[0], shapes.x),
        flatten(positions[1], shapes.weights),
        flatten(positions[2], shapes.y),
        factor,
      );
    });
  };
  return {
    name,
    forward(problem, x, weights, bias, y) {
      const sums = new Float64Array(y.length);
      const points = elementCount(tensorShapes(problem).y.slice(2));
      const used = bias === undefined ? undefined : (plant.bias?.(bias, problem) ?? bias);
      if (used !== undefined)
        sums.forEach((_, at) => (sums[at] = used[Math.floor(at / points) % problem.outChannels]!));
      run(problem, "forward", (xAt, wAt, yAt, factor) => {
        sums[yAt]! += factor * x[xAt]! * weights[wAt]!;
      });
      y.set(sums);
      plant.after?.(y, problem, "forward");
    },
    backwardData(problem, dy, weights, dx) {
      const sums = new Float64Array(dx.length);
      run(problem, "backwardData", (xAt, wAt, yAt, factor) => {
        sums[xAt]! += factor * dy[yAt]! * weights[wAt]!;
      });
      dx.set(sums);
      plant.after?.(dx, problem, "backwardData");
    },
    backwardWeights(problem, x, dy, dWeights, dBias) {
      const sums = new Float64Array(dWeights.length);
      run(problem, "backwardWeights", (xAt, wAt, yAt, factor) => {
        sums[wAt]! += factor * x[xAt]! * dy[yAt]!;
      });
      dWeights.set(sums);
      plant.after?.(dWeights, problem, "backwardWeights");
      if (dBias === undefined) return;
      const points = elementCount(tensorShapes(problem).y.slice(2));
      const biasSums = new Float64Array(dBias.length);
      dy.forEach((value, at) => (biasSums[Math.floor(at / points) % problem.outChannels]! += value));
      dBias.set(biasSums);
      plant.dBias?.(dBias, problem);
    },
  };
}

/** A kernel of more than one tap, seen in a mirror. */
const mirrored = ({ tap, ...rest }: Product, { kernel }: ConvProblem): Product => ({
  ...rest,
  tap: tap.map((at, axis) => kernel[axis]! - 1 - at),
});

export const FAULTY: readonly Faulty[] = [
  {
    impl: planted("negative-outputs-clamped", {
      after: (output) => output.forEach((value, i) => (output[i] = Math.max(0, value))),
    }),
    caughtBy: ["linearity-in-x", "linearity-in-w", "linearity-in-dy"],
  },
  {
    impl: planted("gradients-clipped", {
      after: (output, _, pass) => {
        if (pass !== "forward")
          output.forEach((value, i) => (output[i] = Math.sign(value) * Math.min(Math.abs(value), 0.5)));
      },
    }),
    caughtBy: ["linearity-in-dy"],
  },
  {
    impl: planted("first-column-left-out", { factor: ({ i }) => (i.at(-1) === 0 ? 0 : 1) }),
    caughtBy: ["translation", "flip-duality", "padding-is-zeros"],
  },
  { impl: planted("bias-forgotten", { bias: (bias) => bias.map(() => 0) }), caughtBy: ["zero-gives-bias"] },
  {
    impl: planted("one-is-added", { after: (output) => output.forEach((value, i) => (output[i] = value + 1)) }),
    caughtBy: ["zero-gives-bias"],
  },
  {
    impl: planted("gradients-with-mirrored-kernel", {
      moved: (product, problem, pass) => (pass === "forward" ? product : mirrored(product, problem)),
    }),
    caughtBy: ["adjoint", "central-differences"],
  },
  {
    impl: planted("weight-gradient-twice", { factor: (_, __, pass) => (pass === "backwardWeights" ? 2 : 1) }),
    caughtBy: ["adjoint", "central-differences"],
    passes: ["backwardWeights"],
  },
  {
    impl: planted("kernel-mirrored-everywhere", { moved: mirrored }),
    caughtBy: ["commutativity", "sparsity-of-influence", "fully-connected"],
  },
  {
    impl: planted("mean-over-taps", { factor: (_, { kernel }) => 1 / elementCount(kernel) }),
    caughtBy: ["stacked-layers", "commutativity", "fully-connected", "dilation-is-zero-insertion"],
  },
  {
    impl: planted("last-odd-channel-left-out", {
      factor: ({ c }, { inChannels, groups }) => (c === inChannels / groups - 1 && c % 2 === 0 && c > 0 ? 0 : 1),
    }),
    caughtBy: ["matrix-product", "channel-permutation", "groups-are-block-diagonal"],
  },
  {
    impl: planted("pixel-of-odd-row-from-left", {
      moved: ({ i, ...rest }, { kernel }) =>
        elementCount(kernel) === 1 && i.length > 1 && i[0]! % 2 === 1
          ? { ...rest, i: i.with(i.length - 1, i.at(-1)! - 1) }
          : { ...rest, i },
    }),
    caughtBy: ["matrix-product"],
  },
  {
    impl: planted("channels-of-next-group", {
      moved: ({ channel, ...rest }, { inChannels, groups }) => ({
        ...rest,
        channel: (channel + inChannels / groups) % inChannels,
      }),
    }),
    caughtBy: ["groups-are-block-diagonal", "depthwise-is-per-channel", "sparsity-of-influence"],
  },
  {
    impl: planted("filters-of-multiplier-interleaved", {
      moved: ({ channel, k, ...rest }, { groups, inChannels, outChannels }) =>
        groups === inChannels && outChannels > groups
          ? { ...rest, k, channel: k % inChannels }
          : { ...rest, channel, k },
    }),
    caughtBy: ["depthwise-is-per-channel"],
  },
  {
    impl: planted("dilation-ignored", {
      moved: ({ o, tap, ...rest }, { stride, padBegin }) => ({
        ...rest,
        o,
        tap,
        i: o.map((at, axis) => at * stride[axis]! + tap[axis]! - padBegin[axis]!),
      }),
    }),
    caughtBy: ["dilation-is-zero-insertion", "sparsity-of-influence"],
  },
  {
    impl: planted("stride-of-first-axis-everywhere", {
      moved: ({ i, o, ...rest }, { stride }) => ({
        ...rest,
        o,
        i: i.map((at, axis) => at + o[axis]! * (stride[0]! - stride[axis]!)),
      }),
    }),
    caughtBy: ["stride-is-subsampling"],
  },
  {
    impl: planted("padding-one-too-small", {
      moved: ({ i, ...rest }, { padBegin }) => ({ ...rest, i: i.map((at, axis) => at + Math.min(1, padBegin[axis]!)) }),
    }),
    caughtBy: ["padding-is-zeros"],
  },
  {
    impl: planted("mean-over-batch", { factor: (_, { batch }) => 1 / batch }),
    caughtBy: ["batch-independence"],
  },
  {
    impl: planted("first-image-for-all", { moved: (product) => (product.n === 0 ? product : undefined) }),
    caughtBy: ["batch-independence"],
  },
  {
    impl: planted("first-channel-counts-double", {
      factor: ({ channel }, { inChannels }) => (channel === 0 && inChannels > 1 ? 2 : 1),
    }),
    caughtBy: ["channel-permutation", "depthwise-is-per-channel"],
  },
  {
    impl: planted("mean-is-added", {
      after: (output) => {
        const mean = output.reduce((sum, value) => sum + value, 0) / output.length;
        output.forEach((value, i) => (output[i] = value + mean));
      },
    }),
    caughtBy: ["sparsity-of-influence"],
  },
  {
    impl: planted("bias-gradient-mean-over-batch", {
      dBias: (dBias, { batch }) => dBias.forEach((value, k) => (dBias[k] = value / (batch + 1))),
    }),
    caughtBy: ["bias-gradient-is-a-sum", "central-differences"],
    passes: ["backwardWeights"],
  },
];
