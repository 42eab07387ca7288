import { isTrained, layerShapes, type Shape } from "./layer-shapes.ts";
import type { NetworkLayer } from "../../core/network.ts";
import type { LayerKind, LayerProblem } from "../../core/plugin.ts";
import type { LayerTensorName } from "../../core/tensors.ts";
import type { Pass } from "../../core/problem.ts";

/** A tensor of a layer's pass by name, with its shape. */
export type NamedShape = readonly [name: LayerTensorName, shape: Shape];

/**
 * A layer of a network that is timed as such, for valid inputs; undefined for a convolution and for a layer that costs
 * nothing.
 */
export function layerProblem(layer: NetworkLayer, inputs: readonly Shape[]): LayerProblem | undefined {
  if (!isLayerKind(layer)) return undefined;
  const { output, parameters } = layerShapes(layer, inputs);
  return { ...layer, batch: inputs[0]?.[0] ?? 1, inputs, output, parameters };
}

/**
 * A fully connected layer is the convolution whose kernel is its input; flattening and, in inference, dropout are the
 * identity.
 */
const IS_LAYER_KIND: Readonly<Record<NetworkLayer["kind"], boolean>> = {
  convolution: false,
  "fully-connected": false,
  flatten: false,
  dropout: false,
  "absolute-value": true,
  addition: true,
  "average-pooling": true,
  "batch-normalisation": true,
  clip: true,
  concatenation: true,
  "global-average-pooling": true,
  "local-contrast-normalisation": true,
  "local-response-normalisation": true,
  "locally-connected": true,
  "max-pooling": true,
  relu: true,
  sigmoid: true,
  softmax: true,
  tanh: true,
  "transposed-convolution": true,
};

/** The kinds that a plugin may have layers of. */
export const LAYER_KINDS: readonly string[] = Object.entries(IS_LAYER_KIND).flatMap(([kind, is]) => (is ? [kind] : []));

function isLayerKind(layer: NetworkLayer): layer is NetworkLayer & { readonly kind: LayerKind } {
  return IS_LAYER_KIND[layer.kind];
}

/**
 * Whether there is anything to compute: an addition passes its gradient on unchanged, and only trained parameters have
 * gradients.
 */
export function hasPass(problem: LayerProblem, pass: Pass): boolean {
  switch (pass) {
    case "forward":
      return true;
    case "backwardData":
      return problem.kind !== "addition";
    case "backwardWeights":
      return trainedParameters(problem).length > 0;
  }
}

/** The operands of a pass: inputs and parameters; backward also the result y and its gradient dy. */
export function layerOperands(problem: LayerProblem, pass: Pass): readonly NamedShape[] {
  const { output, parameters } = problem;
  const forward: readonly NamedShape[] = [...inputsOf(problem, "x"), ...entriesOf(parameters)];
  return pass === "forward" ? forward : [...forward, ["y", output], ["dy", output]];
}

/** What a pass fills: y, the gradients of the inputs, or those of the trained parameters. */
export function layerOutputs(problem: LayerProblem, pass: Pass): readonly NamedShape[] {
  switch (pass) {
    case "forward":
      return [["y", problem.output]];
    case "backwardData":
      return inputsOf(problem, "dx");
    case "backwardWeights":
      return trainedParameters(problem);
  }
}

/** Whether a tensor has an image axis and a channel axis first: all but parameters and their gradients. */
export function isData(name: string): boolean {
  return /^d?[xy]\d*$/.test(name);
}

function inputsOf({ kind, inputs }: LayerProblem, name: "x" | "dx"): readonly NamedShape[] {
  const joins = kind === "concatenation" || kind === "addition";
  return inputs.map((shape, index): NamedShape => [joins ? `${name}${index}` : name, shape]);
}

function trainedParameters({ parameters }: LayerProblem): readonly NamedShape[] {
  const gradients = { weights: "dWeights", bias: "dBias", scale: "dScale", shift: "dShift" } as const;
  return entriesOf(gradients).flatMap(([name, gradient]): NamedShape[] => {
    const shape = parameters[name];
    return shape === undefined || !isTrained(name) ? [] : [[gradient, shape]];
  });
}

function entriesOf<Key extends string, Value>(record: Readonly<Partial<Record<Key, Value>>>): [Key, Value][] {
  return Object.entries(record) as [Key, Value][]; // oxlint-disable-line typescript/no-unsafe-type-assertion -- objects made above, without other keys
}

const NO_ATTRIBUTES: readonly string[] = ["kind", "batch", "inputs", "output", "parameters"];

/**
 * A layer in one line, for the record: `max-pooling_mb1_96x55x55_to_96x27x27_kernel3x3_stride2x2`. Lists of zeros and
 * what is false are left out.
 */
export function layerDescriptor(problem: LayerProblem): string {
  const { kind, batch, inputs, output } = problem;
  const attributes = Object.entries(problem).flatMap(([name, value]: [string, unknown]) => {
    if (NO_ATTRIBUTES.includes(name) || value === false) return [];
    if (!Array.isArray(value)) return [`${name}${value === true ? "" : String(value)}`];
    return value.every((item) => item === 0) ? [] : [`${name}${value.join("x")}`];
  });
  const extents = (shape: Shape): string => shape.slice(1).join("x");
  const sameShape = inputs.length === 1 && extents(inputs[0] ?? []) === extents(output);
  const shapes = [...inputs.map(extents), ...(sameShape ? [] : ["to", extents(output)])];
  return [kind, `mb${batch}`, ...shapes, ...attributes].join("_");
}

/** The layer on `images` of its images. */
export function withImages<Kind extends LayerKind>(problem: LayerProblem<Kind>, images: number): LayerProblem<Kind> {
  const resized = ([, ...rest]: Shape): Shape => [images, ...rest];
  return { ...problem, batch: images, inputs: problem.inputs.map(resized), output: resized(problem.output) };
}
