/** Probes of where an implementation changes its arithmetic: problems that differ in one factor, with the same sums. */
import type { ConvProblem, Pass } from "../../core/problem.ts";
import { elementCount } from "../../core/shape.ts";
import { operandNames, outputNames, shapeOf, type Tensors } from "../../core/tensors.ts";
import { withCount, withExtent } from "./one-factor.ts";

/** One factor of a problem, the others fixed. */
export interface SwitchProbe {
  readonly name: string;
  /** Powers of two from the first on. */
  readonly least: number;
  readonly most: number;
  /** Along this spatial axis the last outputs are not compared: their windows end in padding, which may be skipped. */
  readonly edge?: { readonly axis: number; readonly width: number };
  problemOf(value: number): ConvProblem;
  /** Another problem with the factor at this value: what may take the same path, for one reason or another. */
  readonly settings: readonly ((problem: ConvProblem, value: number) => ConvProblem)[];
}

const LAYER: ConvProblem = {
  batch: 1,
  inChannels: 16,
  outChannels: 8,
  groups: 1,
  input: [3, 5],
  kernel: [3, 3],
  stride: [1, 1],
  dilation: [1, 1],
  padBegin: [1, 1],
  padEnd: [1, 1],
  bias: false,
};
const POINTWISE: ConvProblem = { ...LAYER, kernel: [1, 1], padBegin: [0, 0], padEnd: [0, 0] };
const DEPTHWISE = withCount(LAYER, "depthwise", 4);
const GROUPED: ConvProblem = { ...LAYER, groups: 2 };
const ROW: ConvProblem = {
  ...LAYER,
  input: [24],
  kernel: [3],
  stride: [1],
  dilation: [1],
  padBegin: [1],
  padEnd: [1],
};

/** Of more groups none has many channels at a cost that can be paid. */
const MOST_WITH_MANY = 4;

function countProbe(
  name: string,
  base: ConvProblem,
  field: "batch" | "channels" | "filters" | "groups",
  [least, most]: readonly [number, number],
): SwitchProbe {
  const set = (problem: ConvProblem, value: number): ConvProblem => withCount(problem, field, value);
  const problemOf = (value: number): ConvProblem => set(base, value);
  const isPerGroup = (field === "channels" || field === "filters") && base.groups === 1;
  if (!isPerGroup) return { name, least, most, problemOf, settings: [set] };
  const setPerGroup = (problem: ConvProblem, value: number): ConvProblem => {
    const groups = problem.groups <= MOST_WITH_MANY ? problem.groups : 1;
    return withCount({ ...problem, groups }, field, value * groups);
  };
  // What looks like a number of channels may be a length of sums.
  const taps = elementCount(base.kernel);
  const setLength = (problem: ConvProblem, value: number): ConvProblem =>
    setPerGroup(problem, Math.max(1, Math.round((value * taps) / elementCount(problem.kernel))));
  return { name, least, most, problemOf, settings: [setPerGroup, field === "channels" ? setLength : set, set] };
}

/** The output's extent along the first or the last axis. */
function extentProbe(
  name: string,
  base: ConvProblem,
  axisOf: (rank: number) => number,
  [least, most]: readonly [number, number],
): SwitchProbe {
  const set =
    (field: "output" | "input") =>
    (problem: ConvProblem, value: number): ConvProblem =>
      withExtent(problem, field, [axisOf(problem.input.length)], value);
  const setOutput = set("output");
  const axis = axisOf(base.input.length);
  return {
    name,
    edge: { axis, width: base.kernel[axis]! - 1 },
    least,
    most,
    problemOf: (value) => setOutput(base, value),
    settings: [setOutput, set("input")],
  };
}

const first = (): number => 0;
const last = (rank: number): number => rank - 1;

/** The kernel's extent along the last axis; further taps read beyond the input, so that the output stays as it is. */
function kernelProbe(name: string, base: ConvProblem, [least, most]: readonly [number, number]): SwitchProbe {
  const set = (problem: ConvProblem, value: number): ConvProblem =>
    withExtent(problem, "kernel", [last(problem.input.length)], value);
  return {
    name,
    least,
    most,
    problemOf: (value) => {
      const axis = last(base.input.length);
      const padEnd = base.padEnd.with(axis, base.padEnd[axis]! + value - base.kernel[axis]!);
      return { ...set(base, value), padEnd };
    },
    settings: [set],
  };
}

