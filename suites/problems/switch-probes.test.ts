import { expect, test } from "vitest";
import { problemFault } from "../../core/problem-rules.ts";
import { PASSES, type Pass } from "../../core/problem.ts";
import { elementCount } from "../../core/shape.ts";
import { operandNames, outputNames, shapeOf } from "../../core/tensors.ts";
import { backwardDataAt, dWeightsAt, forwardAt } from "../../reference/definition.ts";
import { commonBits, probeOperands, SWITCH_PROBES, type SwitchProbe } from "./switch-probes.ts";

/** What the definition gives for a probe: float64 sums in the order of the definition, rounded once. */
function byDefinition(probe: SwitchProbe, pass: Pass, value: number, real: number): Uint32Array {
  const problem = probe.problemOf(value);
  const { x, dy, weights } = probeOperands(probe, pass, value, real);
  const [name] = outputNames(problem, pass);
  const output = new Float32Array(elementCount(shapeOf(problem, name!)));
  for (let index = 0; index < output.length; index++) {
    const element =
      pass === "forward"
        ? forwardAt(problem, { x: x!, weights: weights! }, index)
        : pass === "backwardData"
          ? backwardDataAt(problem, { dy: dy!, weights: weights! }, index)
          : dWeightsAt(problem, { x: x!, dy: dy! }, index);
    output[index] = element.value;
  }
  return commonBits(probe, pass, value, real, { [name!]: output });
}

test.each(SWITCH_PROBES)("$name: the sums that are compared have the same products at every value", (probe) => {
  const { least } = probe;
  for (const pass of PASSES) {
    const bits = byDefinition(probe, pass, least, least);
    const sums = new Float32Array(bits.buffer);
    expect(sums.length).toBeGreaterThan(0);
    // Distinct, so that they are sums of real data and not zeros.
    expect(new Set(sums).size).toBe(sums.length);
    for (const value of [least + 1, 2 * least, 2 * least + 3])
      expect(byDefinition(probe, pass, value, least)).toEqual(bits);
  }
});

test.each(SWITCH_PROBES)("$name: every problem is one, and has zeros beyond the real data alone", (probe) => {
  for (let value = probe.least; value <= probe.most; value *= 2) {
    expect(problemFault(probe.problemOf(value))).toBeUndefined();
    if (value === probe.least) continue;
    for (const pass of PASSES) {
      const operands = probeOperands(probe, pass, value, value / 2);
      const inner = probe.problemOf(value / 2);
      for (const name of operandNames(inner, pass))
        expect(operands[name]!.filter((element) => element !== 0).length).toBe(elementCount(shapeOf(inner, name)));
    }
  }
});
