import { describe, expect, test } from "vitest";
import type { Network } from "../../core/network.ts";
import { networkShapes } from "../../reference/graph/shapes.ts";
import { alexnetNetwork } from "./alexnet.ts";
import { depthOf, networkCosts, type LayerCosts } from "./costs.ts";
import { googlenet } from "./googlenet.ts";
import { NETWORKS, findNetwork } from "./index.ts";
import { ALEXNET_TABLE, LENET5_TABLE } from "../lectures/networks.ts";
import { lenet5 } from "./lenet5.ts";
import { mobilenetV1 } from "./mobilenet.ts";
import { resnet } from "./resnet.ts";
import { vgg } from "./vgg.ts";

const named = (name: string): Network => findNetwork(name) ?? lenet5();
const parametersOf = (network: Network): number => {
  const { weights, biases } = networkCosts(network, 1).total;
  return weights + biases;
};
const multiplyAddsOf = (network: Network): number => networkCosts(network, 1).total.multiplyAdds;
const weightsOf = (network: Network, isCounted: (layer: LayerCosts) => boolean): number =>
  networkCosts(network, 1)
    .layers.filter(isCounted)
    .reduce((sum, { weights }) => sum + weights, 0);
const outputsOf = (network: Network): Record<string, string> =>
  Object.fromEntries(networkCosts(network, 1).layers.map(({ node, output }) => [node.name, output.slice(1).join("×")]));

// A count as it is quoted, in units of `unit` with `digits` after the point.
const rounded = (count: number, unit: number, digits: number): string => (count / unit).toFixed(digits);
const [M, G] = [1e6, 1e9];

test("LeNet-5's table (ECE 884, lecture 13-14)", () => {
  const network = lenet5();
  const shapes = networkShapes(network, 1);
  const rows = network.nodes.map(({ name, layer }) => {
    const { output, parameters } = shapes.get(name) ?? { output: [], parameters: {} };
    return [layer.kind, output.slice(1).join("×"), parameters["weights"]?.join("×") ?? ""];
  });
  expect(rows).toEqual(LENET5_TABLE.rows);
});

describe("AlexNet", () => {
  const isFullyConnected = ({ node }: LayerCosts): boolean => node.layer.kind === "fully-connected";
  const isConvolution = ({ node }: LayerCosts): boolean => node.layer.kind === "convolution";

  test("the outputs on the slide (IIT Patna, Introduction to Deep Learning, AlexNet)", () => {
    expect(outputsOf(alexnetNetwork())).toMatchObject(ALEXNET_TABLE.outputs);
  });

  test("58.6 M fully connected and 3.7 M convolution weights without groups: the slide's 58 × 10⁶ and 3.7 × 10⁶", () => {
    expect(weightsOf(alexnetNetwork(), isFullyConnected)).toBe(ALEXNET_TABLE.fullyConnectedWeights);
    expect(weightsOf(alexnetNetwork(), isConvolution)).toBe(ALEXNET_TABLE.convolutionWeights);
    const [fc6, fc7, fc8] = networkCosts(alexnetNetwork(), 1).layers.filter(isFullyConnected);
    expect([fc6?.weights, fc7?.weights, fc8?.weights]).toEqual([6 * 6 * 256 * 4096, 4096 * 4096, 4096 * 1000]);
  });

  test("no count of the network gives the slide's 16 × 10⁹: 4096 × 4096 are 16.8 × 10⁶", () => {
    const { layers, total } = networkCosts(alexnetNetwork(), 1);
    expect(layers.find(({ node }) => node.name === "fc7")?.weights).toBe(16_777_216);
    expect(rounded(total.multiplyAdds, G, 2)).toBe("1.14");
  });

  test("the paper's 60 million parameters are the grouped network's", () => {
    expect(parametersOf(alexnetNetwork({ grouped: true }))).toBe(60_965_224);
    expect(parametersOf(alexnetNetwork())).toBe(62_378_344);
    expect(multiplyAddsOf(alexnetNetwork({ grouped: true }))).toBe(724_406_816);
  });
});

