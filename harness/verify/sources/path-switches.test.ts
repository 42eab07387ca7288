import { expect, test } from "vitest";
import type { Impl } from "../../../core/plugin.ts";
import { PASSES } from "../../../core/problem.ts";
import { outputShape } from "../../../core/shape.ts";
import naive from "../../../impls/naive.ts";
import { DATA_KINDS } from "../../../suites/data/operands.ts";
import { agreement } from "../../../suites/laws/agreement.ts";
import type { ConvCase } from "../../../suites/laws/law.ts";
import { InProcessChannel } from "../../runner/in-process.ts";
import { Runner } from "../runner.ts";
import { noFindings, step, type Findings, type Subject } from "../search.ts";
import { FoundSwitches, pathSwitches } from "./path-switches.ts";
import { randomCases } from "./random-cases.ts";
import type { CaseSource, SourceContext } from "./source.ts";
import { channels96, columns37 } from "./testing/planted.ts";

const CONTEXT: SourceContext = { law: agreement, pass: "forward", seed: 1, kinds: DATA_KINDS };

/** What a source comes to with an implementation in this process, in at most N steps. */
async function searched(
  impl: Impl,
  source: CaseSource,
  steps: number,
): Promise<{ readonly findings: Findings; readonly probes: number; readonly checked: readonly ConvCase[] }> {
  const description = {
    name: impl.name,
    algorithm: "direct",
    precision: "float32",
    arithmetic: "ieee",
    passes: PASSES,
  } as const;
  const runner = new Runner(description, 1, () => new InProcessChannel("", [impl]));
  const subject: Subject = { implementation: { name: impl.name, selector: impl.name }, runner, ...CONTEXT };
  let findings = noFindings;
  let probes = 0;
  const checked: ConvCase[] = [];
  for (let taken = 0; taken < steps && findings.found === undefined; taken++) {
    const { value } = await source.next();
    if (value === undefined) break;
    if (value.kind === "probe") probes++;
    if (value.kind === "check") checked.push(value.convCase);
    findings = await step(subject, findings, value, { shrinkMs: 0 });
  }
  return { findings, probes, checked };
}

test.each([
  [channels96, "channels of 3×3", 96],
  [columns37, "columns of 3×3", 38],
] as const)("a fault at a switch is found where random problems do not meet it: %o", async (impl, name, at) => {
  const switches = new FoundSwitches(undefined, ["forward"]);
  const { findings, probes, checked } = await searched(impl, pathSwitches(CONTEXT, switches).cases, 500);
  expect(switches.found.map(({ probe, at: value }) => [probe.name, value])).toContainEqual([name, at]);
  expect(findings.found?.counterexample.kind).toBe("failed");
  expect(findings.tally.cases).toBe(checked.length);
  const random = await searched(impl, randomCases(CONTEXT), probes + checked.length);
  expect(random.findings.tally.cases).toBe(probes + checked.length);
  expect(random.findings.found).toBeUndefined();
});

test("an implementation that always computes in one order has no switch, and is not checked at any", async () => {
  const switches = new FoundSwitches(undefined, ["forward"]);
  const { probes, checked } = await searched(naive, pathSwitches(CONTEXT, switches).cases, Infinity);
  expect(probes).toBeGreaterThan(100);
  expect([switches.found, checked]).toEqual([[], []]);
});

test("what one pass finds is tried on both sides in the others, with every kind of data and no other probe", async () => {
  const switches = new FoundSwitches(undefined, ["forward"]);
  // Right on both sides.
  const harmless = { ...channels96, backwardData: naive.backwardData, backwardWeights: naive.backwardWeights };
  await searched(harmless, pathSwitches(CONTEXT, switches).cases, 60);
  expect(switches.found.length).toBeGreaterThan(0);
  const context = { ...CONTEXT, pass: "backwardData" } as const;
  const { probes, checked } = await searched(harmless, pathSwitches(context, switches).cases, 2 * DATA_KINDS.length);
  expect(probes).toBe(0);
  expect(new Set(checked.map(({ problem, data }) => `${problem.inChannels} ${data}`))).toEqual(
    new Set(DATA_KINDS.flatMap((data) => [`95 ${data}`, `96 ${data}`])),
  );
  expect(checked.every(({ pass }) => pass === "backwardData")).toBe(true);
});

test("a probe that the implementation does not survive becomes a case", async () => {
  const throws: Impl = {
    ...naive,
    forward: (problem, x, weights, bias, y) => {
      if (outputShape(problem).at(-1) === 8) throw new Error("no such width");
      naive.forward(problem, x, weights, bias, y);
    },
  };
  const { findings, checked } = await searched(throws, pathSwitches(CONTEXT).cases, 500);
  expect(findings.found?.counterexample).toMatchObject({ kind: "crashed" });
  expect(outputShape(checked.at(-1)!.problem).at(-1)).toBe(8);
});
