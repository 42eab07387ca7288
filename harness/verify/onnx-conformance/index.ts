/** ONNX's own conformance cases, read and checked. */
export { checkOnnxTest } from "./check.ts";
export { implementationOutcomes } from "./implementation-outcomes.ts";
export type { OnnxOutcome } from "./implementation-outcomes.ts";
export { findOnnxTests, readOnnxTest } from "./run.ts";
