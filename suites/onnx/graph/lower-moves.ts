import type { ModelOperation, ResizeCoordinates, ResizeRounding } from "../../../core/model.ts";
import { isIntegerType } from "../computed-rules.ts";
import type { NodeCall } from "../node-call.ts";
import type { Lower } from "./lower-elements.ts";
import { NotComputed } from "./lowering.ts";

const reshape: Lower = ({ input, result }) => result({ kind: "reshape" }, [input(0)]);

const cast: Lower = ({ call, input, result }) => {
  if (isIntegerType(call.integer("to", 1))) throw new NotComputed("a cast of computed values to integers");
  result({ kind: "reshape" }, [input(0)]);
};

const dropout: Lower = ({ call, input, result }) => {
  if ((call.inputs[2]?.numbers?.[0] ?? 0) !== 0) throw new NotComputed("its training mode");
  result({ kind: "reshape" }, [input(0)]);
};

const transpose: Lower = ({ call, input, result }) => {
  const rank = call.dims(0).length;
  const order = call.integers("perm") ?? [...Array(rank).keys()].toReversed();
  result({ kind: "transposition", order: order.map((axis) => call.axis(axis, rank)) }, [input(0)]);
};

const concatenation: Lower = ({ call, input, result }) => {
  const axis = call.axis(call.integer("axis", 1), call.dims(0).length);
  result(
    { kind: "concatenation", axis },
    call.node.inputs.map((_, index) => input(index)),
  );
};

const slice: Lower = ({ call, input, result }) => {
  const dims = call.dims(0);
  const starts = call.integersOrInput("starts", 1) ?? [];
  const asked = call.integersOrInput("axes", 3) ?? [...starts.keys()];
  const steps = call.has(4) ? call.numbers(4) : starts.map(() => 1);
  const [begin, step] = [dims.map(() => 0), dims.map(() => 1)];
  for (const [index, axis] of asked.map((value) => call.axis(value, dims.length)).entries()) {
    const [extent, start] = [dims[axis]!, starts[index]!];
    const placed = start < 0 ? start + extent : start;
    step[axis] = steps[index]!;
    begin[axis] = Math.min(step[axis] > 0 ? extent : extent - 1, Math.max(0, placed));
  }
  result({ kind: "slice", begin, step }, [input(0)]);
};

const split: Lower = ({ call, outputs, input, result }) => {
  const dims = call.dims(0);
  const axis = call.axis(call.integer("axis", 0), dims.length);
  let first = 0;
  for (const [index, { dims: part }] of outputs.entries()) {
    result(
      { kind: "slice", begin: dims.map((_, at) => (at === axis ? first : 0)), step: dims.map(() => 1) },
      [input(0)],
      index,
    );
    first += part?.[axis] ?? 0;
  }
};

/** A pick of one index or of evenly spaced ones is a slice. */
const gather: Lower = ({ call, input, between, result }) => {
  const dims = call.dims(0);
  const axis = call.axis(call.integer("axis", 0), dims.length);
  const indices = call.numbers(1).map((index) => (index < 0 ? index + dims[axis]! : index));
  const [first = 0, second = first + 1] = indices;
  const step = second - first;
  if (indices.length === 0 || step === 0 || indices.some((index, at) => index !== first + at * step))
    throw new NotComputed("a pick of unevenly spaced indices");
  const operation: ModelOperation = {
    kind: "slice",
    begin: dims.map((_, at) => (at === axis ? first : 0)),
    step: dims.map((_, at) => (at === axis ? step : 1)),
  };
  result({ kind: "reshape" }, [between(operation, [input(0)], dims.with(axis, indices.length))]);
};

const pad: Lower = ({ call, input, result }) => {
  const dims = call.dims(0);
  const mode = call.text("mode", "constant");
  if (mode !== "constant" && mode !== "edge" && mode !== "reflect") throw new NotComputed(`the mode ${mode}`);
  const pads = call.integers("paddings") ?? call.integersOrInput("pads", 1) ?? [];
  const axes = (call.has(3) ? call.numbers(3) : [...dims.keys()]).map((axis) => call.axis(axis, dims.length));
  const begin = dims.map(() => 0);
  for (const [index, axis] of axes.entries()) begin[axis] = pads[index]!;
  const value = call.opset < 11 ? call.float("value", 0) : call.has(2) ? (call.numbers(2)[0] ?? 0) : 0;
  result({ kind: "padding", mode, begin, value }, [input(0)]);
};

