import type { NetworkLayer } from "../../../core/network.ts";
import { layerShapes } from "../../../reference/graph/layer-shapes.ts";

export const POOLINGS = ["maximum", "average"] as const;
export type Pooling = (typeof POOLINGS)[number];

/** A square pooling without padding. */
export function poolingLayer(pooling: Pooling, kernel: number, stride: number): NetworkLayer {
  const both = (value: number): readonly number[] => [value, value];
  const window = { kernel: both(kernel), stride: both(stride), padBegin: both(0), padEnd: both(0), ceil: false };
  return pooling === "maximum"
    ? { kind: "max-pooling", ...window }
    : { kind: "average-pooling", ...window, countsPadding: false };
}

/** A pooling of three neighbours along a row, one output for each element. */
export const NEIGHBOURS: NetworkLayer = {
  kind: "max-pooling",
  kernel: [1, 3],
  stride: [1, 1],
  padBegin: [0, 1],
  padEnd: [0, 1],
  ceil: false,
};

/** The side of the output: (H − K) / S + 1. */
export function pooledSize(size: number, kernel: number, stride: number): number {
  return layerShapes(poolingLayer("maximum", kernel, stride), [[1, 1, size, size]]).output[2] ?? 0;
}
