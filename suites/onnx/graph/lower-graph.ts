import type { ModelConstant, ModelGraph, ModelNode, ModelOperation } from "../../../core/model.ts";
import { elementCount } from "../../../core/shape.ts";
import type { Inferred, InferredNode } from "../infer-shapes.ts";
import { ShapeUnknown } from "../node-call.ts";
import type { OnnxTensor } from "../tensor.ts";
import { ELEMENT_LOWERINGS } from "./lower-elements.ts";
import { MOVE_LOWERINGS } from "./lower-moves.ts";
import { RECURRENT_LOWERINGS } from "./lower-recurrent.ts";
import { WINDOW_LOWERINGS } from "./lower-windows.ts";
import { NotComputed, type Lowering } from "./lowering.ts";

const LOWERINGS = { ...RECURRENT_LOWERINGS, ...ELEMENT_LOWERINGS, ...MOVE_LOWERINGS, ...WINDOW_LOWERINGS };

/** Operators of what is not computed, and why, with the nodes that have them. */
export type Gaps = ReadonlyMap<string, readonly string[]>;

/** The elements of a file's constants, by the value's name. */
export type ConstantData = (tensor: OnnxTensor) => Float32Array;

/** Lowers a file's nodes to the operations of a graph, those that the outputs depend on. */
export class GraphLowering {
  readonly #values: Inferred["values"];
  readonly #initializers: ReadonlyMap<string, OnnxTensor>;
  readonly #dataOf: ConstantData;
  readonly #nodes: ModelNode[] = [];
  readonly #constants = new Map<string, ModelConstant>();
  readonly #computed = new Set<string>();
  readonly #gaps = new Map<string, string[]>();

  constructor(inferred: Inferred, dataOf: ConstantData) {
    this.#values = inferred.values;
    this.#initializers = inferred.initializers;
    this.#dataOf = dataOf;
    for (const { name } of inferred.inputs) this.#computed.add(name);
  }

  get gaps(): Gaps {
    return this.#gaps;
  }

  get parts(): Pick<ModelGraph, "nodes" | "constants"> {
    return { nodes: this.#nodes, constants: [...this.#constants.values()] };
  }

  lower(node: InferredNode): void {
    const { call, outputs } = node;
    const [first = ""] = call.node.outputs;
    // What shapes are computed with is known as numbers, and becomes a constant where it is read as a tensor.
    if (outputs.every(({ numbers }) => numbers !== undefined)) return;
    if (call.node.op === "Constant" || call.node.op === "ConstantOfShape") return this.#keepConstant(node, first);
    const lowering = Object.hasOwn(LOWERINGS, call.node.op) ? LOWERINGS[call.node.op] : undefined;
    if (lowering === undefined) return this.#gap(call.node.op, call.name);
    if (outputs.some(({ dims }) => dims === undefined)) {
      const why = node.unknown?.kind === "shape" ? node.unknown.reason : "its output's shape is not known";
      return this.#gap(`${call.node.op}: ${why}`, call.name);
    }
    try {
      lowering(this.#loweringOf(node));
    } catch (error) {
      if (!(error instanceof NotComputed) && !(error instanceof ShapeUnknown)) throw error;
      this.#gap(`${call.node.op}: ${error.message}`, call.name);
    }
  }

  /** The value of a name: computed, or a constant that is kept from now on. */
  #named(name: string): string {
    if (this.#computed.has(name) || this.#constants.has(name)) return name;
    const tensor = this.#initializers.get(name);
    if (tensor !== undefined) this.#constants.set(name, { name, dims: tensor.dims, data: this.#dataOf(tensor) });
    else {
      const { numbers, dims } = this.#values.get(name) ?? {};
      if (numbers === undefined || dims === undefined) {
        // A node before it is not computed, which is said once.
        return name;
      }
      this.#constants.set(name, { name, dims, data: Float32Array.from(numbers) });
    }
    return name;
  }

  #keepConstant({ call, outputs }: InferredNode, name: string): void {
    const value = call.node.attributes.get("value");
    const dims = outputs[0]?.dims ?? [];
    if (call.node.op === "Constant") {
      if (value?.kind !== "tensor") return this.#gap("Constant: its value is of a form that is not read", call.name);
      this.#constants.set(name, { name, dims, data: this.#dataOf(value.value) });
      return;
    }
    const [filler = 0] = value?.kind === "tensor" ? this.#dataOf(value.value) : [];
    this.#constants.set(name, { name, dims, data: new Float32Array(elementCount(dims)).fill(filler) });
  }

  #loweringOf({ call, outputs }: InferredNode): Lowering {
    const names = call.node.outputs;
    let count = 0;
    const add = (
      name: string,
      operation: ModelOperation,
      inputs: readonly string[],
      dims: readonly number[],
    ): string => {
      this.#nodes.push({ name, operation, inputs, dims });
      this.#computed.add(name);
      return name;
    };
    const inner = (): string => `${names[0] ?? ""}:${++count}`;
    return {
      call,
      outputs,
      input: (index) => this.#named(call.node.inputs[index] ?? ""),
      constant: (what, dims, values) => {
        const name = `${names[0] ?? ""}:${what}`;
        this.#constants.set(name, { name, dims, data: Float32Array.from(values) });
        return name;
      },
      between: (operation, inputs, dims) => add(inner(), operation, inputs, dims),
      result: (operation, inputs, index = 0) => {
        const dims = outputs[index]?.dims;
        const name = names[index] ?? "";
        if (dims !== undefined && name !== "") add(name, operation, inputs, dims);
      },
    };
  }

  #gap(what: string, node: string): void {
    this.#gaps.set(what, [...(this.#gaps.get(what) ?? []), node]);
  }
}
