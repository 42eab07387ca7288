import { expect, test } from "vitest";
import { layerCases, layerMargin } from "../testing/layer-cases.ts";
import { onnxruntime } from "../../../impls/onnxruntime/index.ts";

const UNSUPPORTED: Readonly<Record<string, string>> = {
  "local response normalisation of an even size": "ONNX Runtime's LRN takes odd sizes only (size 4)",
  "local response normalisation, one axis": "ONNX Runtime's LRN takes images of two axes only",
  "locally connected": "the plugin has no such layer",
};

function reasonOf(name: string): string | undefined {
  return name.startsWith("local contrast normalisation") ? UNSUPPORTED["locally connected"] : UNSUPPORTED[name];
}

test.each(layerCases("forward"))("%s is right, or says why not", async (name) => {
  const margin = await layerMargin(onnxruntime, name, "forward");
  if (typeof margin === "string") expect(margin).toBe(reasonOf(name));
  else expect(margin).toBeLessThanOrEqual(1);
});

test("there are no gradients", async () => {
  expect(await layerMargin(onnxruntime, "relu", "backwardData")).toBe("ONNX Runtime has no gradient of this layer");
});