const COORDINATES: Readonly<Record<string, ResizeCoordinates>> = {
  half_pixel: "half-pixel",
  pytorch_half_pixel: "pytorch-half-pixel",
  asymmetric: "asymmetric",
  align_corners: "align-corners",
};

const ROUNDINGS: Readonly<Record<string, ResizeRounding>> = {
  floor: "floor",
  ceil: "ceil",
  round_prefer_floor: "round-prefer-floor",
  round_prefer_ceil: "round-prefer-ceil",
};

const resize: Lower = ({ call, outputs, input, result }) => {
  const [dims, output] = [call.dims(0), outputs[0]?.dims ?? []];
  // Before set 11 there was one way.
  const isOld = call.opset < 11 || call.node.op === "Upsample";
  const asked = call.text("coordinate_transformation_mode", isOld ? "asymmetric" : "half_pixel");
  const coordinates = COORDINATES[asked];
  const rounding = ROUNDINGS[call.text("nearest_mode", isOld ? "floor" : "round_prefer_floor")];
  const mode = call.text("mode", "nearest");
  if (coordinates === undefined || rounding === undefined || call.integer("antialias", 0) !== 0)
    throw new NotComputed(`the coordinates ${asked}, the rounding or the antialiasing asked for`);
  if (mode !== "nearest" && mode !== "linear") throw new NotComputed(`the mode ${mode}`);
  const scales = scalesOf(call, dims, output, isOld);
  result({ kind: "resize", mode, coordinates, rounding, scales }, [input(0)]);
};

/** Given scales count as they are, though the extents are whole. */
function scalesOf(
  call: NodeCall,
  dims: readonly number[],
  output: readonly number[],
  isOld: boolean,
): readonly number[] {
  const index = isOld ? 1 : 2;
  const isGiven = call.has(index) && call.inputs[index]?.dims?.[0] !== 0;
  const given = call.floats("scales") ?? (isGiven ? call.numbers(index) : undefined);
  return given ?? dims.map((extent, axis) => (output[axis] ?? extent) / extent);
}

const broadcast: Lower = ({ input, result }) => result({ kind: "broadcast" }, [input(0)]);

/** N C·b² H W ↔ N C H·b W·b, by a reshape, a transposition and a reshape. */
const depthToSpace: Lower = ({ call, input, between, result }) => {
  const [batch, channels, height, width] = call.dims(0);
  const block = call.integer("blocksize", 1);
  const depth = channels! / block ** 2;
  const isColumnFirst = call.text("mode", "DCR") === "CRD";
  const apart = isColumnFirst
    ? [batch!, depth, block, block, height!, width!]
    : [batch!, block, block, depth, height!, width!];
  const order = isColumnFirst ? [0, 1, 4, 2, 5, 3] : [0, 3, 4, 1, 5, 2];
  const split6 = between({ kind: "reshape" }, [input(0)], apart);
  const moved = order.map((axis) => apart[axis]!);
  result({ kind: "reshape" }, [between({ kind: "transposition", order }, [split6], moved)]);
};

const spaceToDepth: Lower = ({ call, input, between, result }) => {
  const [batch, channels, height, width] = call.dims(0);
  const block = call.integer("blocksize", 1);
  const apart = [batch!, channels!, height! / block, block, width! / block, block];
  const order = [0, 3, 5, 1, 2, 4];
  const split6 = between({ kind: "reshape" }, [input(0)], apart);
  const moved = order.map((axis) => apart[axis]!);
  result({ kind: "reshape" }, [between({ kind: "transposition", order }, [split6], moved)]);
};

export const MOVE_LOWERINGS: Readonly<Record<string, Lower>> = {
  Reshape: reshape,
  Flatten: reshape,
  Squeeze: reshape,
  Unsqueeze: reshape,
  Identity: reshape,
  Cast: cast,
  Dropout: dropout,
  Transpose: transpose,
  Concat: concatenation,
  Slice: slice,
  Split: split,
  Gather: gather,
  Pad: pad,
  Resize: resize,
  Upsample: resize,
  Expand: broadcast,
  DepthToSpace: depthToSpace,
  SpaceToDepth: spaceToDepth,
};
