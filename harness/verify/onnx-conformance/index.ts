/** ONNX's own conformance cases, read and checked. */
export { checkOnnxTest } from "./check.ts";
export type { OnnxVerdict } from "./check.ts";
export { findOnnxTests, readOnnxTest } from "./run.ts";
export type { OnnxTest } from "./run.ts";
