import type { ModelOperation } from "../../../core/model.ts";
import type { NodeCall, ValueFacts } from "../node-call.ts";

/** A node of a file with what is known of its outputs, and the operations that it becomes. */
export interface Lowering {
  readonly call: NodeCall;
  readonly outputs: readonly ValueFacts[];
  /** The name of an input's value in the graph. */
  readonly input: (index: number) => string;
  /** A new constant's name. */
  readonly constant: (what: string, dims: readonly number[], values: readonly number[]) => string;
  /** Adds an operation whose result is between two of the node's; gives its name. */
  readonly between: (operation: ModelOperation, inputs: readonly string[], dims: readonly number[]) => string;
  /** Adds the operation that gives one of the node's outputs. */
  readonly result: (operation: ModelOperation, inputs: readonly string[], index?: number) => void;
}

/** Thrown by a lowering for what is not computed; `message` says what, of the operator. */
export class NotComputed extends Error {}
