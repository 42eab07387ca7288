import type { Network, NetworkLayer } from "../../../core/network.ts";

const window = (kernel: number, stride = 1, pad = 0) => ({
  kernel: [kernel, kernel],
  stride: [stride, stride],
  padBegin: [pad, pad],
  padEnd: [pad, pad],
});

export const convolution = (outChannels: number, kernel: number, bias = true): NetworkLayer => ({
  kind: "convolution",
  ...window(kernel, 1, (kernel - 1) / 2),
  outChannels,
  groups: 1,
  dilation: [1, 1],
  bias,
});

/** A network from a list of [name, layer, inputs]; a node without inputs takes the one before it. */
export function networkOf(
  input: Network["input"],
  nodes: readonly (readonly [name: string, layer: NetworkLayer, ...inputs: string[]])[],
): Network {
  return {
    name: "small",
    description: "for a test",
    source: "none",
    input,
    nodes: nodes.map(([name, layer, ...inputs], index) => ({
      name,
      layer,
      inputs: inputs.length > 0 ? inputs : [nodes[index - 1]?.[0] ?? "input"],
    })),
  };
}

/** A network with a layer of every kind, with branches, a node that is used three times, and one that leads nowhere. */
export const everyLayer = networkOf({ channels: 2, spatial: [8, 8] }, [
  ["conv", convolution(4, 3)],
  ["relu", { kind: "relu" }],
  ["lrn", { kind: "local-response-normalisation", size: 3, alpha: 0.5, beta: 0.75, k: 1 }],
  ["max", { kind: "max-pooling", ...window(3, 2, 1), ceil: true }],
  ["left", convolution(3, 3, false), "max"],
  ["norm", { kind: "batch-normalisation", epsilon: 1e-3 }],
  ["right", { kind: "local-contrast-normalisation", size: 3, sigma: 1 }, "max"],
  ["nowhere", { kind: "tanh" }, "right"],
  ["both", { kind: "concatenation" }, "norm", "right", "max"],
  [
    "up",
    {
      kind: "transposed-convolution",
      ...window(2, 2),
      outChannels: 3,
      groups: 1,
      dilation: [1, 1],
      outputPadding: [1, 0],
      bias: true,
    },
  ],
  ["clip", { kind: "clip", min: -0.5, max: 1 }],
  ["absolute", { kind: "absolute-value" }],
  ["local", { kind: "locally-connected", ...window(3, 2), outChannels: 2, bias: true }],
  ["tanh", { kind: "tanh" }],
  ["sum", { kind: "addition" }, "tanh", "local", "tanh"],
  ["mean", { kind: "average-pooling", ...window(2, 1, 1), ceil: false, countsPadding: false }],
  ["drop", { kind: "dropout", probability: 0.25 }],
  ["flat", { kind: "flatten" }],
  ["fc", { kind: "fully-connected", outFeatures: 6, bias: true }],
  ["sigmoid", { kind: "sigmoid" }],
  ["global", { kind: "global-average-pooling" }, "both"],
  ["flatGlobal", { kind: "flatten" }],
  ["joined", { kind: "concatenation" }, "sigmoid", "flatGlobal"],
  ["scores", { kind: "fully-connected", outFeatures: 5, bias: false }],
  ["softmax", { kind: "softmax" }],
]);
