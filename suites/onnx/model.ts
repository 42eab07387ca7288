import { UsageError } from "../../core/usage-error.ts";
import { ELEMENT_TYPES, readTensor, shortText, type OnnxTensor } from "./tensor.ts";
import { MessageBudget, readMessage, type FieldValue } from "./wire.ts";

/** A value's dimension: its extent, or what the file calls it when it is known only at run time. */
export type OnnxDim = number | { readonly dynamic: string };

/** A graph's input or output, or a shape that the file notes for a value between. */
export interface OnnxValue {
  readonly name: string;
  /** Undefined where the file says nothing, or where the value is no tensor. */
  readonly dims: readonly OnnxDim[] | undefined;
  readonly elementType: number | undefined;
}

/** An attribute's value; `other` holds what no shape depends on (graphs, types, sparse tensors). */
export type OnnxAttribute =
  | { readonly kind: "float" | "integer"; readonly value: number }
  | { readonly kind: "text"; readonly value: string }
  | { readonly kind: "tensor"; readonly value: OnnxTensor }
  | { readonly kind: "floats" | "integers"; readonly value: readonly number[] }
  | { readonly kind: "other" };

export interface OnnxNode {
  /** As in the file: may be empty, or shared with other nodes. */
  readonly name: string;
  /** The operator's name; `domain::name` outside ONNX's own domain. */
  readonly op: string;
  /** An input that is left out has the name "". */
  readonly inputs: readonly string[];
  readonly outputs: readonly string[];
  readonly attributes: ReadonlyMap<string, OnnxAttribute>;
}

export interface OnnxModel {
  /** The version of ONNX's own operator set. */
  readonly opset: number;
  readonly name: string;
  readonly nodes: readonly OnnxNode[];
  readonly initializers: ReadonlyMap<string, OnnxTensor>;
  readonly inputs: readonly OnnxValue[];
  readonly outputs: readonly OnnxValue[];
  /** Shapes noted for values between. */
  readonly noted: ReadonlyMap<string, OnnxValue>;
}

const MOST_VALUES = 2 ** 16;
/** The largest published networks have some ten thousand. */
const MOST_NODES = 2 ** 16;

/**
 * The parts of an ONNX file (a ModelProto) that shapes and layers depend on. Tensors' elements stay views of `bytes`.
 * @throws {UsageError} where the bytes are no ONNX model: cut off, malformed, without a graph, or with names that contradict each other.
 * Source: https://github.com/onnx/onnx, onnx/onnx.proto3 and docs/IR.md.
 */
export function readModel(bytes: Uint8Array): OnnxModel {
  if (bytes.length === 0) throw new UsageError("it is empty, not an ONNX model");
  const budget = new MessageBudget();
  let graph: Uint8Array | undefined;
  // Files older than the list of operator sets are of set 1.
  let opset = 1;
  readMessage("model", bytes, {
    7: (value) => (graph = value.bytes()),
    8: (value) => {
      budget.take();
      let [domain, version] = ["", 1];
      readMessage("list of operator sets", value.bytes(), {
        1: (part) => (domain = part.text()),
        2: (part) => (version = part.integer()),
      });
      if (isOwnDomain(domain)) opset = version;
    },
  });
  if (graph === undefined) throw new UsageError("it holds no graph: not an ONNX model");
  return { opset, ...readGraph(graph, budget) };
}

function isOwnDomain(domain: string): boolean {
  return domain === "" || domain === "ai.onnx";
}

function readGraph(bytes: Uint8Array, budget: MessageBudget): Omit<OnnxModel, "opset"> {
  let name = "";
  const nodes: OnnxNode[] = [];
  const initializers = new Map<string, OnnxTensor>();
  const inputs: OnnxValue[] = [];
  const outputs: OnnxValue[] = [];
  const noted = new Map<string, OnnxValue>();
  readMessage("graph", bytes, {
    1: (value) => {
      if (nodes.length >= MOST_NODES) throw new UsageError(`its graph has more than ${MOST_NODES} nodes`);
      nodes.push(readNode(value.bytes(), budget));
    },
    2: (value) => (name = value.text()),
    5: (value) => {
      const tensor = readTensor(value.bytes(), budget);
      if (tensor.name === "") throw new UsageError("one of its initializers has no name");
      if (initializers.has(tensor.name))
        throw new UsageError(`two of its initializers have the name "${shortText(tensor.name)}"`);
      initializers.set(tensor.name, tensor);
    },
    11: (value) => inputs.push(readValue(value.bytes(), budget)),
    12: (value) => outputs.push(readValue(value.bytes(), budget)),
    13: (value) => {
      const noting = readValue(value.bytes(), budget);
      noted.set(noting.name, noting);
    },
  });
  if (nodes.length === 0) throw new UsageError("its graph has no nodes: not an ONNX model");
  return { name, nodes, initializers, inputs, outputs, noted };
}

