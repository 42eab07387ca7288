import { afterAll, beforeAll, describe, expect, test, vi } from "vitest";
import { parseDescriptor } from "../../../core/descriptor.ts";
import type { PlanImpl } from "../../../core/plugin.ts";
import { PASSES, type ConvProblem, type Pass } from "../../../core/problem.ts";
import { INSTRUCTION_SETS } from "../../../impls/support/wasm.ts";
import { integerOperands, tensorsOf } from "../../../impls/testing/exact.ts";
import { forEachProblem } from "../../../impls/testing/plain.ts";
import wasmFft from "../../../impls/wasm-fft/index.ts";
import { wasmWinograd } from "../../../impls/wasm-winograd/index.ts";
import { checkOutputs } from "../convolution-check.ts";

/**
 * All parities of tiles and lanes, tiles over every edge, one point, tiles of one point each, dilation, groups, two
 * blocks of tiles and of filters.
 */
const OF_FFT = [
  "mb1ic1oc1ih3kh3",
  "mb2ic3oc5ih7iw9kh3kw3ph1pw1",
  "mb3ic5oc9iw30kw5pw2",
  "mb1ic2oc3ih1kh1",
  "g2mb2ic10oc14ih13iw10kh5kw4ph2pw3",
  "mb1ic7oc6ih20iw31kh3kw2dh2dw1ph4pw1",
  "mb1ic4oc4ih9iw12oh5ow6kh3kw3ph1pw1",
  "mb14ic4oc11ih17kh5ph2",
  "mb1ic1oc2ih40kh1",
];

const OF_WINOGRAD = [
  "mb1ic1oc1ih3kh3",
  "mb2ic3oc5ih7iw9kh3kw3ph1pw1",
  "g2mb2ic8oc14ih13iw10kh3kw3ph2pw2",
  "mb3ic17oc20ih30iw31kh3kw3ph1pw1",
  "mb1ic2oc3ih3iw2kh3kw3ph3pw4",
  "mb1ic4oc4ih9iw12oh5ow6kh3kw3ph1pw1",
];

/** Some need more tiles or channels than that for two threads to share them. */
const SHARED = ["mb2ic5oc7ih31kh3", "g3mb1ic6oc9ih12kh3", "mb5ic40oc26ih27kh3ph1"];

/**
 * In practice errors are far below a bound for the worst of data; the checker would let pass what is wrong by a little.
 */
const USUAL = 0.05;

async function marginOf(impl: PlanImpl, problem: ConvProblem, pass: Pass, threads = 1): Promise<number> {
  const outputs = await tensorsOf(impl, problem, pass, threads);
  const { algorithm: declared = "direct" } = impl;
  const algorithm = typeof declared === "function" ? declared(problem, pass) : declared;
  const contract = { algorithm, precision: "float32", arithmetic: "ieee" } as const;
  return checkOutputs(problem, pass, integerOperands(problem, pass), outputs, contract, 1).margin;
}

describe.each([
  {
    impl: wasmFft,
    load: async (): Promise<readonly PlanImpl[]> => [(await import("../../../impls/wasm-fft/index.ts")).default],
    fitting: OF_FFT,
    shared: OF_FFT,
  },
  {
    impl: wasmWinograd,
    load: async (): Promise<readonly PlanImpl[]> => (await import("../../../impls/wasm-winograd/index.ts")).default,
    fitting: OF_WINOGRAD,
    shared: [...OF_WINOGRAD, ...SHARED],
  },
])("$impl.name", ({ impl, load, fitting, shared }) => {
  describe.each(INSTRUCTION_SETS)("%s", (instructions) => {
    let built: readonly PlanImpl[] = [];
    beforeAll(async () => {
      vi.stubEnv("BENCHCONV_WASM", instructions);
      vi.resetModules();
      built = await load();
    });
    afterAll(() => vi.unstubAllEnvs());

    test.each(PASSES)("%s is within its bound", async (pass) => {
      for (const one of built) {
        expect(one.description).toContain(`(${instructions})`);
        for (const descriptor of fitting) {
          const { problem } = parseDescriptor(descriptor);
          expect(await marginOf(one, problem, pass), `${one.name} ${descriptor}`).toBeLessThan(USUAL);
        }
      }
    });
  });

  test.each(PASSES)("%s is as right with two threads, whatever they share", async (pass) => {
    // While this plan is open its thread pool stays.
    const other = await impl.plan(parseDescriptor("mb1ic1oc1ih3kh3").problem, pass, { threads: 2 });
    for (const descriptor of shared) {
      const { problem } = parseDescriptor(descriptor);
      expect(await marginOf(impl, problem, pass, 2), `two threads, ${descriptor}`).toBeLessThan(USUAL);
    }
    await other.dispose?.();
  });

  test("any problem is within the bound or is unsupported", async () => {
    await forEachProblem(60, async (problem) => {
      for (const pass of PASSES) {
        const isSupported = impl.unsupported?.(problem, pass) === undefined;
        expect(isSupported ? await marginOf(impl, problem, pass) : 0).toBeLessThanOrEqual(1);
      }
    });
  });
});
