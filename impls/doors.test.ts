import { describe, expect, test } from "vitest";
import { PASSES } from "../harness/problem.ts";
import { KNOWN_DEFECTS } from "../suites/known-defects/index.ts";
import { doors as onnxruntimeDoors } from "./onnxruntime/index.ts";
import { expectedOf, outputsOf } from "./testing/exact.ts";
import { SMALL_PROBLEMS } from "./testing/problems.ts";
import tfjsCpuAll from "./tfjs-cpu.ts";
import tfjsWasmAll from "./tfjs-wasm.ts";

const isDoor = ({ name }: { readonly name: string }): boolean => name.includes(":");

describe.each([...onnxruntimeDoors, ...tfjsCpuAll.filter(isDoor), ...tfjsWasmAll.filter(isDoor)])("$name", (impl) => {
  test("is exact on integers, says why not, or meets a known defect", async () => {
    let exact = 0;
    for (const pass of PASSES) {
      for (const [name, problem] of Object.entries(SMALL_PROBLEMS)) {
        const suspect = { contender: impl.name, problem, pass, data: "dense-exact" } as const;
        const isKnown = KNOWN_DEFECTS.some(
          (defect) => defect.contenders[impl.name]?.includes(pass) === true && defect.explains(suspect),
        );
        if (impl.unsupported?.(problem, pass) !== undefined || isKnown) continue;
        expect(await outputsOf(impl, problem, pass), `${name}, ${pass}`).toEqual(expectedOf(problem, pass));
        exact++;
      }
    }
    expect(exact).toBeGreaterThan(0);
  });
});
