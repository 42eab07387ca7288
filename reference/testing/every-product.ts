import type { ConvProblem } from "../../core/problem.ts";
import { flatten, multiIndices } from "../../core/indexing.ts";
import { outputShape, tensorShapes } from "../../core/shape.ts";

/**
 * Calls `visit` with the flat indices of x, weights and y for every product of a layer, in the words of the definition
 * and in no other: all multi-indices of y, all of a filter, and the input position that the two name. For tests; slow.
 */
export function forEachProduct(problem: ConvProblem, visit: (x: number, weights: number, y: number) => void): void {
  const shapes = tensorShapes(problem);
  const channelsPerGroup = problem.inChannels / problem.groups;
  const filtersPerGroup = problem.outChannels / problem.groups;
  for (let n = 0; n < problem.batch; n++) {
    for (let k = 0; k < problem.outChannels; k++) {
      for (let c = 0; c < channelsPerGroup; c++) {
        const channel = Math.floor(k / filtersPerGroup) * channelsPerGroup + c;
        for (const output of multiIndices(outputShape(problem))) {
          for (const tap of multiIndices(problem.kernel)) {
            const input = output.map(
              (o, axis) => o * problem.stride[axis]! - problem.padBegin[axis]! + tap[axis]! * problem.dilation[axis]!,
            );
            if (input.some((i, axis) => i < 0 || i >= problem.input[axis]!)) continue;
            visit(
              flatten([n, channel, ...input], shapes.x),
              flatten([k, c, ...tap], shapes.weights),
              flatten([n, k, ...output], shapes.y),
            );
          }
        }
      }
    }
  }
}
