import { basename } from "node:path";
import type { Network } from "../../core/network.ts";
import type { Suite } from "../suite.ts";
import { UsageError } from "../../core/usage-error.ts";
import { checkExternalData } from "./external-data.ts";
import { findFolding } from "./folding.ts";
import { inferShapes, type GivenShape } from "./infer-shapes.ts";
import { layerTable, suiteOf, type OnnxLayer } from "./layer-table.ts";
import { namingFile, readBytes } from "./model-file.ts";
import { networkOf } from "./network-graph.ts";
import { readModel, type OnnxModel } from "./model.ts";
import { shortText } from "./tensor.ts";

/** An operator that is not known, and the nodes that have it. */
export interface UnknownOperator {
  readonly op: string;
  readonly count: number;
  /** The first few, by name. */
  readonly nodes: readonly string[];
}

/** What an ONNX file says of a network. */
export interface OnnxNetwork {
  /** The file's name without its ending. */
  readonly name: string;
  /** The whole graph, or undefined where some node is no layer that we know: `gaps` says which. */
  readonly network: Network | undefined;
  /** One sentence for each reason why `network` is undefined. */
  readonly gaps: readonly string[];
  /** The convolution and fully connected layers, each distinct problem once. At least one. */
  readonly suite: Suite;
  /** Every node but constants, in the order of the file. */
  readonly layers: readonly OnnxLayer[];
  readonly unknown: readonly UnknownOperator[];
  /**
   * One sentence for each convolution or fully connected layer that is not in the suite because its shape is not known.
   */
  readonly missing: readonly string[];
}

export interface OnnxOptions {
  /** Shapes of inputs, needed where the file leaves them open. */
  readonly shapes?: readonly GivenShape[];
}

/**
 * Reads a network from an ONNX file: its layers, their shapes, and how often each occurs. Weights are not read and may
 * be absent.
 * @throws {UsageError} one line that begins with the file: it is missing, a folder, cut off or malformed, its graph is
 * not sorted, an input's shape is open, or it has no convolution or fully connected layer of known shape.
 */
export function readOnnxNetwork(path: string, options: OnnxOptions = {}): OnnxNetwork {
  return namingFile(path, () => {
    const model = readModel(readBytes(path));
    for (const tensor of model.initializers.values()) checkExternalData(tensor, path);
    return describe(model, path, options.shapes ?? []);
  });
}

function describe(model: OnnxModel, path: string, shapes: readonly GivenShape[]): OnnxNetwork {
  const name = shortText(basename(path).replace(/\.onnx$/i, "")) || "network";
  const inferred = inferShapes(model, path, shapes);
  const folding = findFolding(inferred.nodes, new Set(model.outputs.map((output) => output.name)));
  const layers = layerTable(inferred, folding);
  const unknown = unknownOperators(
    inferred.nodes.filter((node) => node.unknown?.kind === "operator").map((node) => node.call),
  );
  const missing = layers.flatMap(({ name: layer, op, reason }) =>
    reason === undefined ? [] : [`${layer} (${op}): ${reason}`],
  );
  const suite = suiteOf(name, layers);
  if (suite.layers.length === 0) {
    const because = [
      ...missing.slice(0, 1),
      ...unknown.slice(0, 3).map(({ op }) => `the operator ${shortText(op)} is not known`),
    ];
    const reasons = because.length === 0 ? "" : ` (${because.join("; ")})`;
    throw new UsageError(`it has no convolution or fully connected layer of known shape${reasons}`);
  }
  return { name, ...networkOf(name, model, inferred, folding), suite, layers, unknown, missing };
}

const MOST_NAMED = 5;

function unknownOperators(
  calls: readonly { readonly name: string; readonly node: { readonly op: string } }[],
): UnknownOperator[] {
  const nodesOf = Map.groupBy(calls, ({ node }) => node.op);
  return [...nodesOf].map(([op, nodes]) => ({
    op: shortText(op),
    count: nodes.length,
    nodes: nodes.slice(0, MOST_NAMED).map(({ name }) => name),
  }));
}
