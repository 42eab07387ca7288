/**
 * Zeros: whether those of the padding, and zeros among the data, are multiplied or skipped.
 *
 * Idea: zero times infinity is NaN. An infinite weight over a zero gives NaN where the product is made, and a finite sum
 * where it is skipped.
 *
 * Limits: an implementation that cleans NaN away, and keeps Infinity, seems to skip. Of the gradients' padding nothing is asked.
 */
import type { FoundZeros } from "../../core/identification.ts";
import { elementCount, outputShape, tensorShapes } from "../../core/shape.ts";
import type { Told } from "./algorithm.ts";
import type { Box } from "./box.ts";

export async function probeZeros(box: Box): Promise<Told<FoundZeros>> {
  const { problem } = box;
  const infinite = box.question((product) => (product === 0 ? Infinity : 1));
  if ((await box.ask([infinite]))[0] !== Infinity)
    return { found: null, reason: "Infinity · 1 is not Infinity here", evidence: [] };
  const atData = (await box.ask([infinite], 0))[0]!;
  const data = Number.isNaN(atData) ? "multiplied" : atData === 0 ? "skipped" : null;
  const evidence = [
    { probe: "Infinity · 0, zeros of the data", got: String(atData), expected: "multiplied: NaN; skipped: 0" },
  ];
  if (box.pass !== "forward" || problem.padBegin.every((pad) => pad <= 0))
    return { found: { padding: null, data }, evidence };
  const shape = tensorShapes(problem);
  const kernelSize = elementCount(problem.kernel);
  // The first tap of every channel lies on the padding at the first output.
  const weights = new Float32Array(elementCount(shape.weights)).fill(1);
  for (let first = 0; first < weights.length; first += kernelSize) weights[first] = Infinity;
  const x = new Float32Array(elementCount(shape.x)).fill(1);
  const bias = new Float32Array(problem.outChannels);
  const y = await box.compute(problem, problem.bias ? { x, weights, bias } : { x, weights });
  const first = y[0]!;
  const padding = Number.isNaN(first) ? "multiplied" : Number.isFinite(first) ? "skipped" : null;
  return {
    found: { padding, data },
    evidence: [
      ...evidence,
      {
        probe: `Infinity over the padding, output ${outputShape(problem)
          .map(() => 0)
          .join(",")}`,
        got: String(first),
        expected: "multiplied: NaN; skipped: finite",
      },
    ],
  };
}
