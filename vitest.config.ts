import { defineConfig } from "vitest/config";
import { CountsReporter } from "./.ci/counts-reporter.ts";

/** Rooms whose tests only compute: files share a process, and what it has loaded. */
const COMPUTING = [
  "{core,reference}/**",
  // Not those of ONNX: each file has a folder that goes when it has run.
  "suites",
  "suites/{benchdnn,data,laws,lectures,mutants,networks,problems,training}/**",
  "harness/{check,identify}/**",
  "harness/bench/compare/**",
  "harness/verify/cause",
  "reports",
  "impls/{fft,im2col-gemm,wasm-*}/**",
].map((room) => `${room}/*.test.ts`);
const COMMON = ["**/node_modules/**", "benchconv-out/**", "dist/**"];

export default defineConfig({
  test: {
    environment: "node",
    // Tests of the harness start processes of their own, so a busy machine needs room.
    testTimeout: 120_000,
    hookTimeout: 240_000,
    pool: "forks",
    maxWorkers: 3,
    reporters: ["default", new CountsReporter()],
    projects: [
      {
        extends: true,
        // A process per file: native libraries and captured clocks do not survive sharing one.
        test: { name: "processes", include: ["**/*.test.ts"], exclude: [...COMMON, ...COMPUTING] },
      },
      { extends: true, test: { name: "computing", include: COMPUTING, exclude: COMMON, isolate: false } },
    ],
  },
});
