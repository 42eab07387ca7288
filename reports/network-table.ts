import { plainText } from "../core/plain-text.ts";
import type { Network, NetworkLayer } from "../core/network.ts";
import { depthOf, networkCosts, type Costs, type LayerCosts } from "../suites/networks/costs.ts";
import type { SeenInput } from "../suites/networks/receptive-field.ts";
import { counted, significant } from "./format.ts";
import { extents, networksTable, paddingText } from "./network-rows.ts";
import {
  dimmed,
  displayWidth,
  joined,
  layOutTable,
  paint,
  truncate,
  wrap,
  type Alignment,
  type TextOptions,
} from "./text-table.ts";

const HEAD = ["layer", "kind", "kernel", "output", "weights", "biases", "mult-adds", "memory", "field", "jump"];
const ALIGNMENTS = HEAD.map((_, column): Alignment => (column < 3 ? "left" : "right"));
/** What is left of kinds and names where the width asks for it. */
const LEAST_COLUMNS = { kind: 6, name: 12 };

/**
 * A network as a table for the terminal: a row per node with its output's shape, trained parameters, multiply-adds,
 * float32 memory of the output and receptive field, for N images; then the totals, and what is counted.
 * @throws RangeError where the network has no shapes (`networkShapes`)
 */
export function renderNetworkTable(network: Network, options: TextOptions, batch = 1): string {
  const { layers, total } = networkCosts(network, batch);
  const cells = fitted([HEAD, ...layers.map(layerCells), totalCells(total)], options.columns);
  const table = layOutTable(cells, ALIGNMENTS, options);
  const sum = table.pop() ?? "";
  const input = [network.input.channels, ...network.input.spatial].join("×");
  const title = `${plainText(network.name)} · ${counted(batch, "image")} of ${input}`;
  const lines = [
    ...wrap(title, options.columns).map((line) => paint(line, "bold", options)),
    ...wrap(plainText(network.description), options.columns),
    "",
    ...table,
    paint(sum, "bold", options),
    "",
    ...totalLines(network, total, batch).flatMap((line) => wrap(line, options.columns)),
    "",
    ...dimmed(notes(layers), options),
    ...(network.source === "" ? [] : wrap(plainText(network.source), options.columns)),
  ];
  return joined(lines);
}

/** Networks side by side, a row each, for N images. */
export function renderNetworksTable(networks: readonly Network[], options: TextOptions, batch: number): string {
  const table = networksTable(networks, batch);
  const alignments = table[0]?.map((_, column): Alignment => (column < 2 ? "left" : "right")) ?? [];
  return joined(layOutTable(table, alignments, options));
}

/** A row of a model that is not wholly known. */
export interface KnownLayer {
  readonly name: string;
  readonly op: string;
  /** Batch included; undefined where it is not known. */
  readonly output: readonly number[] | undefined;
  readonly parameters: number;
  readonly multiplyAdds: number;
}

/**
 * The nodes of a model of which some are not layers that we know: output's shape, parameters and multiply-adds where
 * they are known.
 */
export function renderLayerTable(layers: readonly KnownLayer[], options: TextOptions): string {
  const count = (value: number): string => (value === 0 ? "" : grouped(value));
  const sum = (of: (layer: KnownLayer) => number): number => layers.reduce((total, layer) => total + of(layer), 0);
  const rows = [
    ["layer", "operator", "output", "parameters", "mult-adds"],
    ...layers.map(({ name, op, output, parameters, multiplyAdds }) => [
      plainText(name),
      plainText(op),
      output?.join("×") ?? "unknown",
      count(parameters),
      multiplyAdds === 0 ? "" : prefixed(multiplyAdds),
    ]),
    ["total", "", "", count(sum(({ parameters }) => parameters)), prefixed(sum(({ multiplyAdds }) => multiplyAdds))],
  ];
  return joined(layOutTable(rows, ["left", "left", "right", "right", "right"], options));
}

function layerCells({ node, output, seen, ...costs }: LayerCosts): readonly string[] {
  return [
    plainText(node.name),
    node.layer.kind,
    kernelText(node.layer),
    output.slice(1).join("×"),
    ...costCells(costs),
    ...fieldCells(seen),
  ];
}

