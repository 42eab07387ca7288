import { describe, expect, test } from "vitest";
import { PASSES, type Pass } from "../../../core/problem.ts";
import { tfjsCpu } from "../../../impls/tfjs-cpu.ts";
import { tfjsWasm } from "../../../impls/tfjs-wasm.ts";
import { layerCases, layerMargin } from "../testing/layer-cases.ts";

const DIVISOR = "tfjs leaves the padding out of an average's divisor";
const NONE = "the plugin has no such layer";
const UNSUPPORTED: Readonly<Record<string, string>> = {
  "average pooling, padding counted": DIVISOR,
  "average pooling, padding counted, the last window sticks out of it": DIVISOR,
  "local response normalisation of an even size": "tfjs takes a radius, and so an odd size (size 4)",
  "transposed convolution": NONE,
  "locally connected": NONE,
};
const PADDED_GRADIENT = "tfjs's gradient of an average pooling counts the padding, which its forward pass does not";
const UNSUPPORTED_GRADIENTS: Readonly<Record<string, string>> = {
  ...UNSUPPORTED,
  "average pooling, padded": PADDED_GRADIENT,
  "average pooling, the last window sticks out": PADDED_GRADIENT,
};

function reasonOf(impl: string, pass: Pass, name: string): string | undefined {
  if (name.startsWith("local contrast normalisation")) return NONE;
  if (impl === "tfjs-wasm" && name.startsWith("max pooling")) {
    if (name.endsWith("three axes")) return "the backend's MaxPool3D is wrong where a window has nothing above 0";
    if (pass === "backwardData") return "the backend's MaxPoolGrad is wrong where a window has nothing above 0";
  }
  return (pass === "forward" ? UNSUPPORTED : UNSUPPORTED_GRADIENTS)[name];
}

describe.each([tfjsCpu, tfjsWasm])("$name", (impl) => {
  describe.each(PASSES)("%s", (pass) => {
    test.each(layerCases(pass))("%s is right, or says why not", async (name) => {
      const margin = await layerMargin(impl, name, pass);
      if (typeof margin === "string") expect(margin).toBe(reasonOf(impl.name, pass, name));
      else expect(margin).toBeLessThanOrEqual(1);
    });
  });
});
