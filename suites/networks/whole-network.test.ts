import { expect, test } from "vitest";
import { END_TO_END } from "../suite.ts";
import { networkShapes } from "../../reference/graph/shapes.ts";
import { NETWORKS, findNetwork } from "./index.ts";
import { suiteOf } from "./suite-of.ts";
import { wholeNetwork } from "./whole-network.ts";

test("every node that costs time is there once for each use, in the network's order", () => {
  for (const network of NETWORKS) {
    const { layers, endToEnd } = wholeNetwork(network, 2);
    const timed = network.nodes.filter(({ layer }) => layer.kind !== "dropout" && layer.kind !== "flatten");
    expect(endToEnd.order).toHaveLength(timed.length);
    expect(layers.reduce((sum, { multiplicity }) => sum + multiplicity, 0)).toBe(timed.length);
    const shapes = networkShapes(network, 2);
    timed.forEach((node, place) => {
      const part = layers[endToEnd.order[place]!]!;
      const kind = part.kind === "convolution" ? ["convolution", "fully-connected"] : [part.layer.kind];
      expect(kind).toContain(node.layer.kind);
      if ("layer" in part) expect(part.layer.output).toEqual(shapes.get(node.name)?.output);
    });
  }
});

test("its convolutions are the suite's, at the batch that was asked for", () => {
  for (const network of NETWORKS) {
    const convolutions = wholeNetwork(network, 3).layers.filter((layer) => layer.kind === "convolution");
    const { layers } = suiteOf(network);
    expect(convolutions).toEqual(
      layers.map((layer) => ({ ...layer, problem: { ...layer.problem, batch: 3, name: layer.problem.name } })),
    );
  }
});

test("AlexNet: five convolutions, three fully connected layers, and the layers between", () => {
  const { layers, endToEnd } = wholeNetwork(findNetwork("alexnet")!, 1);
  expect(layers.map(({ name, multiplicity }) => (multiplicity === 1 ? name : `${name} ×${multiplicity}`))).toEqual(
    [
      ["conv1", "relu1", "pool1", "norm1", "conv2", "relu2", "pool2", "norm2"],
      ["conv3", "relu3 ×2", "conv4", "conv5", "relu5", "pool5"],
      ["fc6", "relu6 ×2", "fc7", "fc8", "softmax"],
    ].flat(),
  );
  expect(endToEnd.name).toBe(END_TO_END);
  expect(endToEnd.order).toEqual([0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 9, 11, 12, 13, 14, 15, 16, 15, 17, 18]);
});
