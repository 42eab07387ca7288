import { ALEXNET_TABLE, INCEPTION } from "../../../../suites/lectures/networks.ts";
import { networkCosts } from "../../../../suites/networks/costs.ts";
import { findNetwork, NETWORKS } from "../../../../suites/networks/index.ts";
import { inceptionModule, networkFacts, type NetworkFacts } from "../../numbers/networks.ts";
import { barList } from "../parts/charts.ts";
import { chooser, slider } from "../parts/controls.ts";
import { caption, controls, count, el, figure, shown } from "../parts/figure.ts";
import { drawn, numberState, wordState } from "../parts/state.ts";

const MEASURES = {
  parameters: ["parameters", (facts: NetworkFacts) => facts.parameters],
  multiplyAdds: ["multiply-adds", (facts: NetworkFacts) => facts.multiplyAdds],
  memory: ["memory of all outputs", (facts: NetworkFacts) => facts.activationBytes],
  depth: ["depth", (facts: NetworkFacts) => facts.depth],
  error: ["top-5 error, %", (facts: NetworkFacts) => facts.top5 ?? 0],
} as const;
const MEASURE_NAMES = ["parameters", "multiplyAdds", "memory", "depth", "error"] as const;

const textOf = (measure: (typeof MEASURE_NAMES)[number], value: number): string => {
  if (measure === "memory") return `${count(value)}B`;
  if (measure === "error") return value === 0 ? "not in the deck" : `${shown(value, 2)} %`;
  return count(value);
};

function table(head: readonly string[], rows: readonly (readonly string[])[]): HTMLElement {
  return el(
    "div",
    { class: "scroll", tabindex: "0", role: "region", "aria-label": head.join(", ") },
    el(
      "table",
      { class: "data" },
      el("thead", {}, el("tr", {}, ...head.map((text) => el("th", { scope: "col" }, text)))),
      el(
        "tbody",
        {},
        ...rows.map(([first = "", ...rest]) =>
          el("tr", {}, el("th", { scope: "row" }, first), ...rest.map((text) => el("td", {}, text))),
        ),
      ),
    ),
  );
}

figure("comparison-figure", (host) => {
  const measure = wordState("measure", "multiplyAdds", MEASURE_NAMES);
  const facts = networkFacts();
  const bars = barList();
  drawn([measure], () => {
    const [, valueOf] = MEASURES[measure.value];
    bars.show(
      facts.map((each) => ({ name: each.name, value: valueOf(each), text: textOf(measure.value, valueOf(each)) })),
    );
  });
  host.append(
    controls(
      chooser(
        "measure",
        measure,
        MEASURE_NAMES.map((name) => [name, MEASURES[name][0]] as const),
      ),
    ),
    bars,
    table(
      ["network", "depth", "parameters", "multiply-adds", "all outputs", "top-1 error", "top-5 error"],
      facts.map(({ name, depth, parameters, multiplyAdds, activationBytes, top1, top5 }) => [
        name,
        String(depth),
        shown(parameters),
        shown(multiplyAdds),
        `${count(activationBytes)}B`,
        top1 === undefined ? "" : `${shown(top1, 2)} %`,
        top5 === undefined ? "" : `${shown(top5, 2)} %`,
      ]),
    ),
    el(
      "p",
      { class: "hint" },
      "Errors: the deck's “Comparison of CNN architecture” (IIT Patna), on ImageNet. The rest is counted " +
        "here, for one image.",
    ),
  );
});

