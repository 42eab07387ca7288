import { expect, test } from "vitest";
import { isAsItShould, runSelfTest } from "./run.ts";

test("a mutant that ends its process is caught, and a correct implementation is not accused", async () => {
  const results = await runSelfTest(
    {
      seeds: [3],
      names: ["exits-with-0-in-1d", "order-pairwise"],
      kinds: [],
      faultSeconds: 20,
      correctSeconds: 1,
      onResult: () => {},
    },
    new AbortController().signal,
  );
  expect(new Set(results.map(({ name }) => name))).toEqual(new Set(["exits-with-0-in-1d", "order-pairwise"]));
  expect(results.map(({ error }) => error)).toEqual([undefined, undefined]);
  expect(results.every(isAsItShould)).toBe(true);
  expect(results.find(({ kind }) => kind === "process")?.caught?.status).toBe("crashed");
  expect(results.find(({ kind }) => kind === "process")?.caught?.source).toMatch(/ordinary|covering array|sizes/);
});

test("a survivor, an accusation and a check that fails are all wrong", () => {
  const result = { name: "a", kind: "tails", seed: 1, seconds: 1, cases: 1 };
  const caught = {
    law: "agreement",
    pass: "forward",
    status: "failed",
    source: "random",
    message: "",
    rerun: "",
  } as const;
  expect(isAsItShould({ ...result, caught })).toBe(true);
  expect(isAsItShould(result)).toBe(false);
  expect(isAsItShould({ ...result, kind: "correct" })).toBe(true);
  expect(isAsItShould({ ...result, kind: "correct", caught })).toBe(false);
  expect(isAsItShould({ ...result, caught, error: "out of memory" })).toBe(false);
});
