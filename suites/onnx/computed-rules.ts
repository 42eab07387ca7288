import { gather, gatheringOf, type Movement } from "../../core/model-movement.ts";
import { elementCount } from "../../core/shape.ts";
import {
  broadcastDims,
  MOST_NUMBERS,
  shapeText,
  ShapeUnknown,
  type NodeCall,
  type ShapeRule,
  type ValueFacts,
} from "./node-call.ts";

/**
 * Operators that networks compute shapes with: their results are followed as numbers while they are short, so that a
 * Reshape to `Concat(Gather(Shape(x), 0), [-1])` has a shape. See https://onnx.ai/onnx/operators/
 */
export const COMPUTED_RULES: Readonly<Record<string, ShapeRule>> = {
  Constant: (call) => {
    const tensor = call.node.attributes.get("value");
    if (tensor?.kind === "tensor") {
      const { dims } = tensor.value;
      return [{ dims, numbers: call.numbersOf(tensor.value), isInteger: isIntegerType(tensor.value.elementType) }];
    }
    const [integer, integers] = [call.integer("value_int", undefined), call.integers("value_ints")];
    if (integer !== undefined) return [{ dims: [], numbers: [integer], isInteger: true }];
    if (integers !== undefined) return [{ dims: [integers.length], numbers: few(integers), isInteger: true }];
    const floats = call.floats("value_floats");
    if (floats !== undefined) return [{ dims: [floats.length], numbers: few(floats) }];
    if (call.node.attributes.has("value_float")) return [{ dims: [], numbers: [call.float("value_float", 0)] }];
    throw new ShapeUnknown("its value is of a form that is not read");
  },
  ConstantOfShape: (call) => {
    const dims = call.numbers(0);
    const value = call.node.attributes.get("value");
    if (dims.some((extent) => extent < 0)) throw call.fault(`the shape ${shapeText(dims)} has a negative extent`);
    const count = elementCount(dims);
    const number = value?.kind === "tensor" ? call.numbersOf(value.value)?.[0] : 0;
    const isInteger = value?.kind === "tensor" && isIntegerType(value.value.elementType);
    const numbers =
      number !== undefined && count <= MOST_NUMBERS ? Array.from({ length: count }, () => number) : undefined;
    return [{ dims, numbers, isInteger }];
  },
  Shape: (call) => {
    const dims = call.dims(0);
    const part = dims.slice(call.integer("start", 0), call.integer("end", dims.length));
    return [{ dims: [part.length], numbers: part, isInteger: true }];
  },
  Size: (call) => [{ dims: [], numbers: [elementCount(call.dims(0))], isInteger: true }],
  Identity: (call) => [{ dims: call.dims(0), ...carried(call.inputs[0]) }],
  Cast: (call) => [
    {
      dims: call.dims(0),
      numbers: isIntegerType(call.integer("to", 1))
        ? call.inputs[0]?.numbers?.map(Math.trunc)
        : call.inputs[0]?.numbers,
      isInteger: isIntegerType(call.integer("to", 1)),
    },
  ],
  Gather: (call) => {
    const [data, indices] = [call.dims(0), call.dims(1)];
    const axis = call.axis(call.integer("axis", 0), data.length);
    const dims = [...data.slice(0, axis), ...indices, ...data.slice(axis + 1)];
    const from = data.length === 1 ? call.inputs[0]?.numbers : undefined;
    const picked = call.inputs[1]?.numbers?.map((index) => from?.[index < 0 ? index + data[0]! : index]);
    const numbers = picked?.every((value) => value !== undefined) ? picked : undefined;
    return [{ dims, numbers, isInteger: call.inputs[0]?.isInteger === true }];
  },
  Concat: (call) => {
    const shapes = call.inputs.map((_, index) => call.dims(index));
    const first = shapes[0];
    if (first === undefined) throw call.fault("it has no inputs");
    // Before set 4 the axis could be left out.
    const axis = call.axis(call.integer("axis", 1), first.length);
    for (const dims of shapes)
      if (dims.length !== first.length || dims.some((extent, at) => at !== axis && extent !== first[at]))
        throw call.fault(`the shapes ${shapes.slice(0, 4).map(shapeText).join(" and ")} do not fit each other`);
    const dims = first.with(
      axis,
      shapes.reduce((sum, shape) => sum + shape[axis]!, 0),
    );
    const parts = call.inputs.map((facts) => facts?.numbers);
    const isShort = first.length === 1 && dims[0]! <= MOST_NUMBERS && parts.every((part) => part !== undefined);
    return [
      {
        dims,
        numbers: isShort ? parts.flatMap((part) => part) : undefined,
        isInteger: call.inputs.every((facts) => facts?.isInteger === true),
      },
    ];
  },
  Slice: (call) => {
    const dims = call.dims(0);
    const starts = call.integersOrInput("starts", 1);
    const ends = call.integersOrInput("ends", 2);
    const steps = call.has(4) ? call.numbers(4) : starts?.map(() => 1);
    const axes = (call.integersOrInput("axes", 3) ?? starts?.map((_, index) => index))?.map((axis) =>
      call.axis(axis, dims.length),
    );
    if (
      starts === undefined ||
      ends?.length !== starts.length ||
      axes?.length !== starts.length ||
      steps?.length !== starts.length
    )
      throw call.fault("its starts, ends, axes and steps must be as many as each other");
    const extents = [...dims];
    const [begin, step] = [dims.map(() => 0), dims.map(() => 1)];
    for (const [index, axis] of axes.entries()) {
      const picked = sliceOf(call, dims[axis]!, starts[index]!, ends[index]!, steps[index]!);
      [extents[axis], begin[axis], step[axis]] = [picked.count, picked.first, steps[index]!];
    }
    const numbers = movedNumbers(call, { kind: "slice", begin, step }, extents);
    return [{ dims: extents, numbers, isInteger: call.inputs[0]?.isInteger === true }];
  },
  Range: (call) => {
    const [start, limit, delta] = [call.numbers(0)[0], call.numbers(1)[0], call.numbers(2)[0]];
    if (start === undefined || limit === undefined || delta === undefined || delta === 0)
      throw call.fault("its start, limit and delta must be numbers, and delta not 0");
    const count = Math.max(0, Math.ceil((limit - start) / delta));
    const numbers =
      count <= MOST_NUMBERS ? Array.from({ length: count }, (_, index) => start + index * delta) : undefined;
    return [{ dims: [count], numbers, isInteger: call.inputs[0]?.isInteger === true }];
  },
  Add: arithmetic((a, b) => a + b),
  Sub: arithmetic((a, b) => a - b),
  Mul: arithmetic((a, b) => a * b),
  Equal: comparison((a, b) => a === b),
  Less: comparison((a, b) => a < b),
  LessOrEqual: comparison((a, b) => a <= b),
  Greater: comparison((a, b) => a > b),
  GreaterOrEqual: comparison((a, b) => a >= b),
  And: comparison((a, b) => a !== 0 && b !== 0),
  Or: comparison((a, b) => a !== 0 || b !== 0),
  Not: (call) => [
    { dims: call.dims(0), numbers: call.inputs[0]?.numbers?.map((value) => Number(value === 0)), isInteger: true },
  ],
  Div: arithmetic((a, b, isInteger) => (isInteger ? Math.trunc(a / b) : a / b)),
};

