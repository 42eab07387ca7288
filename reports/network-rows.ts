/** Networks as CSV and Markdown: a row a layer, or a row a network. */
import { plainText } from "../core/plain-text.ts";
import type { Network, NetworkLayer } from "../core/network.ts";
import { depthOf, networkCosts, type LayerCosts } from "../suites/networks/costs.ts";
import { csvField } from "./csv.ts";
import { escapeMarkdown } from "./markdown.ts";

type Value = string | number;
type Row = readonly Value[];

const LAYER_HEAD =
  "network layer kind kernel stride padding dilation groups output weights biases multiplyAdds " +
  "activationBytes field jump";
const NETWORK_HEAD = [
  "network",
  "input",
  "depth",
  "parameters",
  "multiply-adds",
  "activation bytes",
  "field at the end",
];

/** Every layer of the networks, CSV (RFC 4180, CRLF line ends), for N images; axes and padding's ends with × and -. */
export function networksCsv(networks: readonly Network[], batch: number): string {
  const rows = networks.flatMap((network) =>
    networkCosts(network, batch).layers.map((layer): Row => [network.name, ...layerRow(layer)]),
  );
  return [LAYER_HEAD.split(" "), ...rows].map((row) => `${row.map(csvField).join(",")}\r\n`).join("");
}

/** Every layer of one network as a Markdown table; of several networks a row each, side by side. */
export function networksMarkdown(networks: readonly Network[], batch: number): string {
  const [network] = networks;
  if (network === undefined || networks.length > 1) return markdown(NETWORK_HEAD, networkRows(networks, batch));
  return markdown(LAYER_HEAD.split(" ").slice(1), networkCosts(network, batch).layers.map(layerRow));
}

/** The head of a row a network, and the rows. */
export function networksTable(networks: readonly Network[], batch: number): readonly (readonly string[])[] {
  return [NETWORK_HEAD, ...networkRows(networks, batch).map((row) => row.map(shown))];
}

function networkRows(networks: readonly Network[], batch: number): readonly Row[] {
  return networks.map((network) => {
    const { layers, total } = networkCosts(network, batch);
    const field = layers.findLast(({ seen }) => seen !== "all")?.seen;
    return [
      plainText(network.name),
      [network.input.channels, ...network.input.spatial].join("×"),
      depthOf(network),
      total.weights + total.biases,
      total.multiplyAdds,
      total.activationBytes,
      field === undefined || field === "all" ? "all" : extents(field.size),
    ];
  });
}

function layerRow({ node, output, seen, ...costs }: LayerCosts): Row {
  const { layer } = node;
  return [
    plainText(node.name),
    layer.kind,
    ...("kernel" in layer ? [layer.kernel.join("×"), extents(layer.stride), paddingText(layer)] : ["", "", ""]),
    "dilation" in layer ? extents(layer.dilation) : "",
    "groups" in layer ? layer.groups : "",
    output.slice(1).join("×"),
    costs.weights,
    costs.biases,
    costs.multiplyAdds,
    costs.activationBytes,
    ...(seen === "all"
      ? ["all", ""]
      : [extents(seen.size), extents(seen.jump.map((rows) => Number(rows.toPrecision(3))))]),
  ];
}

/** Padding along each axis, begin-end where the two differ; one number where all are equal. */
export function paddingText({ padBegin, padEnd }: Extract<NetworkLayer, { readonly kernel: unknown }>): string {
  const each = padBegin.map((begin, axis) => (begin === padEnd[axis] ? String(begin) : `${begin}-${padEnd[axis]}`));
  return each.every((text) => text === each[0]) ? (each[0] ?? "0") : each.join("×");
}

/** One number where all axes agree. */
export function extents(values: readonly number[]): string {
  const [first = 0] = values;
  return values.every((value) => value === first) ? String(first) : values.join("×");
}

function shown(value: Value): string {
  return typeof value === "number" ? value.toLocaleString("en-US") : value;
}

function markdown(head: readonly string[], rows: readonly Row[]): string {
  const line = (cells: readonly string[]): string => `| ${cells.join(" | ")} |\n`;
  const isNumber = head.map((_, column) => rows.every((row) => typeof row[column] === "number"));
  return [
    line(head),
    line(isNumber.map((right) => (right ? "---:" : "---"))),
    ...rows.map((row) => line(row.map((value) => escapeMarkdown(shown(value))))),
  ].join("");
}
