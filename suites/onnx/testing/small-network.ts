import type { PlainModel } from "./build-model.ts";

/** A weight of a shape and no elements. */
const of = (...dims: readonly number[]): { readonly dims: readonly number[] } => ({ dims });

/**
 * A network with a residual block, a branch and a classifier, as PyTorch exports them: convolutions without bias before
 * batch normalisation, a flattening computed of the shape, weights without elements.
 */
export const SMALL_NETWORK: PlainModel = {
  inputs: { image: [2, 3, 16, 16] },
  outputs: ["probability"],
  constants: {
    "stem.weight": of(8, 3, 3, 3),
    "bn.weight": of(8),
    "bn.bias": of(8),
    "bn.mean": of(8),
    "bn.var": of(8),
    "block.conv1.weight": of(8, 8, 3, 3),
    "block.conv2.weight": of(8, 8, 3, 3),
    "left.weight": of(4, 8, 1, 1),
    "left.bias": of(4),
    "right.weight": of(4, 8, 5, 5),
    "right.bias": of(4),
    "fc.weight": of(10, 8),
    "fc.bias": of(10),
    zero: { dims: [], integers: [0] },
    axes: { dims: [1], integers: [0] },
    rest: { dims: [1], integers: [-1] },
  },
  nodes: [
    {
      op: "Conv",
      inputs: ["image", "stem.weight"],
      outputs: ["a"],
      attributes: { kernel_shape: [3, 3], strides: [2, 2], pads: [1, 1, 1, 1] },
    },
    { op: "BatchNormalization", inputs: ["a", "bn.weight", "bn.bias", "bn.mean", "bn.var"], outputs: ["b"] },
    { op: "Relu", inputs: ["b"], outputs: ["c"] },
    { op: "Conv", inputs: ["c", "block.conv1.weight"], outputs: ["d"], attributes: { pads: [1, 1, 1, 1] } },
    { op: "Relu", inputs: ["d"], outputs: ["e"] },
    { op: "Conv", inputs: ["e", "block.conv2.weight"], outputs: ["f"], attributes: { auto_pad: "SAME_UPPER" } },
    { op: "Add", inputs: ["f", "c"], outputs: ["g"] },
    { op: "MaxPool", inputs: ["g"], outputs: ["h"], attributes: { kernel_shape: [2, 2], strides: [2, 2] } },
    { op: "Conv", inputs: ["h", "left.weight", "left.bias"], outputs: ["i"] },
    { op: "Conv", inputs: ["h", "right.weight", "right.bias"], outputs: ["j"], attributes: { pads: [2, 2, 2, 2] } },
    { op: "Concat", inputs: ["i", "j"], outputs: ["k"], attributes: { axis: 1 } },
    { op: "GlobalAveragePool", inputs: ["k"], outputs: ["l"] },
    { op: "Shape", inputs: ["l"], outputs: ["shape"] },
    { op: "Gather", inputs: ["shape", "zero"], outputs: ["batch"] },
    { op: "Unsqueeze", inputs: ["batch", "axes"], outputs: ["batches"] },
    { op: "Concat", inputs: ["batches", "rest"], outputs: ["flat"], attributes: { axis: 0 } },
    { op: "Reshape", inputs: ["l", "flat"], outputs: ["m"] },
    { op: "Gemm", inputs: ["m", "fc.weight", "fc.bias"], outputs: ["n"], attributes: { transB: 1 } },
    { op: "Softmax", inputs: ["n"], outputs: ["probability"], attributes: { axis: -1 } },
  ],
};

/** A convolution named `first`: x 1 3 8 8, weights 4 3 3 3, no bias. */
export const ONE_CONVOLUTION: PlainModel = {
  inputs: { x: [1, 3, 8, 8] },
  outputs: ["y"],
  constants: { w: { dims: [4, 3, 3, 3] } },
  nodes: [{ op: "Conv", inputs: ["x", "w"], outputs: ["y"], name: "first" }],
};

/** Fully connected layers over features, N × F, with no image before them. */
export const FLAT_NETWORK: PlainModel = {
  inputs: { x: [4, 12] },
  outputs: ["scores"],
  constants: { "fc1.weight": of(7, 12), "fc1.bias": of(7), "fc2.weight": of(7, 3) },
  nodes: [
    { op: "Gemm", inputs: ["x", "fc1.weight", "fc1.bias"], outputs: ["h"], attributes: { transB: 1 } },
    { op: "Relu", inputs: ["h"], outputs: ["r"] },
    { op: "MatMul", inputs: ["r", "fc2.weight"], outputs: ["scores"] },
  ],
};
