import fc from "fast-check";
import { expect, test } from "vitest";
import type { Network, NetworkLayer, NetworkNode } from "../../core/network.ts";
import { networkShapes } from "../../reference/graph/shapes.ts";
import { NetworkBuilder, convolution } from "./builder.ts";
import { findNetwork } from "./index.ts";
import { receptiveFields, type SeenInput } from "./receptive-field.ts";

const line = (extent: number, nodes: readonly NetworkNode[]): Network => ({
  name: "line",
  description: "",
  source: "",
  input: { channels: 1, spatial: [extent] },
  nodes,
});

const chain = (extent: number, layers: readonly NetworkLayer[]): Network =>
  line(
    extent,
    layers.map((layer, index) => ({ name: `n${index}`, layer, inputs: [index === 0 ? "input" : `n${index - 1}`] })),
  );

const lastField = (network: Network): SeenInput | undefined => [...receptiveFields(network).values()].at(-1);

test("L convolutions of kernel K and stride 1 see 1 + L(K − 1) (ECE 884, lecture 13-14, Receptive Fields)", () => {
  fc.assert(
    fc.property(fc.integer({ min: 1, max: 12 }), fc.integer({ min: 1, max: 11 }), (count, kernel) => {
      const net = new NetworkBuilder();
      for (let index = 0; index < count; index++) net.add(`conv${index}`, convolution(1, { kernel }));
      const network = net.network({
        name: "",
        description: "",
        source: "",
        input: { channels: 1, spatial: [200, 200] },
      });
      const size = 1 + count * (kernel - 1);
      expect(lastField(network)).toEqual({ start: [0, 0], size: [size, size], jump: [1, 1] });
    }),
  );
});

/** The input rows that row `output` of a chain depends on, followed tap by tap; none from a padding. */
function rowsSeen(network: Network, output: number): readonly number[] {
  const shapes = networkShapes(network, 1);
  let rows = new Set([output]);
  for (const [index, { layer }] of [...network.nodes.entries()].toReversed()) {
    const extent = (index === 0 ? undefined : shapes.get(`n${index - 1}`)?.output[2]) ?? network.input.spatial[0] ?? 0;
    const isInside = (row: number): boolean => row >= 0 && row < extent;
    rows = new Set([...rows].flatMap((row) => rowsBefore(layer, row, extent).filter(isInside)));
  }
  return [...rows].toSorted((a, b) => a - b);
}

function rowsBefore(layer: NetworkLayer, row: number, extent: number): readonly number[] {
  switch (layer.kind) {
    case "convolution": {
      const [kernel = 1, stride = 1, dilation = 1, begin = 0] = [
        layer.kernel,
        layer.stride,
        layer.dilation,
        layer.padBegin,
      ].map(([value]) => value);
      return Array.from({ length: kernel }, (_, tap) => row * stride - begin + tap * dilation);
    }
    case "transposed-convolution": {
      const [kernel = 1, stride = 1, dilation = 1, begin = 0] = [
        layer.kernel,
        layer.stride,
        layer.dilation,
        layer.padBegin,
      ].map(([value]) => value);
      const taps = Array.from({ length: kernel }, (_, tap) => tap * dilation);
      return Array.from({ length: extent }, (_, input) => input).filter((input) =>
        taps.includes(row + begin - input * stride),
      );
    }
    default:
      return [row];
  }
}

const windows = fc.record({
  kernel: fc.integer({ min: 1, max: 4 }).map((value) => [value]),
  stride: fc.integer({ min: 1, max: 3 }).map((value) => [value]),
  dilation: fc.integer({ min: 1, max: 2 }).map((value) => [value]),
  padBegin: fc.nat({ max: 2 }).map((value) => [value]),
});
const convolutions: fc.Arbitrary<NetworkLayer> = windows.map((window) => ({
  kind: "convolution",
  ...window,
  padEnd: [0],
  outChannels: 1,
  groups: 1,
  bias: false,
}));

