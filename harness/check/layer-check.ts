import { unravel } from "../../core/indexing.ts";
import { elementCount } from "../../core/shape.ts";
import { randomStream } from "../../suites/data/random.ts";
import {
  isData,
  layerOperands,
  layerOutputs,
  withImages,
  type NamedShape,
} from "../../reference/graph/layer-problem.ts";
import type { LayerProblem, LayerTensorName, LayerTensors } from "../../core/plugin.ts";
import type { Pass } from "../../core/problem.ts";
import { roundingModelOf, type Declaration } from "./declaration.ts";
import { errorRatio } from "../../reference/bounds.ts";
import { elementFault, type ElementFault } from "./element-check.ts";
import { layerReferences } from "./layer-bounds.ts";

/** Up to this many elements of operands and outputs every image is checked; beyond, some of them. */
const WHOLE_BATCH_ELEMENTS = 2 ** 23;

export interface LayerVerdict {
  /** Error ÷ bound at the worst element. */
  readonly margin: number;
  /** Whether the bound of any element that is not zero is below what a zero misses by; more are not counted. */
  readonly tellingElements: number;
  /** Elements that are not zero, up to the first that tells. */
  readonly wideElements?: number;
  /** The worst element, where an output is wrong. */
  readonly fault?: { readonly message: string; readonly element?: ElementFault<string>["element"] };
}

/**
 * Checks the outputs of a layer's pass against the float64 reference, every element under its own bound
 * (`layerReferences`). Of a large batch some images are checked, the first and the last among them: no layer mixes
 * images but in the gradients of its parameters, which are checked whole.
 */
export function checkLayer(
  problem: LayerProblem,
  pass: Pass,
  operands: LayerTensors,
  outputs: LayerTensors,
  declaration: Omit<Declaration, "algorithm">,
  seed: number,
): LayerVerdict {
  const images = sampledImages(problem, pass, seed);
  const part = images === undefined ? problem : withImages(problem, images.length);
  const cut = (tensors: LayerTensors, shapes: readonly NamedShape[]): LayerTensors =>
    images === undefined ? tensors : imagesOf(tensors, shapes, images);
  const partOperands = cut(operands, layerOperands(problem, pass));
  const references = layerReferences(part, pass, partOperands, roundingModelOf(declaration));
  if (references === undefined) throw new Error(`checkLayer: there is no bound for ${problem.kind} ${pass}`);
  const got = cut(outputs, layerOutputs(problem, pass));
  let worst: Omit<LayerVerdict, "tellingElements" | "wideElements"> = { margin: 0 };
  let [tellingElements, wideElements] = [0, 0];
  layerOutputs(part, pass).forEach(([name, shape], output) => {
    const values = got[name];
    const reference = references[output];
    if (values === undefined || reference === undefined) throw new Error(`checkLayer: output ${name} is missing`);
    for (let at = 0; at < values.length; at++) {
      const value = reference.value[at]!;
      if (tellingElements === 0 && value !== 0) {
        if (reference.bound(at) < Math.abs(value)) tellingElements = 1;
        else wideElements++;
      }
      if (values[at] === value) continue;
      const bound = reference.bound(at);
      const margin = errorRatio(values[at]!, value, bound);
      if (margin <= worst.margin) continue;
      worst = { margin };
      if (margin <= 1) continue;
      const [image = 0, ...rest] = unravel(at, shape);
      const index = [images !== undefined && isData(name) ? (images[image] ?? image) : image, ...rest];
      worst = { margin, fault: elementFault(name, values, at, { value, bound }, index) };
      if (margin === Infinity) break;
    }
  });
  return { ...worst, tellingElements, wideElements };
}

/** Which images of a large batch are checked, in order; undefined for all. */
function sampledImages(problem: LayerProblem, pass: Pass, seed: number): readonly number[] | undefined {
  const shapes = [...layerOperands(problem, pass), ...layerOutputs(problem, pass)];
  const elements = shapes.reduce((sum, [, shape]) => sum + elementCount(shape), 0);
  const { batch } = problem;
  if (pass === "backwardWeights" || elements <= WHOLE_BATCH_ELEMENTS || batch <= 2) return undefined;
  const wanted = Math.max(2, Math.floor((batch * WHOLE_BATCH_ELEMENTS) / elements));
  const stream = randomStream("images", seed, batch);
  const chosen = new Set([0, batch - 1]);
  while (chosen.size < wanted) chosen.add(stream.nextBelow(batch));
  return [...chosen].toSorted((a, b) => a - b);
}

function imagesOf(tensors: LayerTensors, shapes: readonly NamedShape[], images: readonly number[]): LayerTensors {
  const parts: Partial<Record<LayerTensorName, Float32Array>> = {};
  for (const [name, [, ...rest]] of shapes) {
    const tensor = tensors[name];
    if (tensor === undefined) continue;
    if (!isData(name)) {
      parts[name] = tensor;
      continue;
    }
    const length = elementCount(rest);
    const part = new Float32Array(images.length * length);
    images.forEach((image, at) => part.set(tensor.subarray(image * length, (image + 1) * length), at * length));
    parts[name] = part;
  }
  return parts;
}
