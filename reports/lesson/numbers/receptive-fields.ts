import type { Network, NetworkLayer } from "../../../core/network.ts";
import { receptiveFields } from "../../../suites/networks/receptive-field.ts";
import type { Rows } from "../../../suites/lectures/example.ts";
import { correlate, flipped, PLAIN } from "./layers.ts";

interface Stack {
  readonly layers: number;
  readonly kernel: number;
  readonly stride: number;
  /** Whether each layer dilates twice as much as the one before. */
  readonly isDilated: boolean;
}

export interface StackLayer {
  readonly size: number;
  readonly dilation: number;
  readonly field: number;
  readonly jump: number;
}

const dilationOf = (layer: number, isDilated: boolean): number => (isDilated ? 2 ** layer : 1);

/** A stack of equal convolutions along one axis whose last layer has `outputs` positions; the input first. */
export function stackLayers({ layers, kernel, stride, isDilated }: Stack, outputs: number): readonly StackLayer[] {
  const sizes = [outputs];
  for (let layer = layers - 1; layer >= 0; layer--)
    sizes.unshift(((sizes[0] ?? 1) - 1) * stride + dilationOf(layer, isDilated) * (kernel - 1) + 1);
  const network: Network = {
    name: "stack",
    description: "",
    source: "",
    input: { channels: 1, spatial: [sizes[0] ?? 1] },
    nodes: Array.from({ length: layers }, (_, layer) => ({
      name: `layer${layer}`,
      layer: convolution1d(kernel, stride, dilationOf(layer, isDilated)),
      inputs: [layer === 0 ? "input" : `layer${layer - 1}`],
    })),
  };
  const fields = [...receptiveFields(network).values()];
  return sizes.map((size, at) => {
    const field = fields[at - 1];
    const isSpatial = field !== undefined && field !== "all";
    return {
      size,
      dilation: at === 0 ? 1 : dilationOf(at - 1, isDilated),
      field: isSpatial ? (field.size[0] ?? 1) : 1,
      jump: isSpatial ? (field.jump[0] ?? 1) : 1,
    };
  });
}

function convolution1d(kernel: number, stride: number, dilation: number): NetworkLayer {
  return {
    kind: "convolution",
    outChannels: 1,
    groups: 1,
    kernel: [kernel],
    stride: [stride],
    dilation: [dilation],
    padBegin: [0],
    padEnd: [0],
    bias: false,
  };
}

/** Where the receptive field's size of a network's nodes grows, layer by layer. */
export function fieldGrowth(network: Network): readonly number[] {
  return [...receptiveFields(network).values()].flatMap((seen) => (seen === "all" ? [] : [seen.size[0] ?? 1]));
}

/** The one kernel that two stacked ones come to: their true convolution. */
export function composedKernel(first: Rows, second: Rows): number[][] {
  const padding = (first.length || 1) - 1;
  return correlate(second, flipped(first), { ...PLAIN, padding });
}
