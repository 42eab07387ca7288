import { afterAll, beforeAll, describe, expect, test, vi } from "vitest";
import { parseDescriptor } from "../../core/descriptor.ts";
import type { PlanImpl } from "../../core/plugin.ts";
import { PASSES } from "../../core/problem.ts";
import { INSTRUCTION_SETS } from "../support/wasm.ts";
import { expectedOf, integerOperands, outputsOf } from "../testing/exact.ts";
import { forEachProblem, operandsAfter } from "../testing/plain.ts";
import { SMALL_PROBLEMS } from "../testing/problems.ts";
import wasmDepthwise from "./index.ts";

const DEPTHWISE = [
  "g3mb2ic3oc3ih40iw37kh3kw3ph1pw1",
  "g3mb2ic3oc6ih9iw41kh3kw3ph1pw1",
  "g2mb3ic2oc6ih37iw70oh19ow35kh3kw3sh2sw2ph1pw1",
  "g2mb2ic2oc4ih20iw19kh5kw5sh3sw2dh1dw2ph4pw3",
  "g2mb2ic2oc2ih9iw9oh4ow4kh3kw3sh2sw2ph0pw0",
  "g2mb1ic2oc2ih12iw13oh4ow5kh2kw3ph0pw1",
  "g1mb2ic1oc3ih6iw50kh7kw7ph3pw3",
  "g4mb2ic4oc4iw77kw9sw4pw4",
  "g2mb2ic2oc2id5ih6iw40kd3kh3kw3sd2sh1sw1pd1ph1pw1",
  "g2mb2ic2oc4id5ih6iw7kd3kh2kw3sd2sh2sw2pd1ph1pw1",
  "g5mb1ic5oc5ih3iw3kh1kw1sh5sw5ph2pw2",
];

describe.each(INSTRUCTION_SETS)("%s", (instructions) => {
  let impl: PlanImpl = wasmDepthwise;
  beforeAll(async () => {
    vi.stubEnv("BENCHCONV_WASM", instructions);
    vi.resetModules();
    ({ default: impl } = await import("./index.ts"));
  });
  afterAll(() => vi.unstubAllEnvs());

  test("says which instructions it uses", () => {
    expect(impl.description).toContain(`(${instructions})`);
  });

  describe.each(PASSES)("%s", (pass) => {
    test.each(DEPTHWISE)("is exact on integers: %s", async (descriptor) => {
      const { problem } = parseDescriptor(descriptor);
      expect(await outputsOf(impl, problem, pass)).toEqual(expectedOf(problem, pass));
    });

    test("is exact on integers for any problem that is depthwise", async () => {
      await forEachProblem(40, async (problem) => {
        const groups = problem.inChannels;
        const depthwise = { ...problem, groups, outChannels: groups * Math.min(3, problem.outChannels) };
        expect(await outputsOf(impl, depthwise, pass)).toEqual(expectedOf(depthwise, pass));
      });
    });
  });
});

test("what is not depthwise is unsupported", () => {
  expect(wasmDepthwise.unsupported?.(SMALL_PROBLEMS["grouped"]!, "forward")).toBe(
    "each channel is a group of its own here, not 4 channels in 2",
  );
});

test("leaves its operands as they were", async () => {
  const problem = SMALL_PROBLEMS["depthwise, two outputs a channel"]!;
  for (const pass of PASSES)
    expect(await operandsAfter(wasmDepthwise, problem, pass)).toEqual(integerOperands(problem, pass));
});
