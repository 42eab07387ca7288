import { describe, expect, test } from "vitest";
import { PASSES } from "../core/problem.ts";
import { expectedOf, outputsOf } from "./testing/exact.ts";
import { SMALL_PROBLEMS } from "./testing/problems.ts";
import { NODE_BACKEND } from "./tfjs/node.ts";
import type { TfjsBackend } from "./tfjs/backend.ts";
import { tfjsPlugin } from "./tfjs/plugin.ts";
import { tfjsCpu } from "./tfjs-cpu.ts";

const UNSUPPORTED: Readonly<Record<string, string>> = {
  "dilated and strided": "tfjs takes strides or dilations above 1, not both (strides 2,2, dilations 2,3)",
  grouped: "tfjs has no grouped convolution, only a depthwise one (groups 2, input channels 4)",
};
const UNSUPPORTED_GRADIENTS: Readonly<Record<string, string>> = {
  ...UNSUPPORTED,
  dilated: "tfjs has no gradient of a dilated convolution (dilations 2,3)",
  "dilated kernel as large as the input, over the padding":
    "tfjs has no gradient of a dilated convolution (dilations 2,2)",
};

/** The padding that the TensorFlow kernels leave to tf.pad and tf.slice, tried on the backend that is here. */
const paddedOutside = tfjsPlugin({ ...cpuBackend(), ...NODE_BACKEND, backend: "cpu" });

function cpuBackend(): TfjsBackend {
  return {
    name: "tfjs-padded-outside",
    description: "",
    packageName: "@tensorflow/tfjs",
    backend: "cpu",
    load: async () => import("@tensorflow/tfjs"),
    asynchronous: true,
    missingKernels: [],
    explicitPadding: [],
    unequalDepthwiseStrides: true,
    depthDilation: true,
  };
}

describe.each([tfjsCpu, paddedOutside])("$name", (impl) => {
  describe.each(PASSES)("%s", (pass) => {
    const unsupported = pass === "forward" ? UNSUPPORTED : UNSUPPORTED_GRADIENTS;
    test.each(Object.entries(SMALL_PROBLEMS))("is exact on integers or says why not: %s", async (name, problem) => {
      expect(await outputsOf(impl, problem, pass)).toEqual(unsupported[name] ?? expectedOf(problem, pass));
    });
  });
});

test("a run leaves no tensors behind", async () => {
  const tf = await import("@tensorflow/tfjs");
  const before = tf.memory().numTensors;
  await outputsOf(tfjsCpu, SMALL_PROBLEMS["cropped"]!, "forward");
  expect(tf.memory().numTensors).toBe(before);
});

test("grouped 3-D convolution is unsupported, also where it is depthwise", () => {
  const problem = { ...SMALL_PROBLEMS["3-D, strided"]!, groups: 2 };
  expect(tfjsCpu.unsupported?.(problem, "forward")).toBe("tfjs has no grouped 3-D convolution (groups 2)");
});
