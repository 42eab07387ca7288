import type { Network, NetworkLayer } from "../../core/network.ts";
import { INPUT } from "../../reference/graph/shapes.ts";
import { effectiveKernelSize } from "../../core/shape.ts";

/** Per spatial axis: what part of the network's input an output depends on. Padding counts as input. */
export interface ReceptiveField {
  /** Where the field of the output at 0 begins; negative in the padding. */
  readonly start: readonly number[];
  /** Rows that it spans. */
  readonly size: readonly number[];
  /** Rows from the field of one output to that of the next. */
  readonly jump: readonly number[];
}

/** `"all"`: every output depends on all positions of the image, of which features without spatial axes have one. */
export type SeenInput = ReceptiveField | "all";

/** A layer's window along one axis, dilation included, in rows of its own input. */
interface Window {
  readonly padBegin: number;
  readonly size: number;
  readonly stride: number;
}

/**
 * The receptive field of every node's outputs in the network's input, by the node's name. A window of size r and stride
 * s over inputs of field f and jump j sees f + (r − 1)·j and jumps s·j, so L convolutions of kernel K and stride 1 see
 * 1 + L·(K − 1). Where branches meet, the field spans them all. Statistics that batch normalisation takes over a
 * training batch are left out.
 * Source: Araujo, Norris and Sim, Computing receptive fields of convolutional neural networks, 2019,
 * https://distill.pub/2019/computing-receptive-fields/
 */
export function receptiveFields({ input, nodes }: Network): ReadonlyMap<string, SeenInput> {
  const each = (value: number): number[] => input.spatial.map(() => value);
  const point: SeenInput = { start: each(0), size: each(1), jump: each(1) };
  const seen = new Map<string, SeenInput>([[INPUT, input.spatial.length === 0 ? "all" : point]]);
  for (const { name, layer, inputs } of nodes) {
    const fields = inputs.flatMap((from) => seen.get(from) ?? []);
    seen.set(name, throughLayer(layer, fields.reduce(union, fields[0] ?? "all")));
  }
  seen.delete(INPUT);
  return seen;
}

function throughLayer(layer: NetworkLayer, field: SeenInput): SeenInput {
  if (field === "all") return "all";
  const each = (value: number): number[] => field.size.map(() => value);
  switch (layer.kind) {
    case "fully-connected":
    case "global-average-pooling":
      return "all";
    case "convolution":
      return throughWindow(field, layer, layer.dilation);
    case "locally-connected":
    case "max-pooling":
    case "average-pooling":
      return throughWindow(field, layer, each(1));
    case "local-contrast-normalisation": {
      // The mean's window, then the deviation's over it.
      const window = { padBegin: each((layer.size - 1) / 2), kernel: each(layer.size), stride: each(1) };
      return throughWindow(throughWindow(field, window, each(1)), window, each(1));
    }
    case "transposed-convolution": {
      const windows = layer.kernel.map((kernel, axis) => transposedWindow(layer, kernel, axis));
      return moved(field, windows);
    }
    case "relu":
    case "absolute-value":
    case "sigmoid":
    case "tanh":
    case "clip":
    case "softmax":
    case "flatten":
    case "local-response-normalisation":
    case "batch-normalisation":
    case "dropout":
    case "concatenation":
    case "addition":
      return field;
  }
}

function throughWindow(
  field: ReceptiveField,
  sizes: Readonly<Record<"padBegin" | "kernel" | "stride", readonly number[]>>,
  dilation: readonly number[],
): ReceptiveField {
  return moved(
    field,
    sizes.kernel.map((kernel, axis) => ({
      padBegin: sizes.padBegin[axis]!,
      size: effectiveKernelSize(kernel, dilation[axis]!),
      stride: sizes.stride[axis]!,
    })),
  );
}

/**
 * Output o of a transposed convolution meets the inputs i with o = stride·i − padBegin + dilation·tap: at most every
 * stride-th row of the effective kernel.
 */
function transposedWindow(
  layer: Extract<NetworkLayer, { readonly kind: "transposed-convolution" }>,
  kernel: number,
  axis: number,
): Window {
  const [stride, last] = [layer.stride[axis]!, effectiveKernelSize(kernel, layer.dilation[axis]!) - 1];
  const first = Math.ceil((layer.padBegin[axis]! - last) / stride);
  return { padBegin: -first, size: Math.floor(last / stride) + 1, stride: 1 / stride };
}

function moved({ start, size, jump }: ReceptiveField, windows: readonly Window[]): ReceptiveField {
  return {
    start: windows.map((window, axis) => start[axis]! - window.padBegin * jump[axis]!),
    size: windows.map((window, axis) => size[axis]! + (window.size - 1) * jump[axis]!),
    jump: windows.map((window, axis) => window.stride * jump[axis]!),
  };
}

function union(left: SeenInput, right: SeenInput): SeenInput {
  if (left === "all" || right === "all") return "all";
  const start = left.start.map((row, axis) => Math.min(row, right.start[axis]!));
  const end = left.start.map((row, axis) => Math.max(row + left.size[axis]!, right.start[axis]! + right.size[axis]!));
  return {
    start,
    size: end.map((row, axis) => row - start[axis]!),
    jump: left.jump.map((rows, axis) => Math.max(rows, right.jump[axis]!)),
  };
}
