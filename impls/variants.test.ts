import { describe, expect, test } from "vitest";
import { PASSES } from "../core/problem.ts";
import { EXPECTED_FAILURES } from "../suites/expected-failures/index.ts";
import { variants as onnxruntimeVariants } from "./onnxruntime/index.ts";
import { expectedOf, outputsOf } from "./testing/exact.ts";
import { SMALL_PROBLEMS } from "./testing/problems.ts";
import tfjsCpuAll from "./tfjs-cpu.ts";
import tfjsWasmAll from "./tfjs-wasm.ts";

const isVariant = ({ name }: { readonly name: string }): boolean => name.includes(":");

describe.each([...onnxruntimeVariants, ...tfjsCpuAll.filter(isVariant), ...tfjsWasmAll.filter(isVariant)])(
  "$name",
  (impl) => {
    test("is exact on integers, says why not, or meets a known defect", async () => {
      let exact = 0;
      for (const pass of PASSES) {
        for (const [name, problem] of Object.entries(SMALL_PROBLEMS)) {
          const suspect = { implementation: impl.name, problem, pass, data: "dense-exact" } as const;
          const isKnown = EXPECTED_FAILURES.some(
            (defect) => defect.implementations[impl.name]?.includes(pass) === true && defect.explains(suspect),
          );
          if (impl.unsupported?.(problem, pass) !== undefined || isKnown) continue;
          expect(await outputsOf(impl, problem, pass), `${name}, ${pass}`).toEqual(expectedOf(problem, pass));
          exact++;
        }
      }
      expect(exact).toBeGreaterThan(0);
    });
  },
);
