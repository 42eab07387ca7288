import { expect, test } from "vitest";
import auto from "./auto/index.ts";
import fft from "./fft/index.ts";
import im2colGemm from "./im2col-gemm/index.ts";
import naive from "./naive.ts";
import { ANY_GEOMETRY, drawAllKinds, drawProblems, wrongProblems } from "./testing/geometry-sweep.ts";
import { asPlan } from "./testing/plain.ts";
import wasmDepthwise from "./wasm-depthwise/index.ts";
import wasmFft from "./wasm-fft/index.ts";
import { wasmGemm } from "./wasm-gemm/index.ts";
import { fixedTiles as wasmWinograd } from "./wasm-winograd/index.ts";

const ANY = drawAllKinds(900, 1);
const DEPTHWISE = drawAllKinds(600, 2, {
  ...ANY_GEOMETRY,
  groups: [1, 2, 3],
  groupInChannels: [1],
  groupOutChannels: [1, 2, 3],
});
const UNIT_STRIDE = drawProblems({ ...ANY_GEOMETRY, ranks: [1, 2], strides: [1] }, 400, 3);
const DENSE_3X3 = drawProblems({ ...ANY_GEOMETRY, ranks: [2], kernels: [3], strides: [1], dilations: [1] }, 400, 4);

test.each([
  ["naive", asPlan(naive), ANY],
  ["im2col-gemm", im2colGemm, ANY.filter((_, index) => index % 3 === 0)],
  ["fft", fft, ANY],
  ["auto", auto, ANY],
  ["wasm-gemm, relaxed-simd", wasmGemm("relaxed-simd"), ANY],
  ["wasm-gemm, simd", wasmGemm("simd"), ANY],
  ["wasm-gemm, scalar", wasmGemm("scalar"), ANY],
  ["wasm-depthwise", wasmDepthwise, DEPTHWISE],
  ["wasm-fft", wasmFft, UNIT_STRIDE],
  ["wasm-winograd:2x2", wasmWinograd[0]!, DENSE_3X3],
  ["wasm-winograd:4x4", wasmWinograd[1]!, DENSE_3X3],
] as const)(
  "%s: any mixture of crop, padding, stride and dilation is right in every pass",
  async (_, impl, problems) => {
    expect(await wrongProblems(impl, problems)).toEqual([]);
  },
);
