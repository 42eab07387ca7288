/** Direct sums in many orders, and some that have no order of their own. */
import { direct, problemOf, USUAL, type Known } from "./known.ts";
import * as sums from "./sums.ts";

const { rounded, fused, sequence, lanes } = sums;
const F32 = { type: "f32", rounding: "nearest" } as const;
const NATURAL = { loops: "channel row column", outermost: "channel" };
const unbiased = (sum: number): number => sum;

export const ORDERS: readonly Known[] = [
  direct(
    "sequence",
    { sum: sequence(rounded) },
    {
      order: { shape: "sequence", bias: "last", ...NATURAL },
      fma: false,
      products: "f32",
      accumulator: F32,
      subnormals: { inputs: "kept", weights: "kept", products: "kept", sums: "kept" },
      zeros: { padding: "skipped", data: "multiplied" },
    },
  ),
  direct(
    "sequence-fma",
    { sum: sequence(fused) },
    { order: { shape: "sequence", ...NATURAL }, fma: true, accumulator: F32 },
  ),
  direct(
    "bias-first",
    ({ bias }) => ({
      sum: (products, count, { channel }) => sequence(rounded, bias?.[channel])(products, count),
      store: unbiased,
    }),
    { order: { shape: "sequence", bias: "first", ...NATURAL }, fma: false },
  ),
  direct("reversed", { sum: sums.backwards(rounded) }, { order: { shape: "reversed", ...NATURAL }, fma: false }),
  direct("reversed-fma", { sum: sums.backwards(fused) }, { order: { shape: "reversed", ...NATURAL }, fma: true }),
  ...[2, 4, 8, 16].map((width) =>
    direct(
      `lanes-${width}`,
      { sum: lanes(width, rounded, "halves") },
      {
        order: { shape: "lanes", lanes: width, ...(width > 2 ? { combine: "halves" } : {}), ...NATURAL },
        fma: false,
      },
    ),
  ),
  direct("lanes-8-fma", { sum: lanes(8, fused, "halves") }, { order: { shape: "lanes", lanes: 8 }, fma: true }),
  direct(
    "lanes-4-neighbours",
    { sum: lanes(4, fused, "neighbours") },
    {
      order: { shape: "lanes", lanes: 4, combine: "neighbours" },
    },
  ),
  direct(
    "lanes-3-in-sequence",
    { sum: lanes(3, rounded, "sequence") },
    {
      order: { shape: "lanes", lanes: 3, combine: "sequence" },
    },
  ),
  direct(
    "lanes-4-with-tail",
    { sum: sums.lanesWithTail(4, fused) },
    {
      order: { shape: "lanes", lanes: 4 },
      fma: true,
    },
    problemOf("mb1_ic5ih4oc6kh3ph1"),
  ),
  ...[8, 12].map((size) =>
    direct(
      `blocks-${size}`,
      { sum: sums.blocks(size, sequence(rounded)) },
      {
        order: { shape: "blocks", block: size, ...NATURAL },
      },
    ),
  ),
  direct(
    "blocks-16-fma",
    { sum: sums.blocks(16, sequence(fused)) },
    { order: { shape: "blocks", block: 16 }, fma: true },
  ),
  direct("split-2", { sum: sums.split(2, fused, "sequence") }, { order: { shape: "split-k", parts: 2 }, fma: true }),
  direct(
    "split-4",
    { sum: sums.split(4, rounded, "neighbours") },
    { order: { shape: "split-k", parts: 4 }, fma: false },
  ),
  direct("pairwise", { sum: sums.pairwise }, { order: { shape: "pairwise" }, accumulator: F32 }),
  direct(
    "pairwise-parts",
    { sum: sums.pairwiseParts(8, fused) },
    { order: { shape: "pairwise", block: 5, ...NATURAL }, fma: true },
  ),
  direct(
    "split-5",
    { sum: sums.split(5, rounded, "sequence") },
    { order: { shape: "split-k", parts: 5, combine: "sequence" } },
  ),
  direct(
    "split-4-taps-outermost-inside",
    (call) => ({
      sum: sums.reordered(call, sums.channelBlocks(5), sums.split(4, fused, "sequence")),
    }),
    { order: { shape: "split-k", parts: 4, loops: "channel/5 row column channel%5" } },
    problemOf("mb1_ic20ih4oc6kh3ph1"),
  ),
  direct(
    "blocks-of-lanes",
    { sum: sums.blocks(24, lanes(4, rounded, "halves")) },
    {
      order: { shape: "nested", block: 24, lanes: 4 },
    },
  ),
  direct("taps-outermost", (call) => ({ sum: sums.reordered(call, sums.tapsOutermost, sequence(fused)) }), {
    order: { shape: "sequence", outermost: "row", loops: "row column channel" },
    fma: true,
  }),
  direct("columns-outermost", (call) => ({ sum: sums.reordered(call, sums.columnsOutermost, sequence(rounded)) }), {
    order: { shape: "sequence", outermost: "column", loops: "column row channel" },
  }),
  direct("channel-blocks", (call) => ({ sum: sums.reordered(call, sums.channelBlocks(4), sequence(fused)) }), {
    order: { shape: "sequence", outermost: "channel", loops: "channel/4 row column channel%4" },
  }),
  direct(
    "lanes-over-channels",
    (call) => ({ sum: sums.reordered(call, sums.tapsOutermost, lanes(4, fused, "halves")) }),
    {
      order: { shape: "lanes", lanes: 4, loops: "row column channel", outermost: "row" },
    },
  ),
  direct(
    "split-4-backwards",
    { sum: sums.splitBackwards(4, rounded) },
    { order: { shape: "split-k", parts: 4, combine: "backwards" } },
  ),
  direct(
    "split-3-by-channels",
    { sum: sums.blocks(27, sequence(fused)) },
    { order: { shape: "blocks", block: 27 }, fma: true },
    problemOf("mb1_ic8ih5oc6kh3"),
  ),
  direct(
    "blocks-and-halves",
    { sum: sums.blocksAndHalves(20, sequence(fused)) },
    { order: { shape: "blocks", block: 20, rest: "halves", parts: 4 }, fma: true },
  ),
  direct(
    "halves-of-what-is-less-than-two-blocks",
    { sum: sums.blocksAndHalves(40, sequence(fused)) },
    { order: null, fma: true },
  ),
  direct(
    "halves-with-the-bias-in-the-first",
    ({ bias }) => ({
      sum: (products, count, { channel }) => {
        let start = bias?.[channel] ?? 0;
        return sums.blocksAndHalves(40, (part, size) => {
          const sum = sequence(rounded, start)(part, size);
          start = 0;
          return sum;
        })(products, count);
      },
      store: unbiased,
    }),
    { order: null, fma: false },
    problemOf("mb1_ic7ih5oc6kh3"),
  ),
  direct("blocks-of-blocks", { sum: sums.blocks(24, sums.blocks(8, sequence(rounded))) }, { order: null }),
  direct("growing-blocks", { sum: sums.growingBlocks }, { order: null, accumulator: F32 }),
  direct("tap-by-tap", (call) => ({ sum: sums.reordered(call, sums.tapsOutermost, sums.blocks(8, sequence(fused))) }), {
    order: { shape: "blocks", block: 8, parts: 9, loops: "row column channel" },
    fma: true,
  }),
  direct("by-magnitude", { sum: sums.byMagnitude }, { order: null, accumulator: null, fma: null }),
];

