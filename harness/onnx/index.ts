/** Networks and conformance cases from ONNX files. */
export { judgeOnnxTest } from "./conformance-judge.ts";
export type { OnnxVerdict } from "./conformance-judge.ts";
export { findOnnxTests, readOnnxTest } from "./conformance.ts";
export type { OnnxTest } from "./conformance.ts";
export { parseShape } from "./graph-inputs.ts";
export { readOnnxNetwork } from "./read-network.ts";
export type { OnnxNetwork } from "./read-network.ts";
