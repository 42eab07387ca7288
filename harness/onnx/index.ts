/** Networks and conformance cases from ONNX files. */
export { judgeOnnxTest } from "./conformance-judge.ts";
export type { OnnxVerdict } from "./conformance-judge.ts";
export type { OnnxCase } from "./conformance-case.ts";
export { findOnnxTests, readOnnxTest } from "./conformance.ts";
export type { OnnxTest } from "./conformance.ts";
export { parseShape } from "./graph-inputs.ts";
export type { GivenShape } from "./infer-shapes.ts";
export type { OnnxLayer } from "./layer-table.ts";
export { readOnnxNetwork } from "./read-network.ts";
export type { OnnxNetwork, OnnxOptions, UnknownOperator } from "./read-network.ts";
