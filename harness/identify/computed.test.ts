import { expect, test } from "vitest";
import { printDescriptor } from "../../core/descriptor.ts";
import type { TimingEntry } from "../../core/record.ts";
import { RECORD_SCHEMA } from "../../core/record.ts";
import naive from "../../impls/naive.ts";
import { withComputed } from "./computed.ts";
import { identifyProblem } from "./identify-problem.ts";
import { computeBy } from "./known/compute-by.ts";
import { USUAL } from "./known/known.ts";

test("a time has beside it how its problem was computed, whatever its name, in its own pass alone", async () => {
  const finding = await identifyProblem(
    { ...USUAL, name: "elsewhere" },
    { pass: "forward", usual: computeBy(naive) },
    { order: true, invariance: false },
  );
  const found = {
    impl: "naive",
    pass: "forward",
    findings: [finding],
    switches: null,
    invariant: { batch: null, threads: null, runs: null },
    reasons: {},
  } as const;
  const timing: TimingEntry = {
    impl: "naive",
    suite: "s",
    layer: "one",
    problem: printDescriptor({ ...USUAL, name: "one" }),
    pass: "forward",
    threads: 1,
    cache: "hot",
    status: "passed",
    medianMs: 1,
    minMs: 1,
    ci95Ms: null,
    gflops: 1,
    launches: [],
    planMs: null,
    loadMs: null,
    workspaceBytes: null,
    verified: true,
    margin: 0,
  };
  const record = {
    schema: RECORD_SCHEMA,
    environment: ENVIRONMENT,
    command: "",
    impls: [],
    checks: [],
    timings: [timing, { ...timing, pass: "backwardData" }, { ...timing, impl: "other" }],
  } as const;
  expect(withComputed(record, [found]).timings.map(({ computed }) => computed)).toEqual([
    "direct; products f32; accumulator f64; order one after another; loops channel row column; bias first",
    undefined,
    undefined,
  ]);
});

const ENVIRONMENT = {
  startedAt: "2026-12-01T00:00:00Z",
  benchconv: "0",
  node: "0",
  v8: "0",
  os: "",
  cpu: "",
  cores: 1,
  memoryBytes: 1,
  loadAverage: 0,
} as const;
