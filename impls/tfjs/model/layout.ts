import type { ModelGraph, ModelNode, ModelOperation } from "../../../core/model.ts";

/** How a value lies in tfjs: as in the graph, or with its channels last. */
export type Layout = "first" | "last";

/** A node with the layouts that its inputs need and that its result has. */
export interface PlacedNode {
  readonly node: ModelNode;
  readonly layout: Layout;
  /** Of the inputs that are computed; a constant is brought into the layout when the model is loaded. */
  readonly inputs: Layout;
}

/** Whether a value has images: N C and one to three spatial axes. */
export function isImage(dims: readonly number[]): boolean {
  return dims.length >= 3 && dims.length <= 5;
}

/**
 * Chooses a layout for every value, as converters do: channels last where convolutions and pooling want it and whatever
 * follows can go on so, the graph's own elsewhere. Inputs and outputs of four and five axes are images.
 */
export function placed(graph: ModelGraph): readonly PlacedNode[] {
  const layouts = new Map<string, Layout>(graph.inputs.map(({ name, dims }) => [name, ownLayout(dims)]));
  const dimsOf = new Map([...graph.inputs, ...graph.constants, ...graph.nodes].map(({ name, dims }) => [name, dims]));
  return graph.nodes.map((node) => {
    const computed = node.inputs.filter((name) => layouts.has(name));
    const isLast = computed.some((name) => layouts.get(name) === "last");
    const haveRank = computed.every((name) => dimsOf.get(name)?.length === node.dims.length);
    const choice = choose(node.operation, { isLast, haveRank, isImage: isImage(node.dims) });
    layouts.set(node.name, choice.layout);
    return { node, ...choice };
  });
}

/** How the harness hands over inputs and takes outputs of a plugin whose layout is channels last. */
export function ownLayout(dims: readonly number[]): Layout {
  return dims.length === 4 || dims.length === 5 ? "last" : "first";
}

function choose(
  operation: ModelOperation,
  facts: { readonly isLast: boolean; readonly haveRank: boolean; readonly isImage: boolean },
): Pick<PlacedNode, "layout" | "inputs"> {
  const [last, first] = [
    { layout: "last", inputs: "last" },
    { layout: "first", inputs: "first" },
  ] as const;
  switch (operation.kind) {
    case "convolution":
    case "transposed-convolution":
    case "max-pooling":
    case "average-pooling":
      return last;
    case "batch-normalisation":
    case "local-response-normalisation":
    case "resize":
      return facts.isImage ? last : first;
    case "element":
    case "pair":
    case "concatenation":
    case "slice":
    case "padding":
    case "softmax":
    case "normalisation":
      return facts.isLast && facts.haveRank && facts.isImage ? last : first;
    case "reduction":
      // What is left of the axes may have moved: where they all stay the result is an image again.
      return facts.isLast && facts.haveRank && facts.isImage ? last : first;
    case "transposition":
      return { layout: "first", inputs: facts.isLast ? "last" : "first" };
    case "reshape":
    case "matrix-product":
    case "broadcast":
      return first;
  }
}

/** Where an axis of the graph's shape is in a layout. */
export function axisIn(layout: Layout, axis: number, rank: number): number {
  if (layout === "first" || axis === 0) return axis;
  return axis === 1 ? rank - 1 : axis - 1;
}

/** A list with an entry for each axis, in the order of a layout. */
export function inLayout<T>(layout: Layout, perAxis: readonly T[]): T[] {
  const [batch, channels, ...spatial] = perAxis;
  if (layout === "first" || batch === undefined || channels === undefined) return [...perAxis];
  return [batch, ...spatial, channels];
}
