import type { Verdict } from "../../core/verdict.ts";
import { shapeOf, type TensorName, type Tensors } from "../../core/tensors.ts";
import type { ConvProblem } from "../../core/problem.ts";
import { elementCount } from "../../core/shape.ts";
import type { ConvCase, LawTools } from "./law.ts";
import { compareSides, measure, together, type Measured, type Side } from "./measured.ts";
import type { IndexMap } from "./positions.ts";

/**
 * A layer written as another: where each element of its tensors lies in those of `problem`, by flat index (in the same
 * place where a map is left out). dX lies where x does, dW where w, dB where b, dy where y.
 */
export interface View {
  /** Its name in messages. */
  readonly by: string;
  readonly problem: ConvProblem;
  readonly x?: IndexMap;
  readonly weights?: IndexMap;
  readonly bias?: IndexMap;
  readonly y?: IndexMap;
}

/**
 * Holds when two views of one layer give the same outputs. A view's operands are the layer's, put where they belong,
 * among zeros: E_x x and E_w w. Where the layer's y is read from the view's at E_y, y = E_yᵀ conv(E_x x, E_w w), the
 * chain rule gives the other passes: dX = E_xᵀ dX(E_y dy, E_w w) and dW = E_wᵀ dW(E_x x, E_y dy), so one law covers all
 * three.
 */
export async function sameInBothViews(tools: LawTools, convCase: ConvCase, left: View, right: View): Promise<Verdict> {
  const operands = tools.operands(convCase);
  const sideOf = async (view: View): Promise<Side> => ({
    by: view.by,
    tensors: await seenThrough(tools, convCase, operands, view),
  });
  return compareSides(await sideOf(left), await sideOf(right));
}

/** The layer as it is. */
export function asItIs(problem: ConvProblem, by = "the layer"): View {
  return { by, problem };
}

async function seenThrough(
  tools: LawTools,
  { problem, pass }: ConvCase,
  operands: Tensors,
  view: View,
): Promise<readonly Measured[]> {
  const results = await measure(tools, view.problem, pass, placed(view, operands));
  return results.map((result) => picked(view, result, problem));
}

function placed(view: View, operands: Tensors): Tensors {
  return mapTensors(operands, (name, tensor) => {
    const map = mapOf(view, name)?.();
    if (map === undefined) return tensor;
    const placedTensor = new Float32Array(elementCount(shapeOf(view.problem, name)));
    for (let i = 0; i < tensor.length; i++) placedTensor[map[i]!] = tensor[i]!;
    return placedTensor;
  });
}

function picked(view: View, result: Measured, problem: ConvProblem): Measured {
  const map = mapOf(view, result.tensor)?.();
  const shape = shapeOf(problem, result.tensor);
  if (map === undefined) return { ...result, problem, shape };
  const pick = (from: Float64Array): Float64Array => Float64Array.from(map, (index) => from[index]!);
  return { problem, tensor: result.tensor, shape, values: pick(result.values), bounds: pick(result.bounds) };
}

/**
 * Holds when each part, computed alone from its share of the operands of the whole, gives its share of the outputs; a
 * part's maps lead from its tensors to those of the whole.
 */
export async function partsOfTheWhole(tools: LawTools, convCase: ConvCase, parts: readonly View[]): Promise<Verdict> {
  const { problem, pass } = convCase;
  const operands = tools.operands(convCase);
  const whole = await measure(tools, problem, pass, operands);
  const verdicts: Verdict[] = [];
  for (const part of parts) {
    const alone = await measure(tools, part.problem, pass, shareOf(part, operands));
    const within = whole.map((result) => picked(part, result, part.problem));
    verdicts.push(compareSides({ by: part.by, tensors: alone }, { by: "the whole layer", tensors: within }));
  }
  return together(verdicts);
}

/** The operands of a part. */
export function shareOf(part: View, operands: Tensors): Tensors {
  return mapTensors(operands, (name, tensor) => {
    const map = mapOf(part, name)?.();
    return map === undefined ? tensor : Float32Array.from(map, (index) => tensor[index]!);
  });
}

function mapOf(view: View, name: TensorName): IndexMap | undefined {
  switch (name) {
    case "x":
    case "dx":
      return view.x;
    case "weights":
    case "dWeights":
      return view.weights;
    case "bias":
    case "dBias":
      return view.bias;
    case "y":
    case "dy":
    case "residual":
      return view.y;
  }
}

const TENSOR_NAMES: readonly TensorName[] = ["x", "weights", "bias", "dy"];

function mapTensors(tensors: Tensors, map: (name: TensorName, tensor: Float32Array) => Float32Array): Tensors {
  return Object.fromEntries(
    TENSOR_NAMES.flatMap((name) => {
      const tensor = tensors[name];
      return tensor === undefined ? [] : [[name, map(name, tensor)]];
    }),
  );
}
