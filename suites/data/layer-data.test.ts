import { expect, test } from "vitest";
import { layerProblem } from "../../reference/graph/layer-problem.ts";
import type { NetworkLayer } from "../../core/network.ts";
import type { PASSES } from "../../core/problem.ts";
import { layerData } from "./layer-data.ts";

const inputOf = (layer: NetworkLayer, pass: (typeof PASSES)[number]): Float32Array => {
  const problem = layerProblem(layer, [[1, 20, 5, 5]]);
  const x = problem === undefined ? undefined : layerData(problem, pass, 1).x;
  if (x === undefined) throw new Error(`${layer.kind} has no x`);
  return x;
};

test.each(["forward", "backwardData"] as const)("a rectifier's inputs come near 0 on both sides, %s", (pass) => {
  for (const kind of ["relu", "absolute-value"] as const) {
    const x = inputOf({ kind }, pass);
    expect(x.some((value) => value > 0 && value < 1e-3)).toBe(true);
    expect(x.some((value) => value < 0 && value > -1e-3)).toBe(true);
    expect(x).not.toContain(0);
  }
});

test("a clip's inputs lie below, between and above its bounds", () => {
  const x = inputOf({ kind: "clip", min: 0, max: 6 }, "forward");
  expect(x.some((value) => value < 0)).toBe(true);
  expect(x.some((value) => value > 0 && value < 6)).toBe(true);
  expect(x.some((value) => value > 6)).toBe(true);
});
