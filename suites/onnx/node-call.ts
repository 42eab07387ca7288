import { UsageError } from "../../core/usage-error.ts";
import type { OnnxNode } from "./model.ts";
import { shortText, type OnnxTensor } from "./tensor.ts";

/** What is known of a value before anything runs. */
export interface ValueFacts {
  readonly dims: readonly number[] | undefined;
  /** The elements, row-major, where they are known and few: what shapes are computed from. */
  readonly numbers?: readonly number[] | undefined;
  /** Whether its elements are integers: their division truncates. */
  readonly isInteger?: boolean;
  /** Computed from the file's constants alone: a parameter of the network, or no part of it. */
  readonly isConstant: boolean;
}

/** Thrown by a shape rule that needs a value known only at run time; `message` says which. */
export class ShapeUnknown extends Error {}

/**
 * The most elements of a value that are followed: shapes, axes and scales are short, and a file must not make them
 * grow.
 */
export const MOST_NUMBERS = 64;

/** A node with what is known of its inputs: what shape rules read. */
export class NodeCall {
  readonly node: OnnxNode;
  /** Unique in the graph. */
  readonly name: string;
  readonly opset: number;
  /** Undefined where the node leaves an optional input out. */
  readonly inputs: readonly (ValueFacts | undefined)[];
  /** Reads an attribute's tensor. */
  readonly numbersOf: (tensor: OnnxTensor) => readonly number[] | undefined;

  constructor(
    node: OnnxNode,
    name: string,
    opset: number,
    inputs: readonly (ValueFacts | undefined)[],
    numbersOf: (tensor: OnnxTensor) => readonly number[] | undefined,
  ) {
    this.node = node;
    this.name = name;
    this.opset = opset;
    this.inputs = inputs;
    this.numbersOf = numbersOf;
  }

  /** The error of a node that breaks its operator's rules. */
  fault(what: string): UsageError {
    return new UsageError(`node "${shortText(this.name)}" (${shortText(this.node.op)}): ${what}`);
  }

  /**
   * An input's shape. @throws {ShapeUnknown | UsageError} where it is not known, or where the node has no such input.
   */
  dims(index: number): readonly number[] {
    const facts = this.inputs[index];
    if (facts === undefined) throw this.fault(`input ${index + 1} is missing`);
    if (facts.dims === undefined) throw new ShapeUnknown(`the shape of its input ${index + 1} is not known`);
    return facts.dims;
  }

  has(index: number): boolean {
    return this.inputs[index] !== undefined;
  }

  /** The shape of an activation: batch, channels and at least one spatial axis. */
  image(index: number): readonly [batch: number, channels: number, ...spatial: number[]] {
    const [batch, channels, ...spatial] = this.dims(index);
    if (batch === undefined || channels === undefined || spatial.length === 0)
      throw this.fault(`input ${index + 1} needs batch, channels and spatial axes, got ${shapeText(this.dims(index))}`);
    return [batch, channels, ...spatial];
  }

  /** An input's elements. @throws {ShapeUnknown} where they are known only at run time. */
  numbers(index: number): readonly number[] {
    const facts = this.inputs[index];
    if (facts === undefined) throw this.fault(`input ${index + 1} is missing`);
    if (facts.numbers === undefined)
      throw new ShapeUnknown(`the values of its input ${index + 1} are known only at run time`);
    return facts.numbers;
  }

  integer<Default extends number | undefined>(name: string, otherwise: Default): number | Default {
    const attribute = this.node.attributes.get(name);
    if (attribute === undefined) return otherwise;
    if (attribute.kind !== "integer") throw this.fault(`its attribute ${name} is not an integer`);
    return attribute.value;
  }

  float(name: string, otherwise: number): number {
    const attribute = this.node.attributes.get(name);
    if (attribute === undefined) return otherwise;
    if (attribute.kind !== "float") throw this.fault(`its attribute ${name} is not a float`);
    return attribute.value;
  }

  text(name: string, otherwise: string): string {
    const attribute = this.node.attributes.get(name);
    if (attribute === undefined) return otherwise;
    if (attribute.kind !== "text") throw this.fault(`its attribute ${name} is not a text`);
    return attribute.value;
  }

  integers(name: string): readonly number[] | undefined {
    const attribute = this.node.attributes.get(name);
    if (attribute === undefined) return undefined;
    if (attribute.kind !== "integers") throw this.fault(`its attribute ${name} is not a list of integers`);
    return attribute.value;
  }

  floats(name: string): readonly number[] | undefined {
    const attribute = this.node.attributes.get(name);
    if (attribute === undefined) return undefined;
    if (attribute.kind !== "floats") throw this.fault(`its attribute ${name} is not a list of floats`);
    return attribute.value;
  }

  /**
   * Integers that older operator sets have as an attribute and newer ones as an input; undefined where there are none.
   */
  integersOrInput(name: string, index: number): readonly number[] | undefined {
    return this.integers(name) ?? (this.has(index) ? this.numbers(index) : undefined);
  }

  /** An axis of a shape of `rank` axes; negative ones count from the end. */
  axis(value: number, rank: number): number {
    const axis = value < 0 ? value + rank : value;
    if (!Number.isInteger(axis) || axis < 0 || axis >= rank)
      throw this.fault(`axis ${value} does not exist in a shape of ${rank} axes`);
    return axis;
  }
}

export function shapeText(dims: readonly number[]): string {
  return `[${dims.join(", ")}]`;
}

/** One output: its shape, and its elements where the rule can tell them. */
export interface OutputFacts {
  readonly dims: readonly number[];
  readonly numbers?: readonly number[] | undefined;
  readonly isInteger?: boolean;
}

/**
 * The outputs of a node from what is known of its inputs. Rules throw UsageError where the node breaks its operator's
 * rules, and ShapeUnknown where the result is known only at run time.
 */
export type ShapeRule = (call: NodeCall) => readonly OutputFacts[];

/** The shape that several broadcast to. @throws {UsageError} where they do not fit. */
export function broadcastDims(call: NodeCall, shapes: readonly (readonly number[])[]): readonly number[] {
  const rank = Math.max(...shapes.map((dims) => dims.length));
  return Array.from({ length: rank }, (_, axis) => {
    const extents = shapes.map((dims) => dims[axis - rank + dims.length] ?? 1);
    const extent = extents.find((value) => value !== 1) ?? 1;
    if (extents.some((value) => value !== 1 && value !== extent))
      throw call.fault(`the shapes ${shapes.map(shapeText).join(" and ")} do not fit each other`);
    return extent;
  });
}