describe("published totals", () => {
  test("VGG: 138 and 144 million parameters (table 2), 13 and 16 convolutions", () => {
    expect([vgg(16), vgg(19)].map(parametersOf)).toEqual([138_357_544, 143_667_240]);
    expect(rounded(multiplyAddsOf(vgg(16)), G, 2)).toBe("15.47");
    expect(outputsOf(vgg(16))).toMatchObject({ conv1_2: "64×224×224", pool3: "256×28×28", pool5: "512×7×7" });
  });

  test("ResNet-50: 25,557,032 parameters and 4.09 G multiply-adds (torchvision); 3.86 G with the stride where the paper has it", () => {
    expect(parametersOf(named("resnet50"))).toBe(25_557_032);
    expect(rounded(multiplyAddsOf(named("resnet50")), G, 2)).toBe("4.09");
    const published = resnet("resnet50", { stages: [3, 4, 6, 3], strideIn: "1x1" });
    expect(parametersOf(published)).toBe(25_557_032);
    // The paper's table 1 has 3.8 × 10⁹.
    expect(rounded(multiplyAddsOf(published), G, 2)).toBe("3.86");
  });

  test("ResNet-152: 60.2 M parameters; 11.3 G multiply-adds (table 1) with the stride where the paper has it", () => {
    expect(parametersOf(named("resnet152"))).toBe(60_192_808);
    const published = resnet("resnet152", { stages: [3, 8, 36, 3], strideIn: "1x1" });
    expect([published, named("resnet152")].map((network) => rounded(multiplyAddsOf(network), G, 1))).toEqual([
      "11.3",
      "11.5",
    ]);
    expect(outputsOf(published)).toMatchObject({
      pool1: "64×56×56",
      "conv3_1.relu": "512×28×28",
      "conv5_3.relu": "2048×7×7",
    });
  });

  test("GoogLeNet: the modules' outputs of table 1; 7.0 M parameters without the auxiliary classifiers", () => {
    expect(outputsOf(googlenet())).toMatchObject({
      conv1: "64×112×112",
      pool1: "64×56×56",
      conv2: "192×56×56",
      pool2: "192×28×28",
      "inception3a.concat": "256×28×28",
      "inception3b.concat": "480×28×28",
      pool3: "480×14×14",
      "inception4a.concat": "512×14×14",
      "inception4d.concat": "528×14×14",
      "inception4e.concat": "832×14×14",
      pool4: "832×7×7",
      "inception5b.concat": "1024×7×7",
      pool5: "1024×1×1",
    });
    expect(parametersOf(googlenet())).toBe(6_998_552);
    expect(rounded(multiplyAddsOf(googlenet()), M, 0)).toBe("1583");
  });

  test("MobileNet-v1: 4.2 million parameters and 569 million multiply-adds (table 8); both multipliers", () => {
    expect(parametersOf(mobilenetV1())).toBe(4_231_976);
    expect(multiplyAddsOf(mobilenetV1())).toBe(568_740_352);
    // Tables 6 and 7: 2.6, 1.3 and 0.5 million parameters at widths of 0.75, 0.5 and 0.25; 418, 290 (here 290.9) and
    // 186 million multiply-adds at sizes of 192, 160 and 128.
    const widths = [0.75, 0.5, 0.25].map((width) => mobilenetV1({ width }));
    expect(widths.map((network) => rounded(parametersOf(network), M, 1))).toEqual(["2.6", "1.3", "0.5"]);
    const sizes = [192, 160, 128].map((size) => mobilenetV1({ size }));
    expect(sizes.map((network) => rounded(multiplyAddsOf(network), M, 0))).toEqual(["418", "291", "186"]);
  });
});

describe("the comparison of architectures (IIT Patna, Introduction to Deep Learning)", () => {
  test("its layer counts are those on the longest way through each network", () => {
    const depths = ["alexnet", "vgg16", "vgg19", "googlenet", "resnet50", "resnet152"].map((name) =>
      depthOf(named(name)),
    );
    expect(depths).toEqual([8, 16, 19, 22, 50, 152]);
  });

  test("its sizes are float32 parameters in a megabyte between 10⁶ and 2²⁰ bytes, but for GoogLeNet's", () => {
    const sizes = { alexnet: 238, vgg16: 540, vgg19: 560, googlenet: 40, resnet50: 100, resnet152: 235 };
    const outside = Object.entries(sizes).filter(([name, size]) => {
      const bytes = 4 * parametersOf(named(name));
      return size < Math.floor(bytes / 2 ** 20) || size > Math.ceil(bytes / 1e6);
    });
    expect(outside).toEqual([["googlenet", 40]]);
    expect(rounded(4 * parametersOf(googlenet()), 1e6, 0)).toBe("28");
  });
});

test("small forms keep the structure: the same nodes, fewer channels and pixels", () => {
  const forms: readonly (readonly [Network, Network])[] = [
    [lenet5(), lenet5({ width: 1 / 5, size: 12 })],
    [alexnetNetwork(), alexnetNetwork({ width: 1 / 32, size: 67 })],
    [alexnetNetwork({ grouped: true }), alexnetNetwork({ grouped: true, width: 1 / 32, size: 67 })],
    [vgg(16), vgg(16, { width: 1 / 32, size: 32 })],
    [vgg(19), vgg(19, { width: 1 / 32, size: 32 })],
    [googlenet(), googlenet({ width: 1 / 32, size: 32 })],
    [named("resnet50"), resnet("resnet50", { stages: [3, 4, 6, 3], width: 1 / 32, size: 32 })],
    [mobilenetV1(), mobilenetV1({ width: 1 / 32, size: 32 })],
  ];
  for (const [full, small] of forms) {
    expect(small.nodes.map(({ name, inputs }) => [name, inputs])).toEqual(
      full.nodes.map(({ name, inputs }) => [name, inputs]),
    );
    expect(parametersOf(small)).toBeLessThan(parametersOf(full) / 10);
    expect(multiplyAddsOf(small)).toBeLessThan(multiplyAddsOf(full) / 20);
  }
  const twoBlocks = resnet("tiny-resnet", { stages: [1, 1], width: 1 / 16, size: 32, classes: 10 });
  const stem = 3 * 4 * 49 + 8;
  const first = 4 * 4 + 8 + (4 * 4 * 9 + 8) + (4 * 16 + 32) + (4 * 16 + 32);
  const second = 16 * 8 + 16 + (8 * 8 * 9 + 16) + (8 * 32 + 64) + (16 * 32 + 64);
  expect(parametersOf(twoBlocks)).toBe(stem + first + second + (32 * 10 + 10));
  expect(depthOf(twoBlocks)).toBe(8);
});

test("names are unique, and every network says where it comes from", () => {
  expect(new Set(NETWORKS.map(({ name }) => name)).size).toBe(NETWORKS.length);
  for (const { source } of NETWORKS) expect(source).toMatch(/, \d{4}, https:\/\/\S+$/);
  expect(findNetwork("vgg17")).toBeUndefined();
});
