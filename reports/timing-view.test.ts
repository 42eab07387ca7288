import { expect, test } from "vitest";
import type { RunRecord, TimingEntry } from "../core/record.ts";
import { exampleRecord } from "../core/testing/example-record.ts";
import { exampleAxes } from "./testing/example-runs.ts";
import { gaps, isWholeNetwork, shareOf, timingViews, viewTitle, type TimingView } from "./timing-view.ts";

function only(views: readonly TimingView[]): TimingView {
  expect(views).toHaveLength(1);
  const [view] = views;
  if (view === undefined) throw new Error("no view");
  return view;
}

/** The example with every timing of one implementation and layer changed. */
function changed(impl: string, layer: string, change: Partial<TimingEntry>): RunRecord {
  const record = exampleRecord();
  const timings = record.timings.map((timing) =>
    timing.impl === impl && timing.layer === layer ? { ...timing, ...change } : timing,
  );
  return { ...record, timings };
}

function cell(view: TimingView, impl: string, layer: string) {
  const index = view.layers.findIndex((entry) => entry.layer === layer);
  return view.implementations.find((implementation) => implementation.impl === impl)?.cells[index];
}

test("implementations are ranked by their total; without every layer there is no total", () => {
  const { implementations, layers } = only(timingViews(exampleRecord()));
  expect(layers.map(({ layer }) => layer)).toEqual(["conv1", "conv2", "conv3", "conv4", "conv5", "fc6", "fc7", "fc8"]);
  expect(implementations.map(({ impl }) => impl)).toEqual([
    "onnxruntime",
    "tfjs-wasm",
    "im2col-gemm",
    "fft",
    "naive",
    "tfjs-cpu",
    "tfjs-node",
    "tfjs-node-gpu",
  ]);
  expect(implementations.map(({ total }) => total !== null)).toEqual([
    true,
    true,
    true,
    true,
    true,
    false,
    false,
    false,
  ]);
  expect(implementations.map(({ timedLayers }) => timedLayers)).toEqual([8, 8, 8, 8, 8, 7, 0, 0]);
});

test("shares add up to one; the total is the sum, its rate the operations of all layers ÷ that", () => {
  for (const { cells, total } of only(timingViews(exampleRecord())).implementations) {
    const timed = cells.filter((entry) => entry.kind === "time");
    if (timed.length > 0) expect(timed.reduce((sum, { share }) => sum + share, 0)).toBeCloseTo(1, 12);
    if (total === null) continue;
    expect(total.medianMs).toBeCloseTo(
      timed.reduce((sum, { medianMs }) => sum + medianMs, 0),
      9,
    );
    // 1135.2 million multiply-adds in the eight layers together.
    expect((total.gflops ?? 0) * total.medianMs).toBeCloseTo(2 * 1135.2, 6);
  }
});

test("no number without a verdict: a time that is unverified, failed or mistrusted is not shown", () => {
  const voided: readonly [Partial<TimingEntry>, string][] = [
    [{ verified: false }, "unverified"],
    [{ status: "failed" }, "failed"],
    [{ status: "mistrusted", reason: "the output never changed" }, "mistrusted"],
    [{ status: "known-defect" }, "known-defect"],
    [{ medianMs: null }, "not timed"],
  ];
  for (const [change, status] of voided) {
    const view = only(timingViews(changed("onnxruntime", "conv2", change)));
    expect(cell(view, "onnxruntime", "conv2")).toMatchObject({ kind: "none", status });
    expect(view.implementations.find(({ impl }) => impl === "onnxruntime")?.total).toBeNull();
    expect(view.implementations[0]?.impl).toBe("tfjs-wasm");
  }
});

test("another pass, thread count or cache state is another view", () => {
  const record = exampleRecord();
  const more = record.timings.flatMap((timing): TimingEntry[] => [
    timing,
    { ...timing, threads: 2 },
    { ...timing, cache: "cold" },
    { ...timing, pass: "backwardData" },
  ]);
  const views = timingViews({ ...record, timings: more });
  expect(views.map(({ pass, threads, cache }) => `${pass} ${threads} ${cache}`)).toEqual([
    "forward 1 hot",
    "forward 2 hot",
    "forward 1 cold",
    "backwardData 1 hot",
  ]);
  for (const view of views) expect(view.implementations).toHaveLength(8);
});

test("batch is another view where a layer was timed at several sizes, and a property of the layer where not", () => {
  const views = timingViews(exampleAxes());
  expect(views.map(({ threads, batch, layers }) => [threads, batch, layers.length])).toEqual([
    [1, 1, 8],
    [1, 8, 8],
    [1, 32, 8],
    [2, 1, 8],
  ]);
  expect(viewTitle(views[1] ?? only([]))).toBe("alexnet, forward, 1 thread, hot cache, batch 8");
  const record = exampleRecord();
  const mixed = record.timings.map((timing) =>
    timing.layer === "fc8" ? { ...timing, problem: timing.problem.replace("mb1", "mb4") } : timing,
  );
  expect(only(timingViews({ ...record, timings: mixed }))).toMatchObject({ batch: null, layers: { length: 8 } });
});

