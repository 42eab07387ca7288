import { unravel } from "../../../core/indexing.ts";
import type { ModelGraph } from "../../../core/model.ts";
import type { AnyTensors } from "../../../core/tensors.ts";
import { UNIT_ROUNDOFF } from "../../../reference/bounds/float32.ts";
import { errorRatio } from "../../../reference/bounds.ts";
import { evaluateModel, modelDeviations } from "../../../reference/model/evaluate-model.ts";
import { randomStream } from "../../../suites/data/random.ts";
import { elementFault } from "../../check/element-check.ts";
import type { LayerVerdict } from "../../check/layer-check.ts";
import { modelInputs } from "./model-data.ts";

/** So many evaluations estimate how far rounding takes a right computation. */
const TRIALS = 3;
/**
 * An element may be off by so many standard deviations, its own or the output's root mean square of them, whichever is
 * more. Of independent errors 8 would do once in 10^15 elements; a sum in order errs to one side, which is granted
 * twice as much.
 */
const DEVIATIONS = 16;

/** What a model's outputs are held to. */
interface Bounds {
  readonly deviations: readonly Float64Array[];
  /** Of each output's deviations. */
  readonly roots: readonly number[];
  /** The outputs for other inputs: an answer that is kept from there must not hold. */
  readonly others: readonly Float64Array[];
}

const bounds = new WeakMap<ModelGraph, Bounds>();
/** By the first input's array: the same inputs are checked for every implementation. */
const references = new WeakMap<ModelGraph, WeakMap<Float32Array, readonly Float64Array[]>>();

/** Checks a model's outputs against its float64 evaluation; the bound is docs/models.md's. */
export function checkModel(
  graph: ModelGraph,
  inputs: AnyTensors<Float32Array>,
  outputs: AnyTensors<Float32Array>,
  seed: number,
): LayerVerdict {
  const { deviations, roots, others } = boundsOf(graph, seed);
  const expected = referenceOf(graph, inputs);
  let worst: Omit<LayerVerdict, "tellingElements" | "wideElements"> = { margin: 0 };
  let [tellingElements, wideElements] = [0, 0];
  for (const [output, { dims }] of graph.outputs.entries()) {
    const name = `y${output}` as const;
    const [got, values] = [outputs[name], expected[output]];
    if (got === undefined || values === undefined) throw new Error(`checkModel: output ${name} is missing`);
    for (let at = 0; at < values.length; at++) {
      const value = values[at]!;
      const deviation = Math.max(deviations[output]![at]!, roots[output]!);
      const bound = DEVIATIONS * deviation + UNIT_ROUNDOFF * Math.abs(value);
      if (tellingElements === 0) {
        if (bound < Math.abs(value - others[output]![at]!)) tellingElements = 1;
        else wideElements++;
      }
      if (got[at] === value || (Number.isNaN(got[at]) && Number.isNaN(value))) continue;
      const margin = errorRatio(got[at]!, value, bound);
      if (margin <= worst.margin) continue;
      worst = { margin };
      if (margin > 1) worst = { margin, fault: elementFault(name, got, at, { value, bound }, unravel(at, dims)) };
    }
  }
  return { ...worst, tellingElements, wideElements };
}

function boundsOf(graph: ModelGraph, seed: number): Bounds {
  const known = bounds.get(graph);
  if (known !== undefined) return known;
  const reals = realsOf(graph, modelInputs(graph, seed));
  const stream = randomStream("model-trials", seed);
  const deviations = modelDeviations(graph, reals, TRIALS, () => stream.nextUint32() / 2 ** 32);
  const roots = deviations.map((all) => Math.sqrt(all.reduce((sum, one) => sum + one * one, 0) / (all.length || 1)));
  const others = evaluateModel(
    graph,
    reals.map((values) => values.toReversed()),
  );
  const found = { deviations, roots, others };
  bounds.set(graph, found);
  return found;
}

function referenceOf(graph: ModelGraph, inputs: AnyTensors<Float32Array>): readonly Float64Array[] {
  const { x0: key } = inputs;
  const own = references.get(graph) ?? new WeakMap<Float32Array, readonly Float64Array[]>();
  references.set(graph, own);
  const found = (key && own.get(key)) ?? evaluateModel(graph, realsOf(graph, inputs));
  if (key !== undefined) own.set(key, found);
  return found;
}

function realsOf(graph: ModelGraph, inputs: AnyTensors<Float32Array>): readonly Float64Array[] {
  return graph.inputs.map((_, index) => Float64Array.from(inputs[`x${index}`] ?? []));
}
