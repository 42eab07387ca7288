import { layerShapes, type Shape } from "../graph/layer-shapes.ts";
import type { LayerDefinition } from "./layer-definition.ts";
import { channelExtents, filled, type Tensor } from "./tensor.ts";

/** Calls `visit(part, partStart, joinedStart, length)` for every run of values that an input and the output share. */
function forEachRun(
  shapes: readonly Shape[],
  visit: (part: number, partStart: number, joinedStart: number, length: number) => void,
): void {
  let joinedStart = 0;
  for (let n = 0; n < channelExtents(shapes[0]!).batch; n++) {
    shapes.forEach((shape, part) => {
      const { channels, positions } = channelExtents(shape);
      const length = channels * positions;
      visit(part, n * length, joinedStart, length);
      joinedStart += length;
    });
  }
}

function joined(parts: readonly Tensor[]): Tensor {
  const shapes = parts.map(({ shape }) => shape);
  const whole = filled(layerShapes({ kind: "concatenation" }, shapes).output);
  forEachRun(shapes, (part, partStart, joinedStart, length) => {
    whole.values.set(parts[part]!.values.subarray(partStart, partStart + length), joinedStart);
  });
  return whole;
}

/**
 * The inputs one after the other along the channels; each gets its own part of the gradient. They agree in all other
 * extents.
 * Source: the inception module of Szegedy et al., https://arxiv.org/abs/1409.4842.
 */
export const concatenation: LayerDefinition = {
  forward: ({ inputs }) => joined(inputs),
  vjp: ({ inputs }, dy) => {
    const gradients = inputs.map(({ shape }) => filled(shape));
    const shapes = inputs.map(({ shape }) => shape);
    forEachRun(shapes, (part, partStart, joinedStart, length) => {
      gradients[part]!.values.set(dy.values.subarray(joinedStart, joinedStart + length), partStart);
    });
    return { inputs: gradients, parameters: [] };
  },
  jvp: (_, { inputs }) => joined(inputs),
};