/** 1 where it holds, else 0. */
function comparison(of: (a: number, b: number) => boolean): ShapeRule {
  const rule = arithmetic((a, b) => Number(of(a, b)));
  return (call) => rule(call).map((facts) => ({ ...facts, isInteger: true }));
}

function arithmetic(of: (a: number, b: number, isInteger: boolean) => number): ShapeRule {
  return (call) => {
    const [a, b] = [call.inputs[0], call.inputs[1]];
    // Before set 7 the second operand was broadcast along given axes: the result is shaped as the first.
    const dims = call.opset < 7 ? call.dims(0) : broadcastDims(call, [call.dims(0), call.dims(1)]);
    const isInteger = a?.isInteger === true && b?.isInteger === true;
    const [left, right] = [a?.numbers, b?.numbers];
    const count = elementCount(dims);
    if (left === undefined || right === undefined || dims.length > 1 || count > MOST_NUMBERS)
      return [{ dims, isInteger }];
    const at = (values: readonly number[], index: number): number =>
      values[values.length === 1 ? 0 : index] ?? Number.NaN;
    const numbers = Array.from({ length: count }, (_, index) => of(at(left, index), at(right, index), isInteger));
    return [{ dims, numbers: numbers.every((value) => Number.isFinite(value)) ? numbers : undefined, isInteger }];
  };
}

/** What Python's slice picks: where it begins and how many. */
function sliceOf(
  call: NodeCall,
  extent: number,
  start: number,
  end: number,
  step: number,
): { readonly first: number; readonly count: number } {
  if (step === 0 || !Number.isInteger(step)) throw call.fault(`its step ${step} must be an integer other than 0`);
  const [least, most] = step > 0 ? [0, extent] : [-1, extent - 1];
  const placed = (value: number): number => Math.min(most, Math.max(least, value < 0 ? value + extent : value));
  const first = placed(start);
  return { first, count: Math.max(0, Math.ceil((placed(end) - first) / step)) };
}

/** The elements of the first input, where they are known, as a movement leaves them. */
export function movedNumbers(
  { inputs: [facts] }: NodeCall,
  movement: Movement,
  to: readonly number[],
): readonly number[] | undefined {
  if (facts?.numbers === undefined || facts.dims === undefined) return undefined;
  const moved = gather(
    gatheringOf(movement, facts.dims, to),
    Float64Array.from(facts.numbers),
    new Float64Array(elementCount(to)),
  );
  return Array.from(moved);
}

function few(values: readonly number[]): readonly number[] | undefined {
  return values.length <= MOST_NUMBERS ? values : undefined;
}

function carried(facts: ValueFacts | undefined): { numbers?: readonly number[] | undefined; isInteger?: boolean } {
  return { numbers: facts?.numbers, ...(facts?.isInteger === undefined ? {} : { isInteger: facts.isInteger }) };
}

/** The codes of the integer types and of bool, among ONNX's element types. */
export function isIntegerType(code: number): boolean {
  return (code >= 2 && code <= 7) || code === 9 || code === 12 || code === 13;
}