test("field, start and jump are those that the taps of any chain of convolutions reach", () => {
  fc.assert(
    fc.property(fc.array(convolutions, { minLength: 1, maxLength: 3 }), (layers) => {
      const network = chain(400, layers);
      const field = lastField(network);
      if (field === undefined || field === "all") throw new Error("a chain of convolutions sees a part");
      // Far enough from both ends for no padding to be in sight.
      for (const output of [5, 6]) {
        const rows = rowsSeen(network, output);
        const first = (field.start[0] ?? 0) + output * (field.jump[0] ?? 0);
        fc.pre(first >= 0);
        expect([rows[0], (rows.at(-1) ?? 0) + 1 - first]).toEqual([first, field.size[0]]);
      }
    }),
  );
});

test("a transposed convolution's field holds every row that its outputs depend on, and some output fills it", () => {
  fc.assert(
    fc.property(windows, (window) => {
      const layer: NetworkLayer = {
        kind: "transposed-convolution",
        ...window,
        padEnd: [0],
        outputPadding: [0],
        outChannels: 1,
        groups: 1,
        bias: false,
      };
      const network = chain(30, [layer]);
      const field = lastField(network);
      if (field === undefined || field === "all") throw new Error("a transposed convolution sees a part");
      const extents = Array.from({ length: 12 }, (_, index) => rowsSeen(network, 24 + index)).map(
        (rows) => (rows.at(-1) ?? 0) + 1 - (rows[0] ?? 0),
      );
      expect(Math.max(...extents)).toBeLessThanOrEqual(field.size[0] ?? 0);
      // Dilation and stride with a common divisor leave gaps.
      if (window.dilation[0] !== 1) return;
      expect(Math.max(...extents)).toBe(field.size[0]);
      // Output 24 stands to input 24 / stride as output 0 to input 0; a kernel shorter than the stride leaves outputs
      // without any.
      const stride = window.stride[0] ?? 1;
      if ((window.kernel[0] ?? 0) >= stride) expect(rowsSeen(network, 24)[0]).toBe((field.start[0] ?? 0) + 24 / stride);
    }),
  );
});

test("where branches meet the field spans them all, and a fully connected layer sees everything", () => {
  const padded = (kernel: number, begin: number): NetworkLayer => ({
    kind: "convolution",
    kernel: [kernel],
    stride: [1],
    dilation: [1],
    padBegin: [begin],
    padEnd: [kernel - 1 - begin],
    outChannels: 1,
    groups: 1,
    bias: false,
  });
  const nodes: readonly NetworkNode[] = [
    { name: "before", layer: padded(4, 3), inputs: ["input"] },
    { name: "after", layer: padded(3, 0), inputs: ["input"] },
    { name: "both", layer: { kind: "addition" }, inputs: ["before", "after"] },
    { name: "again", layer: { kind: "addition" }, inputs: ["after", "before"] },
    { name: "contrast", layer: { kind: "local-contrast-normalisation", size: 5, sigma: 1 }, inputs: ["both"] },
    { name: "flat", layer: { kind: "flatten" }, inputs: ["contrast"] },
    { name: "scores", layer: { kind: "fully-connected", outFeatures: 2, bias: true }, inputs: ["flat"] },
    { name: "softmax", layer: { kind: "softmax" }, inputs: ["scores"] },
  ];
  expect(Object.fromEntries(receptiveFields(line(9, nodes)))).toEqual({
    before: { start: [-3], size: [4], jump: [1] },
    after: { start: [0], size: [3], jump: [1] },
    again: { start: [-3], size: [6], jump: [1] },
    both: { start: [-3], size: [6], jump: [1] },
    contrast: { start: [-7], size: [14], jump: [1] },
    flat: { start: [-7], size: [14], jump: [1] },
    scores: "all",
    softmax: "all",
  });
});

test("published fields: 195 for AlexNet, 212 for VGG-16, 315 for MobileNet-v1", () => {
  // Araujo, Norris and Sim 2019, https://distill.pub/2019/computing-receptive-fields/
  const sizes = ["alexnet", "vgg16", "mobilenet-v1"].map((name) => {
    const network = findNetwork(name);
    const fields = network === undefined ? [] : [...receptiveFields(network).values()];
    return fields.findLast((field) => field !== "all");
  });
  expect(sizes).toMatchObject([195, 212, 315].map((size) => ({ size: [size, size], jump: [32, 32] })));
});