test("a layer that a network uses several times counts as often in totals, shares and rates", () => {
  const once = only(timingViews(exampleRecord())).implementations.find(({ impl }) => impl === "fft");
  const record = exampleRecord();
  const timings = record.timings.map((timing) => (timing.layer === "conv3" ? { ...timing, multiplicity: 3 } : timing));
  const view = only(timingViews({ ...record, timings }));
  const thrice = view.implementations.find(({ impl }) => impl === "fft");
  const conv3 = cell(view, "fft", "conv3");
  expect(view.layers[2]?.multiplicity).toBe(3);
  if (conv3?.kind !== "time" || !once?.total || !thrice?.total) throw new Error("fft has every layer");
  expect(thrice.total.medianMs).toBeCloseTo(once.total.medianMs + 2 * conv3.medianMs, 9);
  expect(conv3.share).toBeCloseTo((3 * conv3.medianMs) / thrice.total.medianMs, 12);
  // 1135.2 million multiply-adds in the eight layers, 149.5 of them in conv3.
  expect((thrice.total.gflops ?? 0) * thrice.total.medianMs).toBeCloseTo(2 * (1135.2 + 2 * 149.5), 6);
});

test("a cell carries what the clock says beside its median; older records say nothing", () => {
  expect(cell(only(timingViews(exampleRecord())), "im2col-gemm", "conv5")).toMatchObject({
    flags: [{ kind: "two-modes" }, { kind: "wide-interval" }],
  });
  const [first] = exampleRecord().timings;
  if (first === undefined) throw new Error("the example has timings");
  const { flags: _f, fastMs: _m, quartilesMs: _q, peakMemoryBytes: _p, ...old } = first;
  const view = only(timingViews({ ...exampleRecord(), timings: [old] }));
  expect(view.implementations[0]?.cells[0]).toMatchObject({ kind: "time", flags: [], fastMs: null, quartilesMs: null });
});

test("gaps say each reason once per implementation", () => {
  expect(gaps(only(timingViews(exampleRecord())))).toMatchObject([
    { impl: "tfjs-cpu", where: "fc6", status: "timed-out", reason: "no call ended within 30 s" },
    { impl: "tfjs-node", where: "", status: "unavailable" },
    { impl: "tfjs-node-gpu", where: "", status: "unavailable" },
  ]);
});

/**
 * The example as a whole network: fc8 taken for a softmax in plain TypeScript, and all layers in one call at `factor`
 * times their sum.
 */
function whole(factor: number): RunRecord {
  const record = exampleRecord();
  const layers = record.timings.map((timing): TimingEntry =>
    timing.layer === "fc8"
      ? { ...timing, problem: "softmax_mb1_1000", kind: "softmax", layerOf: "plain-typescript", gflops: null }
      : timing,
  );
  const sums = new Map(only(timingViews(record)).implementations.map(({ impl, total }) => [impl, total?.medianMs]));
  const calls = record.impls.flatMap(({ name }): TimingEntry[] => {
    const first = layers.find(({ impl }) => impl === name);
    const sumMs = sums.get(name);
    const call = { layer: "end-to-end", problem: "end-to-end_mb1_8layers", kind: "end-to-end" };
    return first === undefined || sumMs === undefined ? [] : [{ ...first, ...call, medianMs: factor * sumMs }];
  });
  return { ...record, timings: [...layers, ...calls] };
}

test("all layers in one call stand beside the total, and count in no sum and no share", () => {
  const view = only(timingViews(whole(1.25)));
  const plain = only(timingViews(exampleRecord()));
  expect(isWholeNetwork(view)).toBe(true);
  expect(isWholeNetwork(plain)).toBe(false);
  expect(view.batch).toBe(1);
  expect(view.layers.map(({ layer }) => layer)).toEqual(plain.layers.map(({ layer }) => layer));
  for (const [index, implementation] of view.implementations.entries()) {
    const { impl, cells, total, endToEnd } = implementation;
    const before = plain.implementations[index];
    expect([impl, total?.medianMs]).toEqual([before?.impl, before?.total?.medianMs]);
    if (total === null) continue;
    expect(endToEnd?.ofTotal).toBeCloseTo(1.25, 12);
    const last = cells.at(-1);
    const share = last?.kind === "time" ? last.share : NaN;
    expect(shareOf(view, implementation, ({ kind }) => kind === null)).toBeCloseTo(1 - share, 12);
    expect(shareOf(view, implementation, (_, { isPlain }) => isPlain)).toBeCloseTo(share, 12);
    // What adds no operations lowers the rate of the whole.
    expect(total.gflops).toBeLessThan(before?.total?.gflops ?? 0);
  }
});

test("a call of all layers that failed has no ratio, and its reason is told", () => {
  const record = whole(1);
  const timings = record.timings.map((timing): TimingEntry =>
    timing.kind === "end-to-end" && timing.impl === "fft"
      ? { ...timing, status: "failed", reason: "conv2: y[0] is wrong", medianMs: null }
      : timing,
  );
  const view = only(timingViews({ ...record, timings }));
  const fft = view.implementations.find(({ impl }) => impl === "fft");
  expect(fft?.total).not.toBeNull();
  expect(fft?.endToEnd).toMatchObject({ cell: { kind: "none", status: "failed" }, ofTotal: null });
  expect(gaps(view)).toContainEqual({
    impl: "fft",
    where: "end-to-end",
    status: "failed",
    reason: "conv2: y[0] is wrong",
  });
});
