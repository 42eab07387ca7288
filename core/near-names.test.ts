import { expect, test } from "vitest";
import { nearNames } from "./near-names.ts";

const IMPLS = ["naive", "im2col-gemm", "fft", "onnxruntime", "tfjs-cpu", "tfjs-wasm", "tfjs-node", "tfjs-node-gpu"];

test.each([
  ["onxruntime", ["onnxruntime"]],
  ["naiv", ["naive"]],
  ["FFT", ["fft"]],
  ["im2col", ["im2col-gemm"]],
  ["tfjs-nod", ["tfjs-node", "tfjs-node-gpu"]],
  ["tfjs", ["tfjs-cpu", "tfjs-wasm", "tfjs-node"]],
  ["my-onnxruntime", ["onnxruntime"]],
  ["quantum", []],
  ["", []],
])("%j may have been %j", (wanted, near) => {
  expect(nearNames(wanted, IMPLS)).toEqual(near);
});