/** Gradients are sums of products too; their meetings are summed in the order of outputs. */
export const GRADIENTS: readonly Known[] = [
  direct(
    "data-gradient-sequence",
    { sum: sequence(rounded) },
    {
      order: { shape: "sequence", loops: "filter row column, taps from the last", outermost: "filter" },
      fma: false,
      accumulator: F32,
      products: "f32",
      invariant: { runs: true, batchSize: true, filterPosition: true, outputPosition: null },
    },
    USUAL,
    "backwardData",
  ),
  direct(
    "data-gradient-lanes-strided",
    { sum: lanes(4, fused, "halves") },
    { order: { shape: "lanes", lanes: 4 }, fma: true },
    problemOf("mb1_ic5ih9oc8kh4sh2ph1"),
    "backwardData",
  ),
  direct(
    "weights-gradient-blocks",
    { sum: sums.blocks(12, sequence(fused)) },
    { order: { shape: "blocks", block: 12, loops: "image row column" }, fma: true },
    problemOf("mb3_ic4ih6oc5kh3ph1"),
    "backwardWeights",
  ),
  direct(
    "weights-gradient-float64",
    { sum: sequence(sums.inFloat64) },
    {
      order: { shape: "sequence", outermost: "image" },
      accumulator: { type: "f64" },
      fma: null,
      invariant: { batchSize: null },
    },
    problemOf("mb2_ic3ih7oc4kh3sh2ph1"),
    "backwardWeights",
  ),
];

/** Not everything that it does is a matter of the problem alone. */
export const STATES: readonly Known[] = [
  direct("by-batch", ({ problem }) => ({ sum: problem.batch > 3 ? lanes(4, fused, "halves") : sequence(fused) }), {
    order: { shape: "sequence" },
    invariant: { batchSize: false, runs: true },
  }),
  direct(
    "by-image",
    {
      sum: (products, count, { outer }) =>
        (outer % 2 === 0 ? sequence(rounded) : lanes(2, rounded, "halves"))(products, count),
    },
    { invariant: { batchPosition: false, runs: true } },
    { ...USUAL, batch: 2 },
  ),
  direct(
    "by-filter",
    {
      sum: (products, count, { channel }) =>
        (channel < 4 ? sequence(rounded) : lanes(2, rounded, "halves"))(products, count),
    },
    { invariant: { filterPosition: false } },
  ),
  direct(
    "parts-in-turn-by-filter",
    {
      sum: (products, count, { channel }) => {
        const parts = [0, 1, 2, 3].map((part) => sequence(fused)(products.subarray(18 * part), count / 4));
        return [0, 1, 2, 3].map((part) => parts[(part + channel) % 4]!).reduce((a, b) => Math.fround(a + b));
      },
    },
    { order: null, invariant: { filterPosition: false } },
    problemOf("mb1_ic8ih5oc6kh3"),
  ),
  direct(
    "by-column",
    {
      sum: (products, count, { x }) => (x < 2 ? sequence(rounded) : lanes(2, rounded, "halves"))(products, count),
    },
    { invariant: { outputPosition: false } },
  ),
  direct(
    "by-channels",
    ({ problem }) => ({
      sum: problem.inChannels < 24 ? sequence(rounded) : sums.blocks(8, sequence(rounded)),
    }),
    { order: { shape: "sequence" } },
  ),
];
