import { expect, test } from "vitest";
import type { RunRecord, TimingEntry } from "../core/record.ts";
import { modelViews } from "./model-ranking.ts";
import { renderModel } from "./model-text.ts";
import { bytesText, gainText, modelAnswer } from "./model-words.ts";
import { pageData, pageViews } from "./page/page-data.ts";
import { smallRecord, smallTiming } from "./testing/small-record.ts";
import { timingViews } from "./timing-view.ts";

const MODEL = {
  name: "net",
  digest: "ab".repeat(32),
  nodes: 9,
  inputs: [{ name: "x", dims: [1, 3, 8, 8] }],
  outputs: [{ name: "y", dims: [1, 10] }],
  modelBytes: 579_000,
  codeBytes: 14_300_000,
};

/** A whole model's time; `rounds` are the samples of each round. */
function whole(impl: string, rounds: readonly (readonly number[])[], fields: Partial<TimingEntry> = {}): TimingEntry {
  const launches = rounds.map((samplesMs, round) => ({ startedAt: `2026-11-20T09:3${round}:00.000Z`, samplesMs }));
  const shape = { layer: "model", kind: "model", problem: "model_mb1_1x3x8x8_abababababab", multiplicity: 1 };
  return { ...smallTiming(impl, "conv1", "forward", {}), ...shape, model: MODEL, launches, ...fields };
}

/** `new` is fastest, `near` is within the rounds' spread of it, `old` takes twice as long in every round. */
function record(): RunRecord {
  const small = smallRecord();
  const timings = [
    whole("new", [[1], [1.2], [0.9]], { medianMs: 1, planMs: 20, firstCallMs: 3, peakMemoryBytes: 1e8 }),
    whole("old", [[2], [2.4], [1.8]], { medianMs: 2 }),
    whole("near", [[1.05], [1.1], [0.98]], { medianMs: 1.05 }),
    whole("none", [], { medianMs: null, verified: false, status: "unsupported", reason: "not offered by none" }),
  ];
  return { ...small, timings: [...timings, ...small.timings] };
}

test("models are ranked by the ratio within rounds; ties are ties, absences are told, no layer is among them", () => {
  const [view] = modelViews(record());
  expect(view?.times.map(({ impl, standing }) => [impl, standing])).toEqual([
    ["new", "fastest"],
    ["near", "tied"],
    ["old", "slower"],
  ]);
  expect(view?.times[2]?.ratio).toBeCloseTo(2, 12);
  expect(view?.times[2]?.ratioInterval?.[0]).toBeCloseTo(2, 12);
  expect(view?.absences).toEqual([
    { impl: "none", kind: "none", status: "unsupported", reason: "not offered by none" },
  ]);
  expect(timingViews(record()).flatMap(({ layers }) => layers.map(({ layer }) => layer))).not.toContain("model");
});

test("an implementation that was timed once has a ratio and no interval", () => {
  const timings = [whole("new", [[1]], { medianMs: 1 }), whole("old", [[2]], { medianMs: 2 })];
  const [view] = modelViews(smallRecord({ timings }));
  expect(view?.times[1]).toMatchObject({ ratio: 2, ratioInterval: null, standing: "slower, measured once" });
});

test("the layers' sum says how many operations it covers, and what the whole gains", () => {
  const [view] = modelViews(record());
  expect(gainText(view!.times[0]!)).toBe(
    "new: 4 of the 9 operations, timed as layers one by one, take 2.50 ms; the whole takes 1.00 ms, 1.50 ms less.",
  );
  expect(gainText(view!.times[1]!)).toBeUndefined();
});

test("the terminal ends with the list and its answer; the page has the same", () => {
  const [view] = modelViews(record());
  const text = renderModel(view!, { columns: 120, colour: false });
  expect(text).toMatch(
    /^whole model net, 1×3×8×8, 1 thread\n.*\n1 +new +1\.00 .*fastest +20\.0 +3\.00 +14\.3 MB +100 MB\n/,
  );
  expect(text).toMatch(
    /\n2 +near .*tied .*\n3 +old +2\.00 .* 2\.00 to 2\.00 .*\nnone: unsupported, not offered by none\n/s,
  );
  expect(text.trimEnd().split("\n").at(-1)).toBe("new and near are tied: 1.00 ms for an inference of net.");
  const { headline, models } = pageData(record(), [view!]);
  expect(models).toEqual([view]);
  expect(headline.answer).toBe(modelAnswer([view!]));
  expect(pageViews(record(), [view!])[0]?.headline.answer).toBe(headline.answer);
});

test("bytes are counted in powers of ten", () => {
  expect([999, 41_600, 14_300_000, null].map(bytesText)).toEqual(["0.999 kB", "41.6 kB", "14.3 MB", "–"]);
});
