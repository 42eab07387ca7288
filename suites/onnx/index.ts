/** Networks from ONNX files. */
export { parseShape } from "./graph-inputs.ts";
export { readOnnxNetwork } from "./read-network.ts";
export type { OnnxNetwork } from "./read-network.ts";
export type { GivenShape } from "./infer-shapes.ts";
export { layersOfModel } from "./graph/layers-of-model.ts";
export { readWholeModel } from "./graph/read-model.ts";
