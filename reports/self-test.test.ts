import { expect, test } from "vitest";
import { renderSelfTest } from "./self-test.ts";

const caught = {
  law: "agreement",
  pass: "forward",
  status: "failed",
  source: "random",
  message: "y[0] is 1",
  rerun: "npm run verify -- --seed 1",
} as const;
const TEXT = { columns: 100, colour: false };

test("the matrix names the law, the cases and the seconds of each mutant, and what it comes to", () => {
  const text = renderSelfTest(
    [
      { name: "bias-dropped", kind: "bias", seed: 1, seconds: 0.84, cases: 1, foundMs: 40, caught },
      { name: "bias-dropped", kind: "bias", seed: 2, seconds: 1.26, cases: 3, foundMs: 940, caught },
      { name: "order-reversed", kind: "correct", seed: 1, seconds: 10, cases: 900 },
    ],
    TEXT,
  );
  expect(text).toMatch(/^bias-dropped +bias +agreement forward +random +3 +0\.9 +1\.3$/m);
  expect(text).toContain(
    "2 of 2 mutants caught under 2 seeds; median 1.3 s, worst 1.3 s; found after median 0.9 s, worst 0.9 s",
  );
  expect(text).toMatch(/^source +caught first\nrandom +2$/m);
  expect(text).toMatch(/^order-reversed +not accused +900$/m);
  expect(text).toContain("0 of 1 correct implementations accused");
});

test("survivors and accusations are named with their seeds", () => {
  const text = renderSelfTest(
    [
      { name: "bias-dropped", kind: "bias", seed: 7, seconds: 20, cases: 1000 },
      { name: "a", kind: "reported", description: "after b", seed: 7, seconds: 20, cases: 1000 },
      { name: "order-reversed", kind: "correct", seed: 8, seconds: 1, cases: 9, caught },
    ],
    TEXT,
  );
  expect(text).toMatch(/^bias-dropped +bias +nothing +1000 +20\.0$/m);
  expect(text).toContain("0 of 2 mutants caught");
  expect(text).toContain("a, seed 7: survived: after b");
  expect(text).toContain("bias-dropped, seed 7: survived");
  expect(text.replaceAll("\n", " ")).toContain(
    "order-reversed, seed 8: accused: y[0] is 1 (npm run verify -- --seed 1)",
  );
});
