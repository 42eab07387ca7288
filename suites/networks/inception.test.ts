import { expect, test } from "vitest";
import { INCEPTION } from "../lectures/networks.ts";
import type { Network } from "../../core/network.ts";
import { NetworkBuilder } from "./builder.ts";
import { networkCosts } from "./costs.ts";
import { inception, type InceptionFilters } from "./googlenet.ts";

// IIT Patna, Introduction to Deep Learning, "Naive inception" and "Inception: Parameters : Multiplications": the
// figures of those slides are pictures. So these are module 3a of the paper's table 1 (https://arxiv.org/abs/1409.4842)
// and the example of Stanford's CS231n, 2017, lecture 9, each on 28 × 28.

function module(channels: number, filters: InceptionFilters): Network {
  const net = new NetworkBuilder();
  inception(net, "module", filters);
  return net.network({ name: "module", description: "", source: "", input: { channels, spatial: [28, 28] } });
}

const withoutReduction = { reduce3x3: undefined, reduce5x5: undefined, pooled: undefined };
const { bottlenecked } = INCEPTION;
const naive: InceptionFilters = { ...bottlenecked, ...withoutReduction };

test("a bottlenecked inception module has the paper's 159 K weights and 128 M multiplications", () => {
  const { total, layers } = networkCosts(module(192, bottlenecked), 1);
  expect(total.weights).toBe(192 * 64 + (192 * 96 + 96 * 9 * 128) + (192 * 16 + 16 * 25 * 32) + 192 * 32);
  // The paper's K is 1024.
  expect([Math.floor(total.weights / 1024), Math.round(total.multiplyAdds / 1e6)]).toEqual([159, 128]);
  expect(total.multiplyAdds).toBe(28 * 28 * total.weights);
  expect(total.multiplyAdds).toBe(INCEPTION.bottleneckedMultiplyAdds);
  expect(layers.at(-1)?.output).toEqual([1, 256, 28, 28]);
});

test("the naive module needs 2.4 times the weights and multiplications, and lets the channels grow", () => {
  const { total, layers } = networkCosts(module(192, naive), 1);
  expect(total.weights).toBe(192 * 64 + 192 * 9 * 128 + 192 * 25 * 32);
  expect([total.weights, total.multiplyAdds]).toEqual([387_072, INCEPTION.naiveMultiplyAdds]);
  expect((total.weights / networkCosts(module(192, bottlenecked), 1).total.weights).toFixed(2)).toBe("2.37");
  // The pooling passes on all 192 channels.
  expect(layers.at(-1)?.output).toEqual([1, 64 + 128 + 32 + 192, 28, 28]);
});

test("CS231n's example: 854 M multiplications naive, and 271 M with bottlenecks, where the slide adds up to 358 M", () => {
  const filters: InceptionFilters = { of1x1: 128, reduce3x3: 64, of3x3: 192, reduce5x5: 64, of5x5: 96, pooled: 64 };
  const [plain, reduced] = [{ ...filters, ...withoutReduction }, filters].map((given) =>
    networkCosts(module(256, given), 1),
  );
  const millions = (count = 0): number => Math.round(count / 1e6);
  expect([plain, reduced].map((costs) => costs?.layers.at(-1)?.output[1])).toEqual([672, 480]);
  expect(millions(plain?.total.multiplyAdds)).toBe(854);
  expect(millions(reduced?.total.multiplyAdds)).toBe(271);
  // The six products that the slide lists are these; its total has the 3 × 3 twice.
  const of3x3 = reduced?.layers.find(({ node }) => node.name === "module.3x3")?.multiplyAdds ?? 0;
  expect(of3x3).toBe(28 * 28 * 192 * 3 * 3 * 64);
  expect(millions((reduced?.total.multiplyAdds ?? 0) + of3x3)).toBe(358);
});