function readNode(bytes: Uint8Array, budget: MessageBudget): OnnxNode {
  budget.take();
  let [name, op, domain] = ["", "", ""];
  const inputs: string[] = [];
  const outputs: string[] = [];
  const attributes = new Map<string, OnnxAttribute>();
  const names = (into: string[]) => (value: FieldValue) => {
    if (into.length >= MOST_VALUES) throw new RangeError(`more than ${MOST_VALUES} values`);
    into.push(value.text());
  };
  readMessage("node", bytes, {
    1: names(inputs),
    2: names(outputs),
    3: (value) => (name = value.text()),
    4: (value) => (op = value.text()),
    5: (value) => {
      const [key, attribute] = readAttribute(value.bytes(), budget);
      attributes.set(key, attribute);
    },
    7: (value) => (domain = value.text()),
  });
  if (op === "") throw new UsageError(`its node "${shortText(name)}" has no operator`);
  return { name, op: isOwnDomain(domain) ? op : `${domain}::${op}`, inputs, outputs, attributes };
}

function readAttribute(bytes: Uint8Array, budget: MessageBudget): readonly [name: string, OnnxAttribute] {
  budget.take();
  let [name, type] = ["", 0];
  // What the message holds: the type says which of them is meant, and writers before 2017 left it out.
  let float: number | undefined;
  let integer: number | undefined;
  let text: string | undefined;
  let tensor: Uint8Array | undefined;
  const floats: number[] = [];
  const integers: number[] = [];
  readMessage("attribute", bytes, {
    1: (value) => (name = value.text()),
    2: (value) => (float = value.float()),
    3: (value) => (integer = value.integer()),
    4: (value) => (text = value.text()),
    5: (value) => (tensor = value.bytes()),
    7: (value) => value.floats(floats, MOST_VALUES),
    8: (value) => value.integers(integers, MOST_VALUES),
    20: (value) => (type = value.integer()),
  });
  if (name === "") throw new UsageError("one of its attributes has no name");
  const guessed =
    type !== 0
      ? type
      : float !== undefined
        ? 1
        : integer !== undefined
          ? 2
          : text !== undefined
            ? 3
            : tensor !== undefined
              ? 4
              : floats.length > 0
                ? 6
                : integers.length > 0
                  ? 7
                  : 0;
  // A zero, an empty text and an empty list need not be written.
  switch (guessed) {
    case 1:
      return [name, { kind: "float", value: float ?? 0 }];
    case 2:
      return [name, { kind: "integer", value: integer ?? 0 }];
    case 3:
      return [name, { kind: "text", value: text ?? "" }];
    case 4:
      if (tensor === undefined) throw new UsageError(`its attribute "${shortText(name)}" is a tensor without a value`);
      return [name, { kind: "tensor", value: readTensor(tensor, budget) }];
    case 6:
      return [name, { kind: "floats", value: floats }];
    case 7:
      return [name, { kind: "integers", value: integers }];
    default:
      return [name, { kind: "other" }];
  }
}

function readValue(bytes: Uint8Array, budget: MessageBudget): OnnxValue {
  budget.take();
  let name = "";
  let elementType: number | undefined;
  let dims: OnnxDim[] | undefined;
  const readShape = (shape: Uint8Array): OnnxDim[] => {
    const found: OnnxDim[] = [];
    readMessage("shape", shape, {
      1: (value) => {
        budget.take();
        found.push(readDim(value.bytes()));
      },
    });
    return found;
  };
  readMessage("value", bytes, {
    1: (value) => (name = value.text()),
    2: (type) =>
      readMessage("type", type.bytes(), {
        1: (tensor) =>
          readMessage("tensor type", tensor.bytes(), {
            1: (value) => (elementType = value.integer()),
            2: (value) => (dims = readShape(value.bytes())),
          }),
      }),
  });
  if (name === "") throw new UsageError("one of its inputs, outputs or noted values has no name");
  if (elementType !== undefined && elementType !== 0 && ELEMENT_TYPES[elementType] === undefined)
    throw new UsageError(`its value "${shortText(name)}" has the unknown element type ${elementType}`);
  return { name, dims, elementType };
}

function readDim(bytes: Uint8Array): OnnxDim {
  let extent: number | undefined;
  let symbol = "";
  readMessage("dimension", bytes, {
    1: (value) => (extent = value.integer()),
    2: (value) => (symbol = value.text()),
  });
  // Some exporters write a dimension of unknown extent as −1.
  return extent === undefined || extent < 0 ? { dynamic: symbol } : extent;
}
