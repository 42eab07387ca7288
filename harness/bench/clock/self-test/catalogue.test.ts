import { expect, test } from "vitest";
import { TIMING_MUTANTS } from "../../../../suites/mutants/timing/index.ts";
import { CATALOGUE_LAYERS, runTimingCatalogue } from "./catalogue.ts";

const CEILINGS = {
  threads: 1,
  wasmGflops: 1,
  wasmInstructions: "simd",
  nativeGflops: null,
  nativeSource: "",
  plausibleGflops: 1e5,
  plausibleBasis: "",
  bandwidthGBs: 1,
  lastLevelCacheBytes: 2 ** 20,
} as const;

test("the catalogue has at least 25 mutants and 8 honest ones, each with a name and a description of its own", () => {
  expect(TIMING_MUTANTS.filter(({ isHonest }) => !isHonest).length).toBeGreaterThanOrEqual(25);
  expect(TIMING_MUTANTS.filter(({ isHonest }) => isHonest).length).toBeGreaterThanOrEqual(8);
  for (const values of [
    TIMING_MUTANTS.map(({ impl }) => impl.name),
    TIMING_MUTANTS.map(({ description }) => description),
  ])
    expect(new Set(values).size).toBe(TIMING_MUTANTS.length);
});

/** One of each kind; `npm run selftest -- --clock` times all of them, on three layers. */
const CAUGHT = [
  "at-load",
  "at-read",
  "in-timer",
  "by-pointer",
  "by-length",
  "when-read-next",
  "knows-stack",
  "at-dispose",
];
const ON_LARGE = ["bfloat16-on-large", "drops-a-channel-on-large"];
const HONEST = ["plain", "packs-weights", "asynchronous"];

test("a few of its mutants are caught, and honest ones are not accused", async () => {
  const results = await runTimingCatalogue(
    {
      names: [...CAUGHT, ...ON_LARGE, ...HONEST],
      seeds: [1],
      layers: CATALOGUE_LAYERS.filter(({ name }) => name === "middling"),
      shape: { cellMs: 100, leastRounds: 2, mostRounds: 2, repetitions: 1 },
      ceilings: [CEILINGS],
    },
    new AbortController().signal,
  );
  const verdicts = Object.fromEntries(results.map(({ name, verdict }) => [name, verdict]));
  for (const name of [...CAUGHT, ...ON_LARGE])
    expect({ name, verdict: verdicts[name] }).toEqual({ name, verdict: "caught" });
  // Of a busy machine a flag may say that it is busy; a time is void for what the implementation does.
  for (const name of HONEST) expect(results.find((result) => result.name === name)?.seen.join()).toMatch(/^[\d.]+ ×/);
});
