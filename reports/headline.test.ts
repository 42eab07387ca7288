import { expect, test } from "vitest";
import type { RunRecord } from "../core/record.ts";
import { exampleRecord } from "../core/testing/example-record.ts";
import { headline, headlineSource } from "./headline.ts";
import { timingViews } from "./timing-view.ts";
import { standings, verdicts } from "./verdict.ts";

function of(record: RunRecord) {
  return headline(headlineSource(record), timingViews(record)[0]);
}

/** The example with these implementations alone. */
function among(...names: string[]): RunRecord {
  const record = exampleRecord();
  return {
    ...record,
    impls: record.impls.filter(({ name }) => names.includes(name)),
    checks: record.checks.filter(({ impl }) => names.includes(impl)),
    timings: record.timings.filter(({ impl }) => names.includes(impl)),
  };
}

test("the answer names the fastest, who holds, and how sure that is", () => {
  const { answer, right, fast, sure } = of(exampleRecord());
  expect(answer).toMatch(/^onnxruntime is fastest: [\d.]+ ms ±[\d.]+ % for the 8 layers of alexnet\.$/);
  expect(right[0]).toMatch(/^tfjs-wasm forward: fails with padding ≥ 1: y is NaN where/);
  expect(right[1]).toBe("4 of 6 implementations pass all checks; tfjs-wasm fails; tfjs-cpu timed out.");
  expect(right[2]).toBe("tfjs-node and tfjs-node-gpu are not available on this machine.");
  expect(fast[0]).toMatch(/^im2col-gemm against im2col-gemm-before: Of 8 compared cells 1 is slower \(fc6/);
  expect(fast[1]).toMatch(/^tfjs-wasm, the next, takes 4\.\d\d× ±[\d.]+ % the time; the intervals do not overlap\.$/);
  expect(fast[2]).toBe("tfjs-cpu has no time for some layers and is not ranked.");
  expect(sure[0]).toMatch(/^Detectable change: [\d.]+ % to [\d.]+ %, by cell\.$/);
  expect(sure[1]).toMatch(
    /^47 times, each of a checked output, over 5 rounds; half of the 95 % intervals are within ±\d/,
  );
});

test("a GPU has no share of the processor's peak", () => {
  const record = exampleRecord();
  const impls = record.impls.map((impl) => (impl.name === "onnxruntime" ? { ...impl, device: "gpu" as const } : impl));
  const { answer, fast } = of({ ...record, impls });
  expect(answer).toMatch(/^onnxruntime is fastest/);
  expect(fast.join(" ")).not.toContain("peak measured beside it");
});

test("the share of the peak, what was compared and the warnings are said where the record has them", () => {
  const { fast, sure } = of(exampleRecord());
  expect(fast[3]).toMatch(/^onnxruntime does [\d.]+ GFLOP\/s, \d+ % of the native peak measured beside it\.$/);
  expect(sure[2]).toBe("Warnings on times: two modes (1), wide interval (1).");
  const { ceilings: _c, comparisons: _d, ...plain } = exampleRecord();
  const timings = plain.timings.map((timing) => ({ ...timing, flags: [] }));
  const bare = of({ ...plain, timings });
  expect([bare.fast.length, bare.sure.length]).toEqual([2, 1]);
});

test("overlapping intervals are too close to call", () => {
  const record = among("onnxruntime", "naive");
  const twin = record.timings
    .filter(({ impl }) => impl === "onnxruntime")
    .map((timing) => ({ ...timing, impl: "naive" }));
  const { answer } = of({
    ...record,
    timings: [...record.timings.filter(({ impl }) => impl === "onnxruntime"), ...twin],
  });
  expect(answer).toMatch(/^onnxruntime and naive are tied: /);
});

test("what an implementation with several ways chose is said", () => {
  const record = among("onnxruntime");
  const timings = record.timings.map((timing) => ({ ...timing, choice: timing.layer.startsWith("fc") ? "b" : "a" }));
  expect(of({ ...record, timings }).fast.join(" ")).toMatch(
    /onnxruntime chose a for conv1, conv2, conv3, conv4, conv5; b for fc6, fc7, fc8\./,
  );
});

test("without intervals no implementation is called fastest for certain", () => {
  const record = among("onnxruntime", "naive");
  const { answer, fast } = of({ ...record, timings: record.timings.map((timing) => ({ ...timing, ci95Ms: null })) });
  expect(answer).toMatch(/^onnxruntime looks fastest: /);
  expect(fast[0]).toMatch(/× the time; measured once, so no error estimate\.$/);
});

test("one implementation, none with all layers, none with a time, no timings, nothing at all", () => {
  expect(of(among("naive")).answer).toMatch(/^naive takes [\d.]+ ms ±[\d.]+ % for the 8 layers of alexnet\.$/);
  expect(of(among("tfjs-cpu")).answer).toBe("No implementation has a time for all 8 layers of alexnet.");
  expect(of(among("tfjs-node")).answer).toBe("No implementation has a time for alexnet.");
  expect(of({ ...among("naive", "fft"), timings: [] }).answer).toBe("Both implementations pass all checks.");
  expect(of({ ...among("naive"), timings: [] }).answer).toBe("naive passes all checks.");
  expect(of({ ...exampleRecord(), impls: [], checks: [], timings: [] }).answer).toBe("Nothing was checked.");
});

test("nothing holds that was not checked", () => {
  const record = among("naive", "fft");
  const unchecked = record.checks.map((check) => (check.impl === "fft" ? { ...check, cases: 0, margin: null } : check));
  const { answer, right } = of({ ...record, checks: unchecked, timings: [] });
  expect(answer).toBe("naive passes all checks.");
  expect(right).toEqual(["fft was not checked."]);
  const unverified = record.timings.map((timing) => ({ ...timing, verified: false }));
  expect(of({ ...record, checks: [], timings: unverified }).right[0]).toBe("Nothing was checked.");
});

test("a busy machine is said", () => {
  const record = exampleRecord();
  const { sure } = of({ ...record, environment: { ...record.environment, loadAverage: 1.8 } });
  expect(sure[2]).toBe("The machine was busy when the run began: load 1.8 on 2 cores (90 %).");
});

test("the worst law speaks for an implementation and pass", () => {
  const rows = verdicts(exampleRecord());
  const row = (impl: string, pass: string) => rows.find((verdict) => verdict.impl === impl && verdict.pass === pass);
  expect(row("tfjs-wasm", "forward")).toMatchObject({ status: "failed", margin: Infinity, cases: 414 });
  expect(row("tfjs-wasm", "backwardWeights")).toMatchObject({
    status: "unsupported",
    margin: null,
    reasons: ["the wasm backend has no gradient of the filter"],
  });
  expect(row("tfjs-cpu", "backwardWeights")).toMatchObject({
    status: "passed",
    reasons: [expect.stringMatching(/^alexnet: /)],
  });
  expect(row("fft", "forward")).toMatchObject({ status: "passed", margin: 0.21, cases: 463, reasons: [] });
  expect(standings(exampleRecord()).map(({ status }) => status)).toEqual([
    "passed",
    "passed",
    "passed",
    "passed",
    "timed-out",
    "failed",
    "unavailable",
    "unavailable",
  ]);
});

test("what new data cost, and who disturbed the others, is said first", () => {
  const record = among("onnxruntime", "naive");
  const flag = { kind: "fresh-call" as const, message: "longer", advice: "none" };
  const steps = { loadMs: 1, runMs: 1, readMs: 1, copyLoadMs: 0, copyReadMs: 0, freshMs: 3, repeatedMs: 2 };
  const timings = record.timings.map((timing) => {
    const addedMs = (timing.medianMs ?? 0) * (timing.layer === "conv1" ? 1 / 3 : 1 / 6);
    return timing.impl === "onnxruntime" && /conv[12]/.test(timing.layer)
      ? { ...timing, flags: [flag], freshCall: { ...steps, addedMs } }
      : timing;
  });
  const { fast, sure } = of({ ...record, timings, rivals: [{ impl: "naive", cores: 0.9, batches: 4 }] });
  expect(fast.join(" ")).toContain(
    "A call of onnxruntime on new data takes 1.20 to 1.50 times as long as a repeated one on conv1 and conv2",
  );
  expect(sure[0]).toMatch(/^naive kept 0\.9\d* of a core busy in 4 turns of others: its times, .* are void/);
});
