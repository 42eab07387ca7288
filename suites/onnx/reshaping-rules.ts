import { elementCount } from "../../core/shape.ts";
import { movedNumbers } from "./computed-rules.ts";
import { shapeText, ShapeUnknown, type NodeCall, type OutputFacts, type ShapeRule } from "./node-call.ts";

/** Operators that keep the elements, or move, repeat or cut them: see https://onnx.ai/onnx/operators/ */
export const RESHAPING_RULES: Readonly<Record<string, ShapeRule>> = {
  Flatten: (call) => {
    const dims = call.dims(0);
    const asked = call.integer("axis", 1);
    const axis = asked === dims.length ? asked : call.axis(asked, dims.length);
    return [{ dims: [elementCount(dims.slice(0, axis)), elementCount(dims.slice(axis))] }];
  },
  Reshape: (call) => {
    const dims = call.dims(0);
    const asked = call.integers("shape") ?? call.numbers(1);
    return [kept(call, resolveReshape(call, dims, asked))];
  },
  Squeeze: (call) => {
    const dims = call.dims(0);
    const asked = call.integersOrInput("axes", 1)?.map((axis) => call.axis(axis, dims.length));
    const wrong = asked?.find((axis) => dims[axis] !== 1);
    if (wrong !== undefined) throw call.fault(`axis ${wrong} of ${shapeText(dims)} is not 1`);
    const axes = new Set(asked ?? dims.keys().filter((axis) => dims[axis] === 1));
    return [
      kept(
        call,
        dims.filter((_, axis) => !axes.has(axis)),
      ),
    ];
  },
  Unsqueeze: (call) => {
    const dims = call.dims(0);
    const asked = call.integersOrInput("axes", 1);
    if (asked === undefined) throw call.fault("its axes are missing");
    const rank = dims.length + asked.length;
    const axes = new Set(asked.map((axis) => call.axis(axis, rank)));
    if (axes.size !== asked.length) throw call.fault(`an axis is given twice in ${shapeText(asked)}`);
    let next = 0;
    return [
      kept(
        call,
        Array.from({ length: rank }, (_, axis) => (axes.has(axis) ? 1 : dims[next++]!)),
      ),
    ];
  },
  Transpose: (call) => {
    const dims = call.dims(0);
    const order = call.integers("perm") ?? [...dims.keys()].reverse();
    if (order.length !== dims.length || new Set(order.map((axis) => call.axis(axis, dims.length))).size !== dims.length)
      throw call.fault(`perm ${shapeText(order)} is no order of the axes of ${shapeText(dims)}`);
    const axes = order.map((axis) => call.axis(axis, dims.length));
    const to = axes.map((axis) => dims[axis]!);
    const numbers = movedNumbers(call, { kind: "transposition", order: axes }, to);
    return [{ dims: to, numbers, isInteger: call.inputs[0]?.isInteger === true }];
  },
  Split: (call) => {
    const dims = call.dims(0);
    const axis = call.axis(call.integer("axis", 0), dims.length);
    const extent = dims[axis]!;
    const count = call.node.outputs.length;
    if (count === 0) throw call.fault("it has no outputs");
    const each = Math.ceil(extent / count);
    const sizes =
      call.integersOrInput("split", 1) ??
      Array.from({ length: count }, (_, index) => Math.max(0, Math.min(each, extent - index * each)));
    if (sizes.length !== count || sizes.reduce((sum, size) => sum + size, 0) !== extent)
      throw call.fault(`the parts ${shapeText(sizes)} of ${extent} do not fit its ${count} outputs`);
    return sizes.map((size) => ({ dims: dims.with(axis, size) }));
  },
  Pad: (call) => {
    const dims = call.dims(0);
    const pads = call.integers("paddings") ?? call.integersOrInput("pads", 1);
    const axes = (call.has(3) ? call.numbers(3) : [...dims.keys()]).map((axis) => call.axis(axis, dims.length));
    if (pads?.length !== 2 * axes.length) throw call.fault(`its pads must be ${2 * axes.length} integers`);
    const extents = [...dims];
    for (const [index, axis] of axes.entries())
      extents[axis] = extents[axis]! + pads[index]! + pads[axes.length + index]!;
    return [{ dims: extents }];
  },
  Expand: (call) => {
    const dims = call.dims(0);
    const asked = call.numbers(1);
    const rank = Math.max(dims.length, asked.length);
    return [
      {
        dims: Array.from({ length: rank }, (_, axis) => {
          const [own, wanted] = [dims[axis - rank + dims.length] ?? 1, asked[axis - rank + asked.length] ?? 1];
          if (own !== wanted && own !== 1 && wanted !== 1)
            throw call.fault(`${shapeText(dims)} does not expand to ${shapeText(asked)}`);
          return own === 1 ? wanted : own;
        }),
      },
    ];
  },
  Tile: (call) => {
    const dims = call.dims(0);
    const repeats = call.numbers(1);
    if (repeats.length !== dims.length)
      throw call.fault(`its repeats ${shapeText(repeats)} do not fit ${shapeText(dims)}`);
    return [{ dims: dims.map((extent, axis) => extent * repeats[axis]!) }];
  },
  DepthToSpace: (call) => {
    const [batch, channels, ...spatial] = call.image(0);
    const block = blockOf(call);
    return [{ dims: [batch, channels / block ** 2, ...spatial.map((extent) => extent * block)] }];
  },
  SpaceToDepth: (call) => {
    const [batch, channels, ...spatial] = call.image(0);
    const block = blockOf(call);
    return [{ dims: [batch, channels * block ** 2, ...spatial.map((extent) => extent / block)] }];
  },
};

/** A new shape for the same elements: their values, where known, stay. */
function kept(call: NodeCall, dims: readonly number[]): OutputFacts {
  const facts = call.inputs[0];
  return { dims, numbers: facts?.numbers, ...(facts?.isInteger === undefined ? {} : { isInteger: facts.isInteger }) };
}

function blockOf(call: NodeCall): number {
  const block = call.integer("blocksize", 0);
  if (block < 1 || block > 2 ** 16) throw call.fault("its attribute blocksize must be at least 1");
  return block;
}

/** 0 keeps the input's extent (unless `allowzero`), −1 is what is left. */
function resolveReshape(call: NodeCall, dims: readonly number[], asked: readonly number[]): readonly number[] {
  const zeroIsZero = call.integer("allowzero", 0) !== 0;
  const copied = asked.map((extent, axis) => (extent === 0 && !zeroIsZero ? (dims[axis] ?? 0) : extent));
  const count = elementCount(dims);
  const rest = elementCount(copied.filter((extent) => extent !== -1));
  if (rest === 0 && copied.includes(-1)) throw new ShapeUnknown("an extent of an empty tensor cannot be told");
  const result = copied.map((extent) => (extent === -1 ? count / rest : extent));
  const isWhole = result.every((extent) => Number.isSafeInteger(extent) && extent >= 0);
  if (copied.filter((extent) => extent === -1).length > 1 || !isWhole || elementCount(result) !== count)
    throw call.fault(`${shapeText(dims)} cannot be reshaped to ${shapeText(asked)}`);
  return result;
}
