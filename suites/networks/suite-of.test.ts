import { expect, test } from "vitest";
import { multiplyAdds } from "../../core/shape.ts";
import { NetworkBuilder, RELU, convolution, fullyConnected } from "./builder.ts";
import { networkCosts } from "./costs.ts";
import { NETWORKS, findNetwork } from "./index.ts";
import { lenet5 } from "./lenet5.ts";
import { suiteOf } from "./suite-of.ts";

test("a suite computes what its network computes: every problem by its multiplicity", () => {
  for (const network of NETWORKS) {
    const sum = suiteOf(network).layers.reduce(
      (total, { problem, multiplicity }) => total + multiplicity * multiplyAdds(problem),
      0,
    );
    expect(sum).toBe(networkCosts(network, 1).total.multiplyAdds);
  }
});

test("equal problems are one layer, named after the first node and counted; another bias or stride is another problem", () => {
  const net = new NetworkBuilder();
  net.add("first", convolution(3, { kernel: 3, pad: 1 }));
  net.add("relu", RELU);
  net.add("again", convolution(3, { kernel: 3, pad: 1 }));
  net.add("unbiased", convolution(3, { kernel: 3, pad: 1, bias: false }));
  net.add("halved", convolution(3, { kernel: 3, stride: 2, pad: 1 }));
  net.add("third", convolution(3, { kernel: 3, pad: 1 }), ["again"]);
  const network = net.network({ name: "net", description: "", source: "", input: { channels: 3, spatial: [8, 8] } });
  const rows = suiteOf(network).layers.map(({ name, problem, multiplicity }) => [
    name,
    problem.name,
    problem.padEnd[0],
    multiplicity,
  ]);
  expect(rows).toEqual([
    ["first", "net:first", 1, 3],
    ["unbiased", "net:unbiased", 1, 1],
    // Stride 2 over 8 + 1 rows never reads the padding at the end.
    ["halved", "net:halved", 0, 1],
  ]);
});

test("a fully connected layer is a convolution over its whole input, after a flatten as well", () => {
  const [, , fc3, fc4] = suiteOf(lenet5()).layers;
  expect(fc3?.problem).toMatchObject({ inChannels: 50, outChannels: 500, input: [7, 7], kernel: [7, 7], bias: true });
  expect(fc4?.problem).toMatchObject({ inChannels: 500, outChannels: 10, input: [1, 1], kernel: [1, 1] });
  const net = new NetworkBuilder();
  net.add("fc", fullyConnected(2));
  const onLine = net.network({ name: "", description: "", source: "", input: { channels: 3, spatial: [9] } });
  expect(suiteOf(onLine).layers[0]?.problem).toMatchObject({ inChannels: 3, input: [9], kernel: [9] });
});

test("VGG-16's sixteen layers are twelve problems", () => {
  const { layers } = suiteOf(findNetwork("vgg16") ?? lenet5());
  const repeated = layers
    .filter(({ multiplicity }) => multiplicity > 1)
    .map(({ name, multiplicity }) => [name, multiplicity]);
  expect(layers.length).toBe(12);
  expect(repeated).toEqual([
    ["conv3_2", 2],
    ["conv4_2", 2],
    ["conv5_1", 3],
  ]);
});
