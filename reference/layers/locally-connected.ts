import type { ConvProblem } from "../../core/problem.ts";
import { meetingsOfOutput, spatialAxes } from "../axis.ts";
import { layerShapes, sharedProblem, type LayerOf } from "../graph/layer-shapes.ts";
import { elementCount } from "../../core/shape.ts";
import type { LayerDefinition } from "./layer-definition.ts";
import { filled, type Tensor } from "./tensor.ts";

/**
 * Calls `visit(input, weight, output)` with flat indices within one image for every connection: output element k,o has
 * a filter of its own, C kernel…, and reads with it what a convolution's filter would read there. Padding is not
 * connected.
 */
function forEachConnection(problem: ConvProblem, visit: (input: number, weight: number, output: number) => void): void {
  const [depth, height, width] = spatialAxes(problem);
  const filterLength = problem.inChannels * elementCount(problem.kernel);
  let output = 0;
  for (let k = 0; k < problem.outChannels; k++) {
    for (let oz = 0; oz < depth.output; oz++) {
      for (let oy = 0; oy < height.output; oy++) {
        for (let ox = 0; ox < width.output; ox++, output++) {
          const ys = meetingsOfOutput(height, oy);
          const xs = meetingsOfOutput(width, ox);
          for (let c = 0; c < problem.inChannels; c++) {
            for (const z of meetingsOfOutput(depth, oz)) {
              for (const y of ys) {
                for (const x of xs) {
                  const tap = ((c * depth.kernel + z.tap) * height.kernel + y.tap) * width.kernel + x.tap;
                  const input = ((c * depth.input + z.input) * height.input + y.input) * width.input + x.input;
                  visit(input, output * filterLength + tap, output);
                }
              }
            }
          }
        }
      }
    }
  }
}

/**
 * A convolution whose weights are not shared between positions: y[n,k,o] = b[k,o] + Σ_c Σ_r x[n,c, o·stride − padBegin
 * + r] · W[k,o,c,r]. x N C in…, weights K out… C kernel…, bias K out… (where `bias`), y N K out….
 * Source: LeCun, "Generalization and network design strategies", 1989; Goodfellow, Bengio and Courville, Deep Learning,
 * 2016 ("unshared convolution"), https://www.deeplearningbook.org
 */
export function locallyConnected(layer: LayerOf<"locally-connected">): LayerDefinition {
  const addProducts = (y: Tensor, x: Tensor, weights: Tensor): void => {
    const [images, outputs, inputs] = [x.shape[0]!, y.values.length / x.shape[0]!, x.values.length / x.shape[0]!];
    forEachConnection(sharedProblem(layer, x.shape), (input, weight, output) => {
      for (let n = 0; n < images; n++) {
        y.values[n * outputs + output]! += x.values[n * inputs + input]! * weights.values[weight]!;
      }
    });
  };
  const addBias = (y: Tensor, bias: Tensor): void => {
    for (let index = 0; index < y.values.length; index++) {
      y.values[index]! += bias.values[index % bias.values.length]!;
    }
  };
  return {
    forward: ({ inputs: [x], parameters: [weights, bias] }) => {
      const y = filled(layerShapes(layer, [x!.shape]).output);
      if (bias !== undefined) addBias(y, bias);
      addProducts(y, x!, weights!);
      return y;
    },
    vjp: ({ inputs: [x], parameters: [weights, bias] }, dy) => {
      const dX = filled(x!.shape);
      const dWeights = filled(weights!.shape);
      const images = x!.shape[0]!;
      const [outputs, inputs] = [dy.values.length / images, dX.values.length / images];
      forEachConnection(sharedProblem(layer, x!.shape), (input, weight, output) => {
        for (let n = 0; n < images; n++) {
          const slope = dy.values[n * outputs + output]!;
          dX.values[n * inputs + input]! += slope * weights!.values[weight]!;
          dWeights.values[weight]! += slope * x!.values[n * inputs + input]!;
        }
      });
      if (bias === undefined) return { inputs: [dX], parameters: [dWeights] };
      const dBias = filled(bias.shape);
      for (let index = 0; index < dy.values.length; index++) dBias.values[index % outputs]! += dy.values[index]!;
      return { inputs: [dX], parameters: [dWeights, dBias] };
    },
    jvp: ({ inputs: [x], parameters: [weights] }, tangents) => {
      const [weightsTangent, biasTangent] = tangents.parameters;
      const moved = filled(layerShapes(layer, [x!.shape]).output);
      if (biasTangent !== undefined) addBias(moved, biasTangent);
      addProducts(moved, tangents.inputs[0]!, weights!);
      addProducts(moved, x!, weightsTangent!);
      return moved;
    },
  };
}
