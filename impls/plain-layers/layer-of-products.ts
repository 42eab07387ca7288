import type { FunctionLayer, LayerProblem } from "../../core/plugin.ts";
import { tensor } from "../support/tensor.ts";

/** What a linear layer with weights is made of. */
interface Products<Kind extends LayerProblem["kind"]> {
  /** Calls `visit` with the flat indices of each product's factors and of the output that it is added to. */
  readonly forEachProduct: (problem: LayerProblem<Kind>, visit: (x: number, weight: number, y: number) => void) => void;
  /** For each output, by its flat index, which bias is added to it. */
  readonly biasOf: (problem: LayerProblem<Kind>) => (y: number) => number;
}

/** The layer y = Σ weight·x + bias, and its gradients, which have the same products. */
export function layerOfProducts<Kind extends LayerProblem["kind"]>({
  forEachProduct,
  biasOf,
}: Products<Kind>): FunctionLayer<Kind> {
  return {
    forward(problem, operands, outputs) {
      const [x, weights, y] = [tensor(operands, "x"), tensor(operands, "weights"), tensor(outputs, "y")];
      const { bias } = operands;
      const indexOf = biasOf(problem);
      for (let i = 0; i < y.length; i++) y[i] = bias?.[indexOf(i)] ?? 0;
      forEachProduct(problem, (from, weight, to) => {
        y[to]! += x[from]! * weights[weight]!;
      });
    },
    backwardData(problem, operands, outputs) {
      const [dy, weights, dx] = [tensor(operands, "dy"), tensor(operands, "weights"), tensor(outputs, "dx")];
      dx.fill(0);
      forEachProduct(problem, (from, weight, to) => {
        dx[from]! += dy[to]! * weights[weight]!;
      });
    },
    backwardWeights(problem, operands, outputs) {
      const [x, dy, dWeights] = [tensor(operands, "x"), tensor(operands, "dy"), tensor(outputs, "dWeights")];
      dWeights.fill(0);
      forEachProduct(problem, (from, weight, to) => {
        dWeights[weight]! += x[from]! * dy[to]!;
      });
      const { dBias } = outputs;
      if (dBias === undefined) return;
      dBias.fill(0);
      const indexOf = biasOf(problem);
      for (let i = 0; i < dy.length; i++) dBias[indexOf(i)]! += dy[i]!;
    },
  };
}
