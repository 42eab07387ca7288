import { expect, test } from "vitest";
import { depthOf, networkCosts } from "../networks/costs.ts";
import { findNetwork } from "../networks/index.ts";
import { COMPARISON } from "./networks.ts";

test("the comparison's depths are the networks', and its sizes their parameters in 10⁶ to 2²⁰ bytes, but GoogLeNet's", () => {
  for (const { network: name, size, depth } of COMPARISON.rows) {
    const network = findNetwork(name);
    if (network === undefined) throw new Error(`there is no network ${name}`);
    expect(depthOf(network)).toBe(depth);
    const { weights, biases } = networkCosts(network, 1).total;
    const bytes = 4 * (weights + biases);
    // Printed without decimals, rounded to tens or not at all: within one unit and ten of the two readings.
    const isMegabytes = bytes / 2 ** 20 - 10 <= size && size <= bytes / 1e6 + 1;
    expect([name, isMegabytes]).toEqual([name, name !== "googlenet"]);
  }
});
