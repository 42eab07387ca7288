import { expect, test } from "vitest";
import type { Network, NetworkLayer } from "../../core/network.ts";
import { BATCH_NORMALISATION, NetworkBuilder, convolution, fullyConnected, maxPooling } from "./builder.ts";
import { networkCosts } from "./costs.ts";

function one(layer: NetworkLayer, channels: number, size: number): Network {
  const net = new NetworkBuilder();
  net.add("only", layer);
  return net.network({ name: "one", description: "", source: "", input: { channels, spatial: [size, size] } });
}

const pair = (value: number): readonly number[] => [value, value];

test("weights for a 200 × 200 image and 40 K units: 1.6 G fully connected, 4 M locally connected, 10 K in 100 filters", () => {
  // CMU 10707, "Local Connectivity"; Georgia Tech CS 4803, which rounds the first to "~2B".
  const weights = (layer: NetworkLayer): number => networkCosts(one(layer, 1, 200), 1).total.weights;
  expect(weights(fullyConnected(40_000))).toBe(1.6e9);
  const window = { kernel: pair(10), stride: pair(1), padBegin: pair(4), padEnd: pair(5) };
  expect(weights({ kind: "locally-connected", ...window, outChannels: 1, bias: false })).toBe(4e6);
  expect(weights(convolution(100, { kernel: 10 }))).toBe(1e4);
});

test("multiply-adds: products of a forward pass, those with padding included", () => {
  const multiplyAdds = (layer: NetworkLayer, batch: number): number =>
    networkCosts(one(layer, 4, 6), batch).total.multiplyAdds;
  expect(multiplyAdds(convolution(8, { kernel: 3, pad: 1, groups: 2 }), 3)).toBe(3 * 8 * 36 * 2 * 9);
  expect(multiplyAdds(fullyConnected(10), 3)).toBe(3 * 10 * 4 * 36);
  const window = { kernel: pair(3), stride: pair(2), padBegin: pair(0), padEnd: pair(0) };
  const unshared: NetworkLayer = { kind: "locally-connected", ...window, outChannels: 8, bias: true };
  expect(multiplyAdds(unshared, 1)).toBe(8 * 4 * 4 * 9);
  // Every input element meets every weight of its channel.
  const transposed = { ...window, outChannels: 8, groups: 2, dilation: pair(1), outputPadding: pair(0), bias: true };
  expect(multiplyAdds({ kind: "transposed-convolution", ...transposed }, 1)).toBe(4 * 36 * 4 * 9);
  expect(multiplyAdds(maxPooling({ kernel: 2, stride: 2 }), 1)).toBe(0);
});

test("parameters are the trained ones, weights and biases apart; activations are float32 outputs, a flattened image none", () => {
  const net = new NetworkBuilder();
  net.add("conv", convolution(5, { kernel: 1 }));
  net.add("bn", BATCH_NORMALISATION);
  net.add("flat", { kind: "flatten" });
  net.add("fc", fullyConnected(2));
  const network = net.network({ name: "", description: "", source: "", input: { channels: 3, spatial: [4, 4] } });
  const { layers, total } = networkCosts(network, 2);
  expect(layers.map(({ weights, biases, activationBytes }) => [weights, biases, activationBytes])).toEqual([
    [15, 5, 4 * 2 * 80],
    [5, 5, 4 * 2 * 80],
    [0, 0, 0],
    [160, 2, 4 * 2 * 2],
  ]);
  expect(total).toEqual({ weights: 180, biases: 12, multiplyAdds: 2 * (15 * 16 + 160), activationBytes: 1296 });
});
