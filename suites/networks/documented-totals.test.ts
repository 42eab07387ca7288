import { readFileSync } from "node:fs";
import { expect, test } from "vitest";
import { depthOf, networkCosts } from "./costs.ts";
import { NETWORKS } from "./index.ts";

test("docs/networks.md has every network with its totals as they are computed", () => {
  const text = readFileSync(new URL("../../docs/networks.md", import.meta.url), "utf8");
  const rows = text
    .split("\n")
    .filter((line) => line.startsWith("| `"))
    .map((line) =>
      line
        .split("|")
        .slice(1, 7)
        .map((cell) => cell.trim()),
    );
  const computed = NETWORKS.map((network) => {
    const { layers, total } = networkCosts(network, 1);
    const field = layers.map(({ seen }) => seen).findLast((seen) => seen !== "all");
    return [
      `\`${network.name}\``,
      String(depthOf(network)),
      (total.weights + total.biases).toLocaleString("en-US"),
      total.multiplyAdds.toLocaleString("en-US"),
      `${Number((total.activationBytes / 1e6).toPrecision(3))} MB`,
      String(field?.size[0]),
    ];
  });
  expect(rows).toEqual(computed);
});
