import { expect, test } from "vitest";
import type { Network } from "../core/network.ts";
import { NETWORKS, findNetwork } from "../suites/networks/index.ts";
import { lenet5 } from "../suites/networks/lenet5.ts";
import { vgg } from "../suites/networks/vgg.ts";
import { networksCsv, networksMarkdown } from "./network-rows.ts";
import { renderNetworksTable, renderNetworkTable } from "./network-table.ts";
import { displayWidth } from "./text-table.ts";

const plain = (columns: number) => ({ columns, colour: false });
const linesOf = (network: Network, columns = 100, batch = 1): readonly string[] =>
  renderNetworkTable(network, plain(columns), batch).split("\n");

test("LeNet-5 as a table", () => {
  expect(linesOf(lenet5()).slice(0, 15)).toEqual([
    "lenet5 · 1 image of 1×28×28",
    "LeNet-5 as lectures have it: two convolutions of 5 × 5 and two fully connected layers",
    "",
    "layer    kind             kernel    output    weights  biases  mult-adds   memory  field  jump",
    "conv1    convolution      5×5 p2  20×28×28        500      20      392 k  62.7 kB      5     1",
    "relu1    relu                     20×28×28                                62.7 kB      5     1",
    "pool1    max-pooling      2×2 /2  20×14×14                                15.7 kB      6     2",
    "conv2    convolution      5×5 p2  50×14×14     25,000      50     4.90 M  39.2 kB     14     2",
    "relu2    relu                     50×14×14                                39.2 kB     14     2",
    "pool2    max-pooling      2×2 /2    50×7×7                                9.80 kB     16     4",
    "flatten  flatten                      2450                                            16     4",
    "fc3      fully-connected               500  1,225,000     500     1.23 M  2.00 kB    all",
    "relu3    relu                          500                                2.00 kB    all",
    "fc4      fully-connected                10      5,000      10     5.00 k     40 B    all",
    "total                                       1,255,500     580     6.52 M   233 kB",
  ]);
});

test("the totals, exactly", () => {
  const text = renderNetworkTable(vgg(16), plain(200));
  expect(text).toContain("138,357,544 parameters: 138,344,128 weights and 13,416 biases, 553 MB as float32");
  expect(text).toContain("15,470,264,320 multiply-adds in a forward pass of 1 image; 114,607,936 bytes of activations");
  expect(text).toContain("16 convolution and fully connected layers on the longest way through");
  expect(text).toContain("https://arxiv.org/abs/1409.1556");
  const eight = renderNetworkTable(vgg(16), plain(200), 8);
  expect(eight).toContain("vgg16 · 8 images of 3×224×224");
  expect(eight).toContain(
    "123,762,114,560 multiply-adds in a forward pass of 8 images; 916,863,488 bytes of activations",
  );
  expect(eight).toContain("138,357,544 parameters");
});

test("a network has a row for every node and fits a terminal of 100 columns, and of 80 where its numbers do", () => {
  for (const network of NETWORKS.filter(({ nodes }) => nodes.length < 100)) {
    const lines = linesOf(network);
    const total = lines.findIndex((line) => line.startsWith("total"));
    expect(total - 4).toBe(network.nodes.length);
    expect(Math.max(...lines.map(displayWidth))).toBeLessThanOrEqual(100);
  }
  const narrow = linesOf(vgg(16), 80).find((line) => line.startsWith("conv1_1"));
  expect(narrow).toMatch(/^conv1_1  conv\S*…  3×3 p1 /);
});

test("strides, dilations and groups stand with the kernel, and axes apart where they differ", () => {
  const network: Network = {
    name: "forms",
    description: "",
    source: "",
    input: { channels: 4, spatial: [20, 30] },
    nodes: [
      {
        name: "wide",
        layer: {
          kind: "convolution",
          outChannels: 4,
          groups: 2,
          kernel: [1, 3],
          stride: [2, 1],
          dilation: [1, 2],
          padBegin: [0, 1],
          padEnd: [0, 2],
          bias: false,
        },
        inputs: ["input"],
      },
      { name: "bn", layer: { kind: "batch-normalisation", epsilon: 1e-5 }, inputs: ["wide"] },
    ],
  };
  const [wide, bn] = linesOf(network, 120).slice(4);
  expect(wide?.split(/ {2,}/)).toEqual([
    "wide",
    "convolution",
    "1×3 /2×1 p0×1-2 d1×2 g2",
    "4×10×29",
    "24",
    "6.96 k",
    "4.64 kB",
    "1×5",
    "2×1",
  ]);
  expect(bn?.split(/ {2,}/)).toEqual(["bn", "batch-normalisation", "4×10×29", "4", "4", "4.64 kB", "1×5", "2×1"]);
  expect(renderNetworkTable(network, plain(200))).toContain("Batch normalisation's scales count as weights");
  expect(renderNetworkTable(findNetwork("vgg16") ?? network, plain(200))).not.toContain("Batch normalisation");
});

test("names from outside cannot steer a terminal", () => {
  const nodes = [{ name: "a\u001b[31m\nb", layer: { kind: "relu" } as const, inputs: ["input"] }];
  const network: Network = {
    name: "x\u0007",
    description: "d\u001b[2J",
    source: "s\u202e",
    input: { channels: 1, spatial: [2] },
    nodes,
  };
  const text = renderNetworkTable(network, plain(100));
  expect(text).not.toMatch(/[\u0000-\u0009\u000b-\u001f\u007f-\u009f\u202e]/);
  expect(text).toContain("a\\u{1b}[31m b");
});

test("all networks side by side: terminal, CSV of every layer with its padding, Markdown", () => {
  const lines = renderNetworksTable(NETWORKS, plain(200), 1).split("\n");
  expect(lines[0]?.split(/ {2,}/)).toEqual([
    "network",
    "input",
    "depth",
    "parameters",
    "multiply-adds",
    "activation bytes",
    "field at the end",
  ]);
  expect(lines.find((line) => line.startsWith("vgg16"))?.split(/ {2,}/)).toEqual([
    "vgg16",
    "3×224×224",
    "16",
    "138,357,544",
    "15,470,264,320",
    "114,607,936",
    "212",
  ]);
  const csv = networksCsv(NETWORKS, 1).split("\r\n");
  expect(csv[0]).toMatch(/^network,layer,kind,kernel,stride,padding,/);
  expect(csv).toContain("alexnet,conv2,convolution,5×5,1,2,1,1,256×27×27,614400,256,447897600,746496,51,8");
  expect(csv).toHaveLength(2 + NETWORKS.reduce((sum, { nodes }) => sum + nodes.length, 0));
  const markdown = networksMarkdown(NETWORKS, 1).split("\n");
  expect(markdown).toHaveLength(3 + NETWORKS.length);
  expect(markdown[1]).toBe("| --- | --- | ---: | ---: | ---: | ---: | --- |");
  expect(networksMarkdown([lenet5()], 1)).toContain("| conv1 | convolution | 5×5 | 1 | 2 | 1 | 1 | 20×28×28 | 500 |");
});