function totalCells(total: Costs): readonly string[] {
  return ["total", "", "", "", ...costCells(total), "", ""];
}

function costCells({ weights, biases, multiplyAdds, activationBytes }: Costs): readonly string[] {
  return [
    weights === 0 ? "" : grouped(weights),
    biases === 0 ? "" : grouped(biases),
    multiplyAdds === 0 ? "" : prefixed(multiplyAdds),
    activationBytes === 0 ? "" : `${prefixed(activationBytes)}B`,
  ];
}

function totalLines(
  network: Network,
  { weights, biases, multiplyAdds, activationBytes }: Costs,
  batch: number,
): readonly string[] {
  const parameters = weights + biases;
  return [
    `${grouped(parameters)} parameters: ${grouped(weights)} weights and ${grouped(biases)} biases, ` +
      `${prefixed(4 * parameters)}B as float32`,
    `${grouped(multiplyAdds)} multiply-adds in a forward pass of ${counted(batch, "image")}; ` +
      `${grouped(activationBytes)} bytes of activations`,
    `${counted(depthOf(network), "convolution and fully connected layer")} on the longest way through`,
  ];
}

/** What the columns count, as far as the network has it. */
function notes(layers: readonly LayerCosts[]): string {
  const normalises = layers.some(({ node }) => node.layer.kind === "batch-normalisation");
  return [
    "Kernel: its size, / stride, p padding, d dilation, g groups. Weights are without biases.",
    ...(normalises
      ? ["Batch normalisation's scales count as weights, its shifts as biases, its mean and variance not at all."]
      : []),
    "Multiply-adds are those of convolution and fully connected layers, products with padding included.",
    "Memory is the output as float32; the total keeps every output, as a training step does.",
    "Field is the receptive field, the rows of the image that an output depends on, padding included; jump is " +
      "how far apart the fields of neighbours are.",
  ].join(" ");
}

/** Kernel, stride, dilation and groups where they are not 1, and padding where it is not 0. */
function kernelText(layer: NetworkLayer): string {
  if (!("kernel" in layer)) return "";
  const unlessOne = (mark: string, values: readonly number[]): string =>
    values.every((value) => value === 1) ? "" : ` ${mark}${extents(values)}`;
  const dilation = "dilation" in layer ? unlessOne("d", layer.dilation) : "";
  const groups = "groups" in layer ? unlessOne("g", [layer.groups]) : "";
  const padding = paddingText(layer);
  const padded = padding === "0" ? "" : ` p${padding}`;
  return `${layer.kernel.join("×")}${unlessOne("/", layer.stride)}${padded}${dilation}${groups}`;
}

function fieldCells(seen: SeenInput): readonly string[] {
  return seen === "all"
    ? ["all", ""]
    : [extents(seen.size), extents(seen.jump.map((rows) => Number(rows.toPrecision(3))))];
}

function grouped(count: number): string {
  return count.toLocaleString("en-US");
}

/** Three digits with a decimal prefix: 15.5 G. */
function prefixed(count: number): string {
  const rounded = Number(count.toPrecision(3));
  const prefixes = ["", "k", "M", "G", "T", "P"];
  const power = Math.min(prefixes.length - 1, Math.floor((String(rounded).length - 1) / 3));
  return power === 0 ? `${count} ` : `${significant(rounded / 1000 ** power)} ${prefixes[power]}`;
}

/** The rows with kinds, then names, cut so that the table fits the width as far as it can. */
function fitted(rows: readonly (readonly string[])[], columns: number): readonly (readonly string[])[] {
  const widths = HEAD.map((_, column) => Math.max(...rows.map((row) => displayWidth(row[column] ?? ""))));
  const [nameWidth = 0, kindWidth = 0] = widths;
  const excess = Math.max(0, widths.reduce((sum, width) => sum + width + 2, -2) - columns);
  const cutFromKinds = Math.min(excess, Math.max(0, kindWidth - LEAST_COLUMNS.kind));
  const cutFromNames = Math.min(excess - cutFromKinds, Math.max(0, nameWidth - LEAST_COLUMNS.name));
  return rows.map(([name = "", kind = "", ...rest]) => [
    truncate(name, nameWidth - cutFromNames),
    truncate(kind, kindWidth - cutFromKinds),
    ...rest,
  ]);
}
