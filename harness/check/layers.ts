import { unravel } from "../../core/indexing.ts";
import { roundingModel } from "../../reference/bounds/float32.ts";
import { elementCount } from "../../core/shape.ts";
import { POISON_NAN_BITS } from "../runner/open-plan.ts";
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
import type { Contract } from "./contract.ts";
import { layerReferences } from "./layer-bounds.ts";

/** Up to so many elements of operands and outputs every image is judged; beyond, some of them. */
const WHOLE_BATCH_ELEMENTS = 2 ** 23;

export interface LayerVerdict {
  /** Error ÷ bound at the worst element. */
  readonly margin: number;
  readonly fault?: {
    readonly message: string;
    readonly element?: {
      readonly tensor: string;
      readonly index: readonly number[];
      readonly got: number;
      readonly expected: number;
      readonly bound: number;
    };
  };
}

/**
 * Judges the outputs of a layer's pass against the float64 reference, every element under its own bound (`layerReferences`). Of a large batch some
 * images are judged, the first and the last among them: no layer mixes images but in the gradients of its parameters, which are judged whole.
 */
export function checkLayer(
  problem: LayerProblem,
  pass: Pass,
  operands: LayerTensors,
  outputs: LayerTensors,
  { precision, arithmetic }: Pick<Contract, "precision" | "arithmetic">,
  seed: number,
): LayerVerdict {
  const images = judgedImages(problem, pass, seed);
  const part = images === undefined ? problem : withImages(problem, images.length);
  const cut = (tensors: LayerTensors, shapes: readonly NamedShape[]): LayerTensors =>
    images === undefined ? tensors : imagesOf(tensors, shapes, images);
  const references = layerReferences(
    part,
    pass,
    cut(operands, layerOperands(problem, pass)),
    roundingModel({ precision, arithmetic }),
  );
  if (references === undefined) throw new Error(`judge: there is no bound for ${problem.kind} ${pass}`);
  const got = cut(outputs, layerOutputs(problem, pass));
  let worst: LayerVerdict = { margin: 0 };
  layerOutputs(part, pass).forEach(([name, shape], output) => {
    const values = got[name];
    const reference = references[output];
    if (values === undefined || reference === undefined) throw new Error(`judge: output ${name} is missing`);
    const patterns = new Uint32Array(values.buffer, values.byteOffset, values.length);
    for (let index = 0; index < values.length; index++) {
      const expected = reference.value[index]!;
      const error = Math.abs(values[index]! - expected);
      if (error === 0) continue;
      const bound = reference.bound(index);
      const margin = Number.isNaN(error) || bound === 0 ? Infinity : error / bound;
      if (margin <= worst.margin) continue;
      worst =
        margin <= 1 ? { margin } : wrong(name, shape, index, values[index]!, expected, bound, patterns[index]!, images);
      if (margin === Infinity) break;
    }
  });
  return worst;
}

function wrong(
  tensor: LayerTensorName,
  shape: readonly number[],
  flat: number,
  got: number,
  expected: number,
  bound: number,
  pattern: number,
  images: readonly number[] | undefined,
): LayerVerdict {
  const [image = 0, ...rest] = unravel(flat, shape);
  const index = [images !== undefined && isData(tensor) ? (images[image] ?? image) : image, ...rest];
  const place = `${tensor}[${index.join(", ")}]`;
  const demanded = bound === 0 ? `exactly ${expected}` : `${expected} ± ${bound.toPrecision(3)}`;
  const message =
    pattern === POISON_NAN_BITS
      ? `${place} was never written; ${demanded} was expected`
      : `${place} is ${got}; ${demanded} was expected`;
  const margin = bound === 0 || Number.isNaN(got) ? Infinity : Math.abs(got - expected) / bound;
  return { margin, fault: { message, element: { tensor, index, got, expected, bound } } };
}

/** Which images of a large batch are judged, in order; undefined for all. */
function judgedImages(problem: LayerProblem, pass: Pass, seed: number): readonly number[] | undefined {
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
