import type { ConvProblem } from "../../core/problem.ts";
import { convolutionProblem, type LayerOf, type Shape } from "../graph/layer-shapes.ts";
import { backwardData, backwardWeights, forward } from "../passes.ts";
import { tensorShapes } from "../../core/shape.ts";
import { addChannelBias } from "./channel-bias.ts";
import type { LayerDefinition } from "./layer-definition.ts";
import { addInto, filled, isZero, tensor, type Tensor } from "./tensor.ts";

/** Convolution: x N C in…, weights K C/G kernel…, bias K (where `bias`), y N K out…, as `forwardAt` defines it. */
export function convolution(layer: LayerOf<"convolution">): LayerDefinition {
  const withoutBias = (shape: Shape): ConvProblem => ({ ...convolutionProblem(layer, shape), bias: false });
  const shapesOf = (shape: Shape): ReturnType<typeof tensorShapes> => tensorShapes(convolutionProblem(layer, shape));
  return {
    forward: ({ inputs: [x], parameters: [weights, bias] }) =>
      tensor(
        shapesOf(x!.shape).y,
        forward(convolutionProblem(layer, x!.shape), {
          x: x!.values,
          weights: weights!.values,
          bias: bias?.values,
        }),
      ),
    vjp: ({ inputs: [x], parameters: [weights, bias] }, dy) => {
      const problem = convolutionProblem(layer, x!.shape);
      const dX = backwardData(problem, { dy: dy.values, weights: weights!.values });
      const { dWeights, dBias } = backwardWeights(problem, { x: x!.values, dy: dy.values });
      const gradients = [tensor(weights!.shape, dWeights)];
      return {
        inputs: [tensor(x!.shape, dX)],
        parameters: bias === undefined ? gradients : [...gradients, tensor(bias.shape, dBias)],
      };
    },
    jvp: ({ inputs: [x], parameters: [weights] }, tangents) => {
      const [weightsTangent, biasTangent] = tangents.parameters;
      const moved = filled(shapesOf(x!.shape).y);
      const addProducts = (image: Tensor, filters: Tensor): void => {
        // Most directions move one operand alone.
        if (isZero(image) || isZero(filters)) return;
        const products = forward(withoutBias(image.shape), { x: image.values, weights: filters.values });
        addInto(moved, tensor(moved.shape, products));
      };
      if (biasTangent !== undefined) addChannelBias(moved, biasTangent);
      addProducts(tangents.inputs[0]!, weights!);
      addProducts(x!, weightsTangent!);
      return moved;
    },
  };
}
