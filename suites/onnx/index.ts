/** Networks from ONNX files. */
export { parseShape } from "./graph-inputs.ts";
export { readOnnxNetwork } from "./read-network.ts";
export type { OnnxNetwork } from "./read-network.ts";
