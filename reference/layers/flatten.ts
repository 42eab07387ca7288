import { layerShapes, type Shape } from "../graph/layer-shapes.ts";
import type { LayerDefinition } from "./layer-definition.ts";
import { tensor } from "./tensor.ts";

const flat = (shape: Shape): Shape => layerShapes({ kind: "flatten" }, [shape]).output;

/**
 * Every image as one row: N C spatial… becomes N C·∏spatial, the values as they are. Source: ONNX operator Flatten,
 * axis 1.
 */
export const flatten: LayerDefinition = {
  forward: ({ inputs: [x] }) => tensor(flat(x!.shape), x!.values.slice()),
  vjp: ({ inputs: [x] }, dy) => ({ inputs: [tensor(x!.shape, dy.values.slice())], parameters: [] }),
  jvp: ({ inputs: [x] }, { inputs: [tangent] }) => tensor(flat(x!.shape), tangent!.values.slice()),
};
