import type { ConvProblem, Pass } from "../../core/problem.ts";
import { elementCount, outputShape } from "../../core/shape.ts";
import { sumInOrder, type Handles } from "./convolution.ts";
import { ALL, BACKWARD_DATA, BACKWARD_WEIGHTS, mutant, FORWARD, type Mutant } from "./mutant.ts";
import { truncated } from "./rounding.ts";

const RIGHT: Handles = {};
const columns = (p: ConvProblem): number => outputShape(p).at(-1)!;
const outputs = (p: ConvProblem): number => p.batch * p.outChannels * elementCount(outputShape(p));
/** Drops the products after the last whole block of `size`. */
const wholeBlocks = (size: number): Handles => ({
  sum: (products, count) => sumInOrder(products, count - (count % size)),
});
const dropsLastProduct: Handles = { sum: (products, count) => sumInOrder(products, Math.max(0, count - 1)) };
const tf32: Handles = { convert: truncated(13) };

/** The length of the longest sum of the pass. */
function length(p: ConvProblem, pass: Pass): number {
  if (pass === "backwardWeights") return p.batch * elementCount(outputShape(p));
  return ((pass === "forward" ? p.inChannels : p.outChannels) / p.groups) * elementCount(p.kernel);
}

/** Mutants at the ends of loops, at the edges of tiles, and from some size on. */
export const SIZE_MUTANTS: readonly Mutant[] = [
  mutant("tails", "last-product-dropped-unless-multiple-of-4", ALL, (p, pass) =>
    length(p, pass) > 4 ? wholeBlocks(4) : RIGHT,
  ),
  mutant("tails", "last-products-dropped-unless-multiple-of-8", FORWARD, (p, pass) =>
    length(p, pass) > 8 ? wholeBlocks(8) : RIGHT,
  ),
  mutant("tails", "last-products-dropped-unless-multiple-of-16", ALL, (p, pass) =>
    length(p, pass) > 16 ? wholeBlocks(16) : RIGHT,
  ),
  mutant("tails", "last-filter-unwritten-unless-multiple-of-4", FORWARD, {
    around: (call, compute) => {
      const before = call.out.slice();
      compute(call);
      const { outChannels, batch } = call.problem;
      const plane = call.out.length / (batch * outChannels);
      if (outChannels > 4 && outChannels % 4 !== 0) call.out.set(before.subarray(-plane), call.out.length - plane);
    },
  }),
  mutant("tails", "last-filter-zero-unless-multiple-of-8", FORWARD, () => ({
    store: (sum, bias, { channel }, { outChannels }) =>
      outChannels > 8 && outChannels % 8 !== 0 && channel === outChannels - 1 ? 0 : sum + bias,
  })),
  mutant("tails", "last-filter-without-bias-unless-multiple-of-16", FORWARD, () => ({
    store: (sum, bias, { channel }, { outChannels }) =>
      outChannels > 16 && channel >= outChannels - (outChannels % 16) ? sum : sum + bias,
  })),
  mutant("tails", "last-channel-dropped-unless-even", ALL, () => ({
    takes: (c, p) => c < 2 || (p.inChannels / p.groups) % 2 === 0 || c < p.inChannels / p.groups - 1,
  })),
  mutant("tails", "last-column-repeats-unless-multiple-of-4", FORWARD, {
    after: (call) => {
      const width = columns(call.problem);
      if (width > 4 && width % 4 !== 0)
        for (let i = width - 1; i < call.out.length; i += width) call.out[i] = call.out[i - 1]!;
    },
  }),
  mutant("tails", "last-row-zero-when-odd", FORWARD, () => ({
    store: (sum, bias, { y }, p) => {
      const rows = outputShape(p).at(-2) ?? 1;
      return rows > 2 && rows % 2 === 1 && y === rows - 1 ? 0 : sum + bias;
    },
  })),
  mutant("tails", "backward-data-last-column-zero-unless-multiple-of-8", BACKWARD_DATA, () => ({
    store: (sum, _, { x }, { input }) =>
      input.at(-1)! > 8 && input.at(-1)! % 8 !== 0 && x === input.at(-1)! - 1 ? 0 : sum,
  })),
  mutant("tails", "backward-weights-last-column-of-dy-dropped-when-odd", BACKWARD_WEIGHTS, (p) => ({
    position: (at, axis, _, o) => (o > 2 && o === axis.output - 1 && columns(p) % 2 === 1 ? -1 : at),
  })),
  mutant("tails", "last-image-of-odd-batch-copied", FORWARD, {
    after: (call) => {
      const { batch } = call.problem;
      const image = call.out.length / batch;
      if (batch > 2 && batch % 2 === 1)
        call.out.copyWithin((batch - 1) * image, (batch - 2) * image, (batch - 1) * image);
    },
  }),

  mutant("tiles", "first-column-of-second-tile-wrong", FORWARD, () => ({
    store: (sum, bias, { x }) => (x === 16 ? bias : sum + bias),
  })),
  mutant("tiles", "last-column-of-tile-of-14-lost", FORWARD, () => ({
    store: (sum, bias, { x }) => (x === 13 ? bias : sum + bias),
  })),
  mutant("tiles", "tile-corner-doubled", FORWARD, () => ({
    store: (sum, bias, { x, y }) => (x === 8 && y % 8 === 0 ? 2 * sum + bias : sum + bias),
  })),
  mutant("tiles", "filter-block-of-32-overlaps", FORWARD, () => ({
    store: (sum, bias, { channel }) => (channel === 32 ? 2 * sum + bias : sum + bias),
  })),
  mutant("tiles", "reduction-block-boundary-dropped-at-256", ALL, (p, pass) =>
    length(p, pass) > 256
      ? {
          sum: (products, count) => {
            products[256] = count > 256 ? 0 : products[256]!;
            return sumInOrder(products, count);
          },
        }
      : RIGHT,
  ),
  mutant("tiles", "reduction-block-overwrites-at-512", ALL, () => ({
    sum: (products, count) =>
      count > 512 ? sumInOrder(products.subarray(512), count - 512) : sumInOrder(products, count),
  })),
  mutant("tiles", "reduction-block-counted-twice-at-1024", ALL, () => ({
    sum: (products, count) => sumInOrder(products, count) + (count > 1024 ? products[1024]! : 0),
  })),

  mutant("thresholds", "beyond-64-channels-drops-the-last", ALL, () => ({
    takes: (c, p) => p.inChannels <= 64 || c < p.inChannels / p.groups - 1,
  })),
  mutant("thresholds", "from-256-columns-last-column-wrong", FORWARD, () => ({
    store: (sum, bias, { x }, p) => (columns(p) >= 256 && x === columns(p) - 1 ? bias : sum + bias),
  })),
  mutant("thresholds", "input-wider-than-512-cut", ALL, () => ({
    position: (at) => (at > 512 ? -1 : at),
  })),
  mutant("thresholds", "beyond-1024-products-drops-one", ALL, (p, pass) =>
    length(p, pass) > 1024 ? dropsLastProduct : RIGHT,
  ),
  mutant("thresholds", "beyond-2048-products-drops-one", FORWARD, (p, pass) =>
    length(p, pass) > 2048 ? dropsLastProduct : RIGHT,
  ),
  mutant("thresholds", "beyond-4096-outputs-the-rest-is-zero", FORWARD, {
    after: (call) => {
      if (call.out.length > 4096) call.out.fill(0, 4096);
    },
  }),
  mutant("thresholds", "beyond-4096-outputs-last-wrong", FORWARD, {
    after: (call) => {
      if (outputs(call.problem) > 4096) call.out[call.out.length - 1] = 0;
    },
  }),
  mutant("thresholds", "batch-beyond-16-repeats", FORWARD, {
    after: (call) => {
      const image = call.out.length / call.problem.batch;
      for (let n = 16; n < call.problem.batch; n++) call.out.copyWithin(n * image, (n - 16) * image, (n - 15) * image);
    },
  }),
  mutant("thresholds", "batch-beyond-256-last-image-zero", FORWARD, () => ({
    store: (sum, bias, { outer }, { batch }) => (batch > 256 && outer === batch - 1 ? 0 : sum + bias),
  })),
  mutant("thresholds", "exactly-4096-channels-wrong", FORWARD, (p) =>
    p.inChannels === 4096 ? dropsLastProduct : RIGHT,
  ),
  mutant("thresholds", "from-4096-channels-wrong", ALL, (p) => (p.inChannels >= 4096 ? dropsLastProduct : RIGHT)),
  mutant("thresholds", "from-1024-filters-last-wrong", FORWARD, () => ({
    store: (sum, bias, { channel }, { outChannels }) =>
      outChannels >= 1024 && channel === outChannels - 1 ? sum : sum + bias,
  })),
  mutant("thresholds", "from-4096-filters-last-wrong", FORWARD, () => ({
    store: (sum, bias, { channel }, { outChannels }) =>
      outChannels >= 4096 && channel === outChannels - 1 ? bias : sum + bias,
  })),
  mutant("thresholds", "more-than-256-groups-wrong", ALL, (p) => (p.groups > 256 ? dropsLastProduct : RIGHT)),
  mutant("thresholds", "tf32-from-128-channels", FORWARD, (p) => (p.inChannels / p.groups >= 128 ? tf32 : RIGHT)),
  mutant("thresholds", "tf32-beyond-1024-products", ALL, (p, pass) => (length(p, pass) > 1024 ? tf32 : RIGHT)),
  mutant("thresholds", "float16-beyond-2048-products", FORWARD, (p, pass) =>
    length(p, pass) > 2048 ? { convert: Math.f16round } : RIGHT,
  ),
  mutant("thresholds", "index-overflow-at-column-256", FORWARD, () => ({
    position: (at, axis) => (at >= 256 && axis.input > 256 ? at & 255 : at),
  })),
  mutant("thresholds", "kernel-beyond-32-taps-cut", ALL, () => ({
    position: (at, _, r) => (r >= 32 ? -1 : at),
  })),
  mutant("thresholds", "stride-beyond-4-as-4", ALL, (p) => ({
    geometry: { stride: p.stride.map((step) => Math.min(step, 4)) },
  })),
  mutant("thresholds", "backward-weights-beyond-1024-positions-stops", BACKWARD_WEIGHTS, () => ({
    sum: (products, count) => sumInOrder(products, Math.min(count, 1024)),
  })),
  mutant("thresholds", "backward-data-beyond-128-filters-stops", BACKWARD_DATA, (p) => ({
    sum: (products, count) =>
      p.outChannels / p.groups > 128 ? sumInOrder(products, Math.min(count, 128)) : sumInOrder(products, count),
  })),
];
