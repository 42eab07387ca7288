import { expect, test } from "vitest";
import naive from "../../impls/naive.ts";
import { paddingIsZeros } from "../../suites/laws/padding-is-zeros.ts";
import { InProcessChannel } from "../runner/in-process.ts";
import { parseDescriptor } from "../../core/descriptor.ts";
import type { Impl } from "../../core/plugin.ts";
import { PASSES } from "../../core/problem.ts";
import { conclude } from "./conclusion.ts";
import { Runner } from "./runner.ts";
import { noFindings, step } from "./search.ts";

test("a failure of a problem that a law made says whose the element and the picture are", async () => {
  const description = {
    name: "wide-wrong",
    algorithm: "direct",
    precision: "float32",
    arithmetic: "ieee",
    passes: PASSES,
  } as const;
  /** Wrong for unpadded rows of six: the law makes one of a padded row of four. */
  const impl: Impl = {
    ...naive,
    name: "wide-wrong",
    forward(problem, x, weights, bias, y) {
      naive.forward(problem, x, weights, bias, y);
      if (problem.input[0] === 6 && problem.padBegin[0] === 0) y[y.length - 1]! += 1;
    },
  };
  const subject = {
    implementation: { name: "wide-wrong", selector: "wide-wrong" },
    runner: new Runner(description, 1, () => new InProcessChannel("", [impl])),
    law: paddingIsZeros,
    pass: "forward",
    seed: 1,
  } as const;
  const { problem } = parseDescriptor("mb1ic1iw4oc1kw3pw1", false);
  const convCase = { problem, pass: "forward", data: "dense-exact", seed: 1 } as const;
  const findings = await step(subject, noFindings, { kind: "check", convCase }, { shrinkMs: 0 });
  const { failure } = (await conclude(subject, findings)).entry;
  expect(failure?.descriptor).toBe("g1mb1_ic1oc1_iw4ow4kw3sw1dw0pw1");
  expect(failure?.index).toEqual([0, 0, 3]);
  expect(failure?.picture).toEqual([
    "y[0, 0, :]: ■ wrong, · right; of g1mb1_ic1oc1_iw6ow4kw3sw1dw0pw0 forward, which the law makes of the problem",
    "· · · ■",
  ]);
});
