import { basename } from "node:path";
import { createHash } from "node:crypto";
import type { FixedInput, ModelGraph } from "../../../core/model.ts";
import { elementCount } from "../../../core/shape.ts";
import { UsageError } from "../../../core/usage-error.ts";
import type { WholeModel } from "../../whole-model.ts";
import { inferShapes, type GivenShape, type InferredNode } from "../infer-shapes.ts";
import { namingFile, readBytes } from "../model-file.ts";
import { readModel, type OnnxModel } from "../model.ts";
import { ELEMENT_TYPES, FLOAT32, shortText } from "../tensor.ts";
import { tensorNumbers } from "../tensor-values.ts";
import { withoutConstantNodes } from "./constant-nodes.ts";
import { GraphLowering, type Gaps } from "./lower-graph.ts";

/** Shapes of inputs, and the extent of first axes that the file leaves open: 1 when left out. */
export interface ModelOptions {
  readonly shapes?: readonly GivenShape[];
  readonly batch?: number;
  /** Values of integer inputs, which are the same in every call. */
  readonly fixed?: ReadonlyMap<string, readonly number[]>;
}

/**
 * Reads a whole model from an ONNX file, its weights included.
 * @throws {UsageError} one line that begins with the file: as `readOnnxNetwork`, and where an operator is not computed
 * here, where weights are missing, and where an input is not float32.
 */
export function readWholeModel(path: string, options: ModelOptions = {}): WholeModel {
  return namingFile(path, () => {
    const file = readBytes(path);
    const model = readModel(file);
    const external = [...model.initializers.values()].find(({ data }) => data.kind === "external");
    if (external !== undefined)
      throw new UsageError(
        `tensor "${shortText(external.name)}" is external data; --model takes a file that holds its weights itself`,
      );
    const name = shortText(basename(path).replace(/\.onnx$/i, "")) || "model";
    const graph = graphOf(name, model, path, options);
    const digest = createHash("sha256").update(file).digest("hex");
    return { name, file, digest, graph, batch: graph.inputs[0]?.dims[0] ?? 1 };
  });
}

function graphOf(name: string, model: OnnxModel, path: string, options: ModelOptions): ModelGraph {
  const { fixed = new Map<string, readonly number[]>() } = options;
  refuseUnknown(model, fixed);
  const inferred = inferShapes(model, path, shapesFor(model, options), { inputsAreFed: true, fixed });
  const outputs = model.outputs.map((output) => output.name);
  const lowering = new GraphLowering(inferred, (tensor) => {
    const numbers = tensorNumbers(tensor, path);
    const type = ELEMENT_TYPES[tensor.elementType]?.name ?? "unknown";
    if (numbers !== undefined) return Float32Array.from(numbers);
    const shown = `tensor "${shortText(tensor.name)}"`;
    if (tensor.data.kind === "absent")
      throw new UsageError(`${shown} has a shape and no elements: a whole model needs its weights`);
    throw new UsageError(`${shown} is of ${type}, which --model does not read`);
  });
  for (const node of neededNodes(inferred.nodes, outputs)) lowering.lower(node);
  if (lowering.gaps.size > 0) throw notComputed(lowering.gaps);
  for (const { name: input } of inferred.inputs) {
    const type = model.inputs.find((one) => one.name === input)?.elementType ?? FLOAT32;
    if (type !== FLOAT32)
      throw new UsageError(
        `its input "${shortText(input)}" is ${ELEMENT_TYPES[type]?.name ?? "unknown"}; give its value, such as --input ${shortText(input)}=1`,
      );
  }
  const dimsOf = (output: string): readonly number[] => inferred.values.get(output)?.dims ?? [];
  const graph = {
    name,
    inputs: inferred.inputs,
    fixed: inferred.fixed.map(({ name: input, dims }) => {
      const type = model.inputs.find((one) => one.name === input)?.elementType ?? 0;
      const values = fixed.get(input) ?? [];
      if (values.length !== elementCount(dims))
        throw new UsageError(
          `its input "${shortText(input)}" has ${elementCount(dims)} elements, got ${values.length}`,
        );
      return { name: input, dims, values, type: integerTypeOf(input, type) };
    }),
    outputs: outputs.map((output) => ({ name: output, dims: dimsOf(output) })),
    ...lowering.parts,
  };
  if (graph.inputs.length === 0 || graph.nodes.length === 0) throw new UsageError("its outputs depend on no input");
  return withoutConstantNodes(graph);
}

function integerTypeOf(input: string, type: number): FixedInput["type"] {
  const { name } = ELEMENT_TYPES[type] ?? { name: "unknown" };
  if (name === "int64" || name === "int32" || name === "bool") return name;
  throw new UsageError(`its input "${shortText(input)}" is ${name}; --input gives values of int64, int32 and bool`);
}

function refuseUnknown(model: OnnxModel, fixed: ReadonlyMap<string, readonly number[]>): void {
  const names = model.inputs.map(({ name }) => name);
  const unknown = [...fixed.keys()].find((name) => !names.includes(name));
  if (unknown === undefined) return;
  const known = names.slice(0, 3).map((name) => `"${shortText(name)}"`);
  throw new UsageError(`it has no input "${shortText(unknown)}" to give a value; there is ${known.join(", ")}`);
}

/** What the user gives, and the batch size where only the first extent is open. */
function shapesFor(model: OnnxModel, { shapes = [], batch }: ModelOptions): readonly GivenShape[] {
  const open = model.inputs.flatMap(({ name, dims }): GivenShape[] => {
    const [first, ...rest] = dims ?? [];
    if (first === undefined || model.initializers.has(name) || shapes.some((shape) => shape.name === name)) return [];
    if (typeof first === "number") {
      if (batch === undefined || batch === first || rest.length === 0) return [];
      throw new UsageError(
        `its input "${shortText(name)}" has the batch size ${first}; --mb ${batch} cannot change it`,
      );
    }
    const fixed = rest.filter((dim) => typeof dim === "number");
    return fixed.length === rest.length ? [{ name, dims: [batch ?? 1, ...fixed] }] : [];
  });
  const given = batch === undefined ? shapes : shapes.map(({ name, dims }) => ({ name, dims: dims.with(0, batch) }));
  return [...given, ...open];
}

const MOST_NAMED = 4;

function notComputed(gaps: Gaps): UsageError {
  const all = [...gaps].map(
    ([what, nodes]) => `${shortText(what)} (${nodes.length === 1 ? "1 node" : `${nodes.length} nodes`})`,
  );
  const more = all.length > MOST_NAMED ? ` and ${all.length - MOST_NAMED} more` : "";
  return new UsageError(
    `it needs what --model does not compute, so that its outputs could not be checked: ` +
      `${all.slice(0, MOST_NAMED).join(", ")}${more}; --suite in place of --model times the layers that are known`,
  );
}

/** The nodes that the outputs depend on, in their order. */
function neededNodes(nodes: readonly InferredNode[], outputs: readonly string[]): readonly InferredNode[] {
  const needed = new Set(outputs);
  const found: InferredNode[] = [];
  for (const node of nodes.toReversed()) {
    if (!node.call.node.outputs.some((name) => name !== "" && needed.has(name))) continue;
    found.push(node);
    for (const name of node.call.node.inputs) needed.add(name);
  }
  return found.toReversed();
}
