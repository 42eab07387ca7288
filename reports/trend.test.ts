import { expect, test } from "vitest";
import { exampleRecord } from "../core/testing/example-record.ts";
import { exampleHistory } from "./testing/example-runs.ts";
import { timingViews } from "./timing-view.ts";
import { pastOf, trendOf } from "./trend.ts";

const record = exampleRecord();
const [view] = timingViews(record);
if (view === undefined) throw new Error("the example has a view");

test("the runs of a machine, oldest first, the record once", () => {
  const history = exampleHistory();
  const trend = trendOf(view, pastOf(record, [...history.toReversed(), record]));
  expect(trend?.startedAt).toEqual([
    ...history.map(({ environment }) => environment.startedAt),
    record.environment.startedAt,
  ]);
  const own = trend?.series.find(({ impl }) => impl === "im2col-gemm");
  const total = view.implementations.find(({ impl }) => impl === "im2col-gemm")?.total?.medianMs ?? NaN;
  expect(own?.totalMs.at(-1)).toBe(total);
  // Until halfway it took 1.31 times as long, give or take 3 %.
  expect((own?.totalMs[0] ?? NaN) / total).toBeGreaterThan(1.25);
  expect(own?.layersMs).toHaveLength(view.layers.length);
  expect(own?.changes[0]?.note).toMatch(/6 earlier runs/);
});

test("another machine's records are counted and kept apart; a run without the view is left out", () => {
  const [first, second, third] = exampleHistory();
  if (first === undefined || second === undefined || third === undefined) throw new Error("six days");
  const elsewhere = { ...first, environment: { ...first.environment, cores: 64 } };
  const trend = trendOf(view, pastOf(record, [elsewhere, second, { ...third, timings: [] }]));
  expect(trend).toMatchObject({ otherMachines: 1, startedAt: { length: 2 } });
  expect(trendOf(view, pastOf(record, [elsewhere]))).toBeNull();
  expect(trendOf(view, pastOf(record, []))).toBeNull();
});

test("a time that may not be shown leaves a gap", () => {
  const [first] = exampleHistory();
  if (first === undefined) throw new Error("six days");
  const unverified = first.timings.map((timing) =>
    timing.impl === "fft" && timing.layer === "conv2" ? { ...timing, verified: false } : timing,
  );
  const trend = trendOf(view, pastOf(record, [{ ...first, timings: unverified }]));
  const fft = trend?.series.find(({ impl }) => impl === "fft");
  expect(fft?.totalMs[0]).toBeNull();
  expect(fft?.layersMs[1]?.[0]).toBeNull();
  expect(fft?.layersMs[0]?.[0]).toBeGreaterThan(0);
});
