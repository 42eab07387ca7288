import { expect, test } from "vitest";
import { SMALL_PROBLEMS } from "./testing/problems.ts";
import tfjsNodeGpu from "./tfjs-node-gpu.ts";
import tfjsNode from "./tfjs-node.ts";

const impls = [tfjsNode, tfjsNodeGpu];

test.each(impls.filter(({ version }) => version === undefined))("$name says how to install it", async (impl) => {
  expect(await impl.unavailable?.()).toBe(
    `install it with: npm install --no-save --ignore-scripts=false @tensorflow/${impl.name} ` +
      `(Cannot find module '@tensorflow/${impl.name}')`,
  );
});

test("what TensorFlow's kernels refuse is unsupported", () => {
  const unequal = { ...SMALL_PROBLEMS["depthwise"]!, stride: [1, 2] };
  const dilatedDepth = { ...SMALL_PROBLEMS["3-D, uneven padding"]!, dilation: [2, 1, 1] };
  expect(tfjsNode.unsupported?.(unequal, "forward")).toContain("equal strides only");
  expect(tfjsNode.unsupported?.(dilatedDepth, "forward")).toContain("no dilation along the first axis");
  expect(tfjsNodeGpu.unsupported?.(dilatedDepth, "forward")).toBeUndefined();
});
