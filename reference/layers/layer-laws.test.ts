import fc from "fast-check";
import { test } from "vitest";
import type { NetworkLayer } from "../../core/network.ts";
import { dataDraw, imagesDraw, seedDraw, windowDraw } from "./testing/draws.ts";
import { expectLayerLaws, type LayerCase } from "./testing/layer-laws.ts";
import { seededUniforms } from "../testing/uniforms.ts";

type Kind = NetworkLayer["kind"];

const groupsDraw = fc.record({ groups: fc.integer({ min: 1, max: 3 }), per: fc.integer({ min: 1, max: 2 }) });

/** A layer without sizes, on one input. */
const plain = (kind: "relu" | "absolute-value" | "sigmoid" | "tanh" | "flatten" | "softmax"): fc.Arbitrary<LayerCase> =>
  dataDraw.map((shape) => ({ layer: { kind }, shapes: [shape] }));

/** Legal layers of every kind. */
const CASES: { readonly [K in Kind]: fc.Arbitrary<LayerCase> } = {
  relu: plain("relu"),
  "absolute-value": plain("absolute-value"),
  clip: dataDraw.map((shape) => ({ layer: { kind: "clip", min: -1, max: 2 }, shapes: [shape] })),
  sigmoid: plain("sigmoid"),
  tanh: plain("tanh"),
  flatten: plain("flatten"),
  softmax: plain("softmax"),
  "global-average-pooling": imagesDraw.map((shape) => ({
    layer: { kind: "global-average-pooling" },
    shapes: [shape],
  })),
  "fully-connected": fc
    .tuple(dataDraw, fc.integer({ min: 1, max: 6 }), fc.boolean())
    .map(([shape, outFeatures, bias]) => ({ layer: { kind: "fully-connected", outFeatures, bias }, shapes: [shape] })),
  convolution: imagesDraw.chain((shape) =>
    fc.tuple(windowDraw(shape), groupsDraw, fc.boolean()).map(([window, { groups, per }, bias]) => ({
      layer: {
        kind: "convolution",
        ...window,
        outChannels: groups * per,
        groups,
        dilation: window.kernel.map(() => 1),
        bias,
      },
      shapes: [[shape[0]!, shape[1]! * groups, ...shape.slice(2)]],
    })),
  ),
  "locally-connected": imagesDraw.chain((shape) =>
    fc.tuple(windowDraw(shape), fc.integer({ min: 1, max: 3 }), fc.boolean()).map(([window, outChannels, bias]) => ({
      layer: { kind: "locally-connected", ...window, outChannels, bias },
      shapes: [shape],
    })),
  ),
  "transposed-convolution": imagesDraw.chain((shape) =>
    fc
      .record({
        kernel: fc.integer({ min: 1, max: 3 }),
        stride: fc.integer({ min: 1, max: 3 }),
        dilation: fc.integer({ min: 1, max: 2 }),
        pad: fc.nat(1),
        outputPadding: fc.nat(2),
        groups: groupsDraw,
        bias: fc.boolean(),
      })
      .map(({ kernel, stride, dilation, pad, outputPadding, groups: { groups, per }, bias }) => {
        const each = (value: number): number[] => shape.slice(2).map(() => value);
        // Padding takes rows off the output; it is smaller than what a kernel of two or more spreads.
        const padBegin = each(kernel > 1 ? pad : 0);
        const layer = {
          kind: "transposed-convolution",
          kernel: each(kernel),
          stride: each(stride),
          dilation: each(dilation),
          padBegin,
          padEnd: each(0),
          outputPadding: each(outputPadding % Math.max(stride, dilation)),
          outChannels: groups * per,
          groups,
          bias,
        } as const;
        return { layer, shapes: [[shape[0]!, shape[1]! * groups, ...shape.slice(2)]] };
      }),
  ),
  "max-pooling": imagesDraw.chain((shape) =>
    fc
      .tuple(windowDraw(shape), fc.boolean())
      .map(([window, ceil]) => ({ layer: { kind: "max-pooling", ...window, ceil }, shapes: [shape] })),
  ),
  "average-pooling": imagesDraw.chain((shape) =>
    fc.tuple(windowDraw(shape), fc.boolean(), fc.boolean()).map(([window, ceil, countsPadding]) => ({
      layer: { kind: "average-pooling", ...window, ceil, countsPadding },
      shapes: [shape],
    })),
  ),
  "local-response-normalisation": fc
    .tuple(dataDraw, fc.integer({ min: 1, max: 6 }), fc.integer({ min: 1, max: 4 }))
    .map(([shape, size, k]) => ({
      layer: { kind: "local-response-normalisation", size, alpha: 0.5 * k, beta: 0.75, k: 0.5 * k },
      shapes: [shape],
    })),
  "local-contrast-normalisation": fc
    .tuple(imagesDraw, fc.constantFrom(1, 3, 5), fc.constantFrom(0.5, 1, 2))
    .map(([shape, size, sigma]) => ({ layer: { kind: "local-contrast-normalisation", size, sigma }, shapes: [shape] })),
  "batch-normalisation": dataDraw.map((shape) => ({
    layer: { kind: "batch-normalisation", epsilon: 0.01 },
    shapes: [shape],
  })),
  dropout: fc
    .tuple(dataDraw, fc.constantFrom(0, 0.25, 0.5))
    .map(([shape, probability]) => ({ layer: { kind: "dropout", probability }, shapes: [shape] })),
  concatenation: fc
    .tuple(dataDraw, fc.array(fc.integer({ min: 1, max: 4 }), { minLength: 1, maxLength: 3 }))
    .map(([[batch = 1, , ...spatial], channels]) => ({
      layer: { kind: "concatenation" },
      shapes: channels.map((count) => [batch, count, ...spatial]),
    })),
  addition: fc.tuple(dataDraw, fc.integer({ min: 1, max: 3 })).map(([shape, count]) => ({
    layer: { kind: "addition" },
    shapes: Array.from({ length: count }, () => shape),
  })),
};

const KINKED: readonly string[] = ["relu", "absolute-value", "clip", "max-pooling"];

for (const [kind, cases] of Object.entries(CASES)) {
  test(`${kind}: shapes, no NaN, the adjoint identity, and differences of its values`, () => {
    fc.assert(
      fc.property(cases, seedDraw, (drawn, seed) => {
        expectLayerLaws(drawn, seed, { kinks: KINKED.includes(kind) });
      }),
      { numRuns: 40, ...(kind === "local-contrast-normalisation" ? { seed: 7 } : {}) },
    );
  });
}

for (const kind of ["batch-normalisation", "dropout"] as const) {
  test(`${kind} in training: the same laws`, () => {
    fc.assert(
      fc.property(CASES[kind], seedDraw, (drawn, seed) => {
        expectLayerLaws(drawn, seed, { phase: { name: "training", stream: () => seededUniforms(seed) } });
      }),
      { numRuns: 40 },
    );
  });
}
