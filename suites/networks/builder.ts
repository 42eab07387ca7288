import type { Network, NetworkLayer, NetworkNode } from "../../core/network.ts";
import { INPUT } from "../../reference/graph/shapes.ts";

/** A network in smaller: for checks that need its structure and not its size. */
export interface Scale {
  /** Height and width of the input image. */
  readonly size?: number;
  /** Factor of every layer's channels but the input's and the classes; at least one channel is left. */
  readonly width?: number;
  readonly classes?: number;
}

/** Channels at a width, a multiple of `groups`. */
export function scaled(channels: number, width: number, groups = 1): number {
  return groups * Math.max(1, Math.round((channels * width) / groups));
}

/** Nodes in the order in which a description adds them. */
export class NetworkBuilder {
  readonly #nodes: NetworkNode[] = [];
  #last = INPUT;

  /** Appends a node that takes the node before it, or the named ones; returns its name. */
  add(name: string, layer: NetworkLayer, inputs: readonly string[] = [this.#last]): string {
    this.#nodes.push({ name, layer, inputs });
    this.#last = name;
    return name;
  }

  /** The name of the node that was added last. */
  get last(): string {
    return this.#last;
  }

  network(header: Omit<Network, "nodes">): Network {
    return { ...header, nodes: [...this.#nodes] };
  }
}

/** The input of networks for photographs: three channels of `size` × `size`. */
export function colourImage(size: number): Network["input"] {
  return { channels: 3, spatial: square(size) };
}

interface SquareWindow {
  readonly kernel: number;
  readonly stride?: number;
  readonly pad?: number;
}

/** A square convolution with bias, unless told otherwise; stride 1, no padding, one group. */
export function convolution(
  outChannels: number,
  given: SquareWindow & { readonly groups?: number; readonly bias?: boolean },
): NetworkLayer {
  const { groups = 1, bias = true } = given;
  return { kind: "convolution", outChannels, groups, ...window(given), dilation: square(1), bias };
}

/** A square maximum; stride 1 and no padding unless told otherwise. */
export function maxPooling(given: SquareWindow & { readonly ceil?: boolean }): NetworkLayer {
  return { kind: "max-pooling", ...window(given), ceil: given.ceil ?? false };
}

export function fullyConnected(outFeatures: number): NetworkLayer {
  return { kind: "fully-connected", outFeatures, bias: true };
}

export const RELU: NetworkLayer = { kind: "relu" };
export const SOFTMAX: NetworkLayer = { kind: "softmax" };
export const GLOBAL_AVERAGE: NetworkLayer = { kind: "global-average-pooling" };
export const BATCH_NORMALISATION: NetworkLayer = { kind: "batch-normalisation", epsilon: 1e-5 };

export function dropout(probability: number): NetworkLayer {
  return { kind: "dropout", probability };
}

function square(value: number): readonly number[] {
  return [value, value];
}

function window({ kernel, stride = 1, pad = 0 }: SquareWindow) {
  return { kernel: square(kernel), stride: square(stride), padBegin: square(pad), padEnd: square(pad) };
}
