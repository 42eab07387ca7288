import { expect, test } from "vitest";
import { exampleRecord } from "../../core/testing/example-record.ts";
import { exampleAxes, exampleHistory, largeRecord } from "../testing/example-runs.ts";
import { comparisonsOf } from "../timing-view.ts";
import { pageData, pageSamples, pageViews, pageViewsBeside } from "./page-data.ts";

test("a view carries its own ceilings, comparisons, earlier record and trend", () => {
  const [oldest] = exampleHistory();
  if (oldest === undefined) throw new Error("six days");
  const options = { baseline: oldest, history: exampleHistory() };
  const views = pageViewsBeside(exampleAxes(), [], options);
  const { baseline, views: axes } = pageData(exampleAxes(), [], options);
  expect(axes.map(({ threads, batch }) => [threads, batch])).toEqual(
    views.map(({ threads, batch }) => [threads, batch]),
  );
  expect(views.map(({ ceilings }) => ceilings?.threads)).toEqual([1, 1, 1, 2]);
  expect(views.map(({ comparisons }) => comparisons.length)).toEqual([8, 0, 0, 0]);
  expect(views.map(({ older }) => older?.batch)).toEqual([1, undefined, undefined, undefined]);
  expect(views.map(({ trend }) => trend?.startedAt.length)).toEqual([7, undefined, undefined, undefined]);
  expect(baseline?.differences).toEqual([]);
  // 2 · 447.9 M operations over 4 bytes of 70 k + 614 k + 187 k elements and the bias.
  expect(views[0]?.intensities[1]).toBeCloseTo((2 * 447.897) / (4 * (0.069984 + 0.6144 + 0.186624 + 0.000256)), 1);
});

test("comparisons of another pass, thread count or problem are not the view's", () => {
  const record = exampleRecord();
  const [view] = pageViews(record, []);
  if (view === undefined) throw new Error("the example has a view");
  const odd = (record.comparisons ?? []).map((each, index) =>
    index === 0 ? { ...each, threads: 2 } : index === 1 ? { ...each, problem: "ic1oc1ih1oh1kh1" } : each,
  );
  expect(comparisonsOf({ ...record, comparisons: odd }, view)).toHaveLength(6);
});

test("samples are in time order, without those of a time that is not shown, and thinned only in a large record", () => {
  const record = exampleRecord();
  const reversed = record.timings.map((timing) => ({ ...timing, launches: timing.launches.toReversed() }));
  const { every, views } = pageSamples({ ...record, timings: reversed });
  expect(every).toBe(1);
  expect({ every, views }).toEqual(pageSamples(record));
  const [view] = pageViews(record, []);
  const cpu = view?.implementations.findIndex(({ impl }) => impl === "tfjs-cpu") ?? -1;
  expect(views[0]?.[cpu]?.map((cell) => cell?.length ?? null)).toEqual([5, 5, 5, 5, 5, null, 5, 5]);
  const large = pageSamples(largeRecord(20_000));
  expect(large.every).toBe(4);
  expect(large.views[0]?.[0]?.[0]?.map((round) => round.length)).toEqual([3, 3, 3, 3, 3]);
});
