/** What the breakdown's page and its worker say to each other, and what is made of the times. */
import { alexnet } from "../../../suites/alexnet.ts";
import type { Suite } from "../../../suites/suite.ts";

export const IMPLEMENTATIONS = ["wasm-gemm", "webgpu"] as const;
export type ImplementationName = (typeof IMPLEMENTATIONS)[number];

/** AlexNet's convolution and fully connected layers, one image. */
export const LAYERS: Suite["layers"] = alexnet.layers;

/** Asks for layers in turn. */
export interface Order {
  readonly implementation: ImplementationName;
  readonly layers: readonly string[];
  /** Of samples, a layer and round. */
  readonly timeMs: number;
  readonly rounds: number;
}

/** A layer that was timed, every checked output right. */
export interface LayerTime {
  readonly name: string;
  readonly medianMs: number;
  /** How many outputs were checked, and the largest error ÷ bound. */
  readonly checkedOutputs: number;
  readonly margin: number;
}

export type Report =
  | { readonly kind: "began"; readonly name: string }
  | ({ readonly kind: "timed" } & LayerTime)
  | { readonly kind: "failed"; readonly reason: string }
  | { readonly kind: "done" };

/** Each layer's part of the sum, 0 to 1. */
export function sharesOf(values: readonly number[]): readonly number[] {
  const sum = values.reduce((total, value) => total + value, 0);
  return values.map((value) => (sum === 0 ? 0 : value / sum));
}
