import type { Impl } from "../../../core/plugin.ts";
import type { Pass } from "../../../core/problem.ts";
import { elementCount, tensorShapes } from "../../../core/shape.ts";
import type { Call } from "../../mutants/convolution.ts";
import { MUTANTS } from "../../mutants/index.ts";
import { ALL, BACKWARD, BACKWARD_WEIGHTS, FORWARD, mutant, type Mutant } from "../../mutants/mutant.ts";

/** A mutant and the laws that must catch it. */
export interface LawMutant {
  readonly impl: Impl;
  readonly caughtBy: readonly string[];
  /** Where the laws are tried; in all of their passes when left out. */
  readonly passes?: readonly Pass[];
}

const FORWARD_AND_DATA: readonly Pass[] = ["forward", "backwardData"];

const ODD_ROWS_FROM_LEFT = mutant("geometry", "pixels-of-odd-rows-from-left", FORWARD, {
  around: (call, compute) => {
    const isPointwise = elementCount(call.problem.kernel) === 1 && call.problem.input.length > 1;
    compute(isPointwise ? { ...call, first: oddRowsFromLeft(call) } : call);
  },
});

const MEAN_ADDED = mutant("consistent", "mean-is-added", ALL, {
  after: ({ out }) => {
    const mean = out.reduce((sum, value) => sum + value, 0) / out.length;
    out.forEach((value, i) => (out[i] = value + mean));
  },
});

const FIRST_CHANNEL_DOUBLED = mutant("groups", "first-channel-counts-double", FORWARD, {
  around: (call, compute) => {
    const { inChannels, input } = call.problem;
    const isFirst = (i: number): boolean => Math.floor(i / elementCount(input)) % inChannels === 0;
    const doubled = call.first.map((value, i) => (isFirst(i) ? 2 * value : value));
    compute(inChannels > 1 ? { ...call, first: doubled } : call);
  },
});

/** Of the catalogue by name, or made for one law. */
const CAUGHT_BY: readonly (readonly [mutant: string | Mutant, ...laws: readonly [string, ...string[]]])[] = [
  [
    mutant("consistent", "negative-outputs-clamped", ALL, () => ({ store: (sum, bias) => Math.max(0, sum + bias) })),
    "linearity-in-x",
    "linearity-in-w",
    "linearity-in-dy",
  ],
  [
    mutant("gradients", "gradients-clipped", BACKWARD, () => ({
      store: (sum) => Math.sign(sum) * Math.min(Math.abs(sum), 0.5),
    })),
    "linearity-in-dy",
  ],
  [
    mutant("geometry", "first-rows-and-columns-left-out", ALL, () => ({
      position: (at, axis) => (at === 0 && axis.input > 1 ? -1 : at),
    })),
    "translation",
    "flip-duality",
    "padding-is-zeros",
  ],
  ["bias-dropped", "zero-gives-bias"],
  [mutant("consistent", "one-is-added", ALL, () => ({ store: (sum, bias) => sum + bias + 1 })), "zero-gives-bias"],
  [
    mutant("gradients", "gradients-with-mirrored-kernel", BACKWARD, () => ({ tap: (axis, r) => axis.kernel - 1 - r })),
    "adjoint",
    "central-differences",
  ],
  [
    mutant("gradients", "weight-gradient-twice", BACKWARD_WEIGHTS, () => ({ store: (sum) => 2 * sum })),
    "adjoint",
    "central-differences",
  ],
  ["convolution-for-correlation-everywhere", "commutativity", "sparsity-of-influence", "fully-connected"],
  [
    mutant("consistent", "mean-over-taps", ALL, ({ kernel }) => ({
      store: (sum, bias) => sum / elementCount(kernel) + bias,
    })),
    "stacked-layers",
    "commutativity",
    "fully-connected",
    "dilation-is-zero-insertion",
  ],
  [
    mutant("tails", "last-odd-channel-left-out", ALL, () => ({
      takes: (c, { inChannels, groups }) => c === 0 || c % 2 === 1 || c < inChannels / groups - 1,
    })),
    "matrix-product",
    "channel-permutation",
    "groups-are-block-diagonal",
  ],
  [ODD_ROWS_FROM_LEFT, "matrix-product"],
  [
    mutant("groups", "channels-of-next-group", ALL, ({ inChannels, outChannels, groups }) => ({
      channel: (_, k, c) => ((Math.floor((k * groups) / outChannels) + 1) % groups) * (inChannels / groups) + c,
    })),
    "groups-are-block-diagonal",
    "depthwise-is-per-channel",
    "sparsity-of-influence",
  ],
  ["depthwise-multiplier-interleaved", "depthwise-is-per-channel"],
  ["dilation-ignored", "dilation-is-zero-insertion", "sparsity-of-influence"],
  ["stride-of-first-axis", "stride-is-subsampling"],
  ["pad-one-too-few", "padding-is-zeros"],
  [
    mutant("consistent", "mean-over-batch", ALL, ({ batch }) => ({ store: (sum, bias) => sum / batch + bias })),
    "batch-independence",
  ],
  [
    mutant("consistent", "first-image-for-all", FORWARD_AND_DATA, () => ({
      store: (sum, bias, { outer }) => (outer === 0 ? sum + bias : bias),
    })),
    "batch-independence",
  ],
  [FIRST_CHANNEL_DOUBLED, "channel-permutation", "depthwise-is-per-channel"],
  [MEAN_ADDED, "sparsity-of-influence"],
  ["bias-gradient-mean-over-batch", "bias-gradient-is-a-sum", "central-differences"],
];

/** Mutants for the laws' own tests, each with the laws that must catch it. */
export const LAW_MUTANTS: readonly LawMutant[] = CAUGHT_BY.map(([named, ...caughtBy]) => {
  const { impl, passes } = typeof named === "string" ? ofCatalogue(named) : named;
  return { impl, caughtBy, ...(passes.length < ALL.length ? { passes } : {}) };
});

function ofCatalogue(name: string): Mutant {
  const found = MUTANTS.find((candidate) => candidate.name === name);
  if (found === undefined) throw new Error(`the catalogue has no mutant ${name}`);
  return found;
}

/** x with every second row, along the first spatial axis, moved by one to the right; the first column becomes zeros. */
function oddRowsFromLeft({ problem, first }: Call): Float32Array {
  const [, , rows = 1, ...inner] = tensorShapes(problem).x;
  const [rowLength, width] = [elementCount(inner), inner.at(-1) ?? 1];
  return first.map((value, i) => {
    if ((Math.floor(i / rowLength) % rows) % 2 === 0) return value;
    return i % width === 0 ? 0 : first[i - 1]!;
  });
}
