import { expect, test } from "vitest";
import type { Network, NetworkLayer } from "../core/network.ts";
import { networkShapes } from "../reference/graph/shapes.ts";
import { convolutionsOf } from "./networks/suite-of.ts";
import { NETWORKS } from "./networks/index.ts";
import { multiplyAdds } from "../core/shape.ts";
import { reducedNetwork } from "./training.ts";

/** What a layer is apart from how many channels it has. */
function geometry({ nodes }: Network): readonly unknown[] {
  return nodes.map(({ name, inputs, layer }) => {
    const {
      outChannels: _,
      outFeatures: __,
      groups: ___,
      ...rest
    } = { outChannels: 0, outFeatures: 0, groups: 1, ...layer };
    return [name, inputs, rest];
  });
}

test.each(NETWORKS)("$name at reduced size keeps every layer and branch, and costs little", (network) => {
  const reduced = reducedNetwork(network);
  expect(geometry(reduced)).toEqual(geometry(network));
  expect(() => networkShapes(reduced, 2)).not.toThrow();
  const products = convolutionsOf(reduced).reduce((sum, { problem }) => sum + multiplyAdds(problem), 0);
  expect(products).toBeLessThan(2e7);
});

test("groups stay groups and depthwise layers depthwise", () => {
  const groupsOf = (name: string): readonly (readonly [number, number])[] =>
    convolutionsOf(reducedNetwork(NETWORKS.find((one) => one.name === name)!)).map(({ problem }) => [
      problem.groups,
      problem.inChannels,
    ]);
  expect(groupsOf("alexnet-grouped").filter(([groups]) => groups === 2)).toHaveLength(3);
  expect(groupsOf("mobilenet-v1").filter(([groups, channels]) => groups > 1 && groups === channels)).toHaveLength(13);
});

test("where a sixteenth of the channels would part what is added, all channels stay and the image shrinks", () => {
  const conv = (outChannels: number): NetworkLayer => ({
    kind: "convolution",
    outChannels,
    groups: 1,
    bias: false,
    kernel: [3, 3],
    stride: [1, 1],
    dilation: [1, 1],
    padBegin: [1, 1],
    padEnd: [1, 1],
  });
  // 200 become 16; 20 and 180, each up to a multiple of eight, 24.
  const network: Network = {
    name: "parted",
    description: "branches of 20 and 180 channels, added to 200",
    source: "none",
    input: { channels: 3, spatial: [128, 128] },
    nodes: [
      { name: "whole", layer: conv(200), inputs: ["input"] },
      { name: "left", layer: conv(20), inputs: ["whole"] },
      { name: "right", layer: conv(180), inputs: ["whole"] },
      { name: "both", layer: { kind: "concatenation" }, inputs: ["left", "right"] },
      { name: "sum", layer: { kind: "addition" }, inputs: ["whole", "both"] },
    ],
  };
  expect(reducedNetwork(network)).toEqual({ ...network, input: { channels: 3, spatial: [64, 64] } });
});