export const SWITCH_PROBES: readonly SwitchProbe[] = [
  countProbe("channels of 3×3", LAYER, "channels", [4, 512]),
  countProbe("channels of 1×1", POINTWISE, "channels", [4, 1024]),
  extentProbe("columns of 3×3", LAYER, last, [4, 256]),
  countProbe("filters of 3×3", LAYER, "filters", [1, 512]),
  countProbe("filters of 1×1", POINTWISE, "filters", [1, 1024]),
  countProbe("depthwise channels", DEPTHWISE, "channels", [2, 512]),
  extentProbe("columns of depthwise", DEPTHWISE, last, [4, 256]),
  extentProbe("rows of 3×3", LAYER, first, [4, 256]),
  countProbe("groups", GROUPED, "groups", [2, 128]),
  countProbe("batch", LAYER, "batch", [1, 64]),
  extentProbe("columns of 1×1", POINTWISE, last, [4, 512]),
  kernelProbe("kernel columns", LAYER, [2, 128]),
  countProbe("channels of rank 1", ROW, "channels", [4, 512]),
  extentProbe("columns of rank 1", ROW, last, [4, 2048]),
];

/**
 * Operands of the problem at `value` that are real data within the extents of the problem at `real`, which is no
 * larger, the same at every `value`, and zero beyond. So each sum of {@link commonBits} has the same products at every value,
 * some of them of zeros: a different rounding is another order of summation.
 */
export function probeOperands(probe: SwitchProbe, pass: Pass, value: number, real: number): Tensors {
  const [problem, inner] = [probe.problemOf(value), probe.problemOf(real)];
  return Object.fromEntries(
    operandNames(problem, pass).map((name, at) => [
      name,
      embedded(shapeOf(problem, name), shapeOf(inner, name), mixed(at + 1, pass.length)),
    ]),
  );
}

/** The bits of the output elements that the problem at `real` has too, in its order, but for those at its edge. */
export function commonBits(probe: SwitchProbe, pass: Pass, value: number, real: number, outputs: Tensors): Uint32Array {
  const [problem, inner] = [probe.problemOf(value), probe.problemOf(real)];
  const [name] = outputNames(problem, pass);
  const output = name === undefined ? undefined : outputs[name];
  if (name === undefined || output === undefined) return new Uint32Array(0);
  const shape = shapeOf(problem, name);
  const isData = pass !== "backwardWeights";
  const common = shapeOf(inner, name).map((extent, axis) =>
    isData && axis - 2 === probe.edge?.axis ? extent - probe.edge.width : extent,
  );
  const kept = new Float32Array(elementCount(common));
  let next = 0;
  const visit = (axis: number, offset: number): void => {
    const extent = common[axis]!;
    if (axis === shape.length - 1) {
      kept.set(output.subarray(offset, offset + extent), next);
      next += extent;
      return;
    }
    for (let at = 0; at < extent; at++) visit(axis + 1, (offset + at) * shape[axis + 1]!);
  };
  visit(0, 0);
  return new Uint32Array(kept.buffer);
}

/** A tensor whose values depend on the multi-index alone within `inner`, and are zero beyond it. */
function embedded(shape: readonly number[], inner: readonly number[], key: number): Float32Array {
  const tensor = new Float32Array(elementCount(shape));
  const fill = (axis: number, offset: number, hash: number): void => {
    const extent = inner[axis]!;
    for (let at = 0; at < extent; at++) {
      const next = mixed(hash, at);
      if (axis === shape.length - 1) tensor[offset + at] = realOf(next);
      else fill(axis + 1, (offset + at) * shape[axis + 1]!, next);
    }
  };
  fill(0, 0, key);
  return tensor;
}

/** A hash of a hash and an index: the finaliser of MurmurHash3 (Appleby, 2011). */
function mixed(hash: number, index: number): number {
  let h = Math.imul(hash ^ (index + 1), 0x9e3779b1);
  h = Math.imul(h ^ (h >>> 16), 0x85ebca6b);
  h = Math.imul(h ^ (h >>> 13), 0xc2b2ae35);
  return h ^ (h >>> 16);
}

/** A full significand of 24 bits, of either sign and one of four magnitudes. */
function realOf(hash: number): number {
  const magnitude = (2 ** 23 + (hash >>> 9)) * 2 ** (-24 - (hash & 3));
  return hash & 4 ? -magnitude : magnitude;
}
