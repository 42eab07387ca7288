import { elementCount } from "../../core/shape.ts";
import type { InferredNode } from "./infer-shapes.ts";
import { isFullyConnected } from "./layers.ts";

/** Nodes that become part of the layer before them, whose parameters can do the same. */
export interface Folding {
  /** By the node that is folded: the layer. */
  readonly into: ReadonlyMap<InferredNode, InferredNode>;
  /** Layers that get a bias that way. */
  readonly addsBias: ReadonlySet<InferredNode>;
}

const SCALES: ReadonlySet<string> = new Set(["Mul", "Div"]);
const SHIFTS: ReadonlySet<string> = new Set(["Add", "Sub"]);
const TAKES_BOTH: ReadonlySet<string> = new Set(["Conv", "ConvTranspose", "BatchNormalization"]);

/**
 * Finds the products and sums with one constant a channel that directly follow a layer which absorbs them: MatMul and
 * Add are one fully connected layer with bias, a convolution and Add one convolution with bias; batch normalisation and
 * the Mul and Add after it, as converters from Caffe write them, are one batch normalisation. Only where nothing else
 * reads the values between.
 */
export function findFolding(nodes: readonly InferredNode[], graphOutputs: ReadonlySet<string>): Folding {
  const readers = new Map<string, number>([...graphOutputs].map((name) => [name, 1]));
  for (const { call } of nodes) for (const input of call.node.inputs) readers.set(input, (readers.get(input) ?? 0) + 1);
  const into = new Map<InferredNode, InferredNode>();
  const addsBias = new Set<InferredNode>();
  // By value: the layer into which a node that reads the value can be folded.
  const layerOf = new Map<string, InferredNode>();
  for (const node of nodes) {
    const { op, inputs, outputs } = node.call.node;
    const output = outputs[0] ?? "";
    const source = inputs.find((_, index) => node.call.inputs[index]?.isConstant === false) ?? "";
    const layer = layerOf.get(source);
    if (layer !== undefined && isPerChannel(node) && (SHIFTS.has(op) || TAKES_BOTH.has(layer.call.node.op))) {
      into.set(node, layer);
      if (SHIFTS.has(op)) addsBias.add(layer);
      if (readers.get(output) === 1) layerOf.set(output, layer);
    } else if ((TAKES_BOTH.has(op) || isFullyConnected(node.call)) && readers.get(output) === 1)
      layerOf.set(output, node);
  }
  return { into, addsBias };
}

/** Whether a node scales or shifts every channel of its one computed input by a constant. */
function isPerChannel({ call, outputs }: InferredNode): boolean {
  const { op } = call.node;
  if (!SCALES.has(op) && !SHIFTS.has(op)) return false;
  const constant = call.inputs.findIndex((facts) => facts?.isConstant === true);
  const [given, output] = [call.inputs[constant]?.dims, outputs[0]?.dims];
  const source = call.inputs[1 - constant];
  // A constant minus x and a constant over x are something else.
  if (call.inputs.length !== 2 || source?.isConstant !== false || ((op === "Sub" || op === "Div") && constant !== 1))
    return false;
  if (given === undefined || output === undefined || source.dims?.join() !== output.join()) return false;
  if (elementCount(given) === 1) return true;
  const channels = output[1];
  if (channels === undefined || elementCount(given) !== channels) return false;
  // Before set 7 an attribute says where the constant's first axis goes.
  const firstAxis = call.opset < 7 ? call.integer("axis", output.length - given.length) : output.length - given.length;
  return given.every((extent, axis) => extent === 1 || firstAxis + axis === 1);
}
