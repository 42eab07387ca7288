import type { FunctionLayer, LayerProblem, LayerTensors } from "../../core/plugin.ts";
import { required, tensor } from "../support/tensor.ts";
import { extents } from "./extents.ts";

/** Calls `visit(c, first, end)` for every plane: its channel, and where it begins and ends. */
function forEachPlane(
  { output }: LayerProblem<"batch-normalisation">,
  visit: (c: number, first: number, end: number) => void,
): void {
  const { batch, channels, positions } = extents(output);
  for (let plane = 0; plane < batch * channels; plane++) {
    visit(plane % channels, plane * positions, (plane + 1) * positions);
  }
}

/** γ / √(σ² + ε), for each channel. */
function slopes({ epsilon }: LayerProblem<"batch-normalisation">, { scale, variance }: LayerTensors): Float32Array {
  return required(scale, "scale").map((factor, c) => factor / Math.sqrt(required(variance, "variance")[c]! + epsilon));
}

/** With mean and variance known, y = a·x + b for each channel: a = γ / √(σ² + ε), b = β − a·μ. */
export const batchNormalisation: FunctionLayer<"batch-normalisation"> = {
  forward(problem, operands, outputs) {
    const [x, y] = [tensor(operands, "x"), tensor(outputs, "y")];
    const [mean, shift] = [tensor(operands, "mean"), tensor(operands, "shift")];
    const a = slopes(problem, operands);
    forEachPlane(problem, (c, first, end) => {
      const slope = a[c]!;
      const term = shift[c]! - slope * mean[c]!;
      for (let i = first; i < end; i++) y[i] = slope * x[i]! + term;
    });
  },
  backwardData(problem, operands, outputs) {
    const [dy, dx] = [tensor(operands, "dy"), tensor(outputs, "dx")];
    const a = slopes(problem, operands);
    forEachPlane(problem, (c, first, end) => {
      const slope = a[c]!;
      for (let i = first; i < end; i++) dx[i] = slope * dy[i]!;
    });
  },
  backwardWeights(problem, operands, outputs) {
    const [x, dy, mean, variance] = [
      tensor(operands, "x"),
      tensor(operands, "dy"),
      tensor(operands, "mean"),
      tensor(operands, "variance"),
    ];
    const [dScale, dShift] = [tensor(outputs, "dScale"), tensor(outputs, "dShift")];
    dScale.fill(0);
    dShift.fill(0);
    forEachPlane(problem, (c, first, end) => {
      let [sum, products] = [0, 0];
      for (let i = first; i < end; i++) {
        sum += dy[i]!;
        products += dy[i]! * (x[i]! - mean[c]!);
      }
      dShift[c]! += sum;
      dScale[c]! += products / Math.sqrt(variance[c]! + problem.epsilon);
    });
  },
};