figure("layers-figure", (host) => {
  const names = NETWORKS.map(({ name }) => name);
  const name = wordState("network", "lenet5", names);
  const [place, text] = [el("div"), caption(true)];
  drawn([name], () => {
    const network = findNetwork(name.value);
    if (network === undefined) return;
    const { layers, total } = networkCosts(network, 1);
    const largest = layers.toSorted((a, b) => b.weights - a.weights)[0];
    place.replaceChildren(
      table(
        ["layer", "kind", "output", "weights", "multiply-adds"],
        layers.map(({ node, output, weights, multiplyAdds }) => [
          node.name,
          node.layer.kind,
          output.slice(1).join("×"),
          weights === 0 ? "" : shown(weights),
          multiplyAdds === 0 ? "" : shown(multiplyAdds),
        ]),
      ),
    );
    const share = (100 * (largest?.weights ?? 0)) / total.weights;
    text.textContent =
      `${network.description}. ${shown(total.weights)} weights, ${shown(share, 0)} % of ` +
      `them in ${largest?.node.name}; ${shown(total.multiplyAdds)} multiply-adds.`;
  });
  host.append(
    controls(
      chooser(
        "network",
        name,
        names.map((each) => [each, each] as const),
      ),
    ),
    text,
    place,
  );
});

figure("alexnet-figure", (host) => {
  const network = findNetwork("alexnet");
  if (network === undefined) return;
  const { layers } = networkCosts(network, 1);
  const bars = (valueOf: (layer: (typeof layers)[number]) => number) =>
    barList().show(
      layers
        .filter(({ weights }) => weights > 0)
        .map((layer) => ({
          name: layer.node.name,
          value: valueOf(layer),
          text: count(valueOf(layer)),
          colour: layer.node.layer.kind === "convolution" ? 3 : 2,
        })),
    );
  host.append(
    el("h3", {}, "weights"),
    bars(({ weights }) => weights),
    el("h3", {}, "multiply-adds"),
    bars(({ multiplyAdds }) => multiplyAdds),
    el(
      "p",
      { class: "caption" },
      `Fully connected: ${shown(ALEXNET_TABLE.fullyConnectedWeights)} weights; convolution: ` +
        `${shown(ALEXNET_TABLE.convolutionWeights)}. Weights are where it is wide, work is where it convolves.`,
    ),
  );
});

figure("inception-figure", (host) => {
  const { channels, size, bottlenecked } = INCEPTION;
  const reduce3x3 = numberState("reduce3", bottlenecked.reduce3x3, 8, 192);
  const reduce5x5 = numberState("reduce5", bottlenecked.reduce5x5, 8, 192);
  const pooled = numberState("pooled", bottlenecked.pooled, 8, 192);
  const [bars, text] = [barList(), caption(true)];
  drawn([reduce3x3, reduce5x5, pooled], () => {
    const none = { reduce3x3: undefined, reduce5x5: undefined, pooled: undefined };
    const own = { reduce3x3: reduce3x3.value, reduce5x5: reduce5x5.value, pooled: pooled.value };
    const [naive, reduced] = [none, own].map((changes) => {
      const costs = networkCosts(inceptionModule(channels, size, { ...bottlenecked, ...changes }), 1);
      return { multiplyAdds: costs.total.multiplyAdds, output: costs.layers.at(-1)?.output[1] ?? 0 };
    });
    if (naive === undefined || reduced === undefined) return;
    bars.show([
      { name: "naive", value: naive.multiplyAdds, text: count(naive.multiplyAdds), colour: 2 },
      { name: "with 1 × 1 before", value: reduced.multiplyAdds, text: count(reduced.multiplyAdds), colour: 3 },
    ]);
    text.textContent =
      `${shown(naive.multiplyAdds)} multiplications and ${naive.output} channels out; with bottlenecks ` +
      `${shown(reduced.multiplyAdds)} and ${reduced.output}: ` +
      (reduced.multiplyAdds <= naive.multiplyAdds
        ? `${shown(naive.multiplyAdds / reduced.multiplyAdds, 2)} times fewer.`
        : `${shown(reduced.multiplyAdds / naive.multiplyAdds, 2)} times more.`);
  });
  host.append(
    controls(
      slider("1 × 1 before the 3 × 3", reduce3x3, { min: 8, max: 192, step: 8 }),
      slider("before the 5 × 5", reduce5x5, { min: 8, max: 192, step: 8 }),
      slider("after the pooling", pooled, { min: 8, max: 192, step: 8 }),
    ),
    bars,
    text,
  );
});
