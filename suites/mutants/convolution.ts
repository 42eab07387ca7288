import type { Floats } from "../../core/element-types.ts";
import type { FunctionImpl } from "../../core/plugin.ts";
import type { ConvProblem, Pass } from "../../core/problem.ts";
import { spatialAxes, type Axes, type Axis } from "../../reference/axis.ts";
import { elementCount, outputShape } from "../../core/shape.ts";

/**
 * What a mutant does otherwise than a convolution, as values. Each output element of each pass is a sum over images,
 * filters and channels, and along each axis over the meetings where output o reads input i through tap r. The sums of
 * the three passes run over the same meetings: a handle that changes them changes all passes in the same way.
 */
export interface Handles {
  /** Fields of the problem as it is misread; the extents of the tensors stay. */
  readonly geometry?: Partial<ConvProblem>;
  /** The input position read along an axis, in place of the right one, `at` = o·stride + r·dilation − padBegin. */
  readonly position?: (at: number, axis: Axis, tap: number, output: number) => number;
  /** The tap of the stored kernel that is used for tap r. */
  readonly tap?: (axis: Axis, tap: number) => number;
  /** The input channel that channel c of filter k reads. */
  readonly channel?: (problem: ConvProblem, filter: number, channel: number) => number;
  /** Which of the channels of a filter enter the sum. */
  readonly takes?: (channel: number, problem: ConvProblem) => boolean;
  /** An operand on its way into a product. */
  readonly convert?: (operand: number) => number;
  /** The product of two converted operands. */
  readonly product?: (first: number, second: number) => number;
  /** The sum of the first `count` products, each exact in float64, for an element. */
  readonly sum?: (products: Float64Array, count: number, place: Place) => number;
  /** The stored value of an element, from its sum and its bias (0 without). */
  readonly store?: (sum: number, bias: number, place: Place, problem: ConvProblem) => number;
}

/** An output element: (n, k, o) of y, (n, c, i) of dX, or (k, c, r) of dW. */
export interface Place {
  outer: number;
  channel: number;
  z: number;
  y: number;
  x: number;
}

/** One call of one pass. */
export interface Call<Of extends Floats = Float32Array> {
  readonly problem: ConvProblem;
  readonly pass: Pass;
  /** x of forward and backwardWeights, dy of backwardData. */
  readonly first: Of;
  /** weights of forward and backwardData, dy of backwardWeights. */
  readonly second: Of;
  readonly bias: Of | undefined;
  /** y, dX or dWeights. */
  readonly out: Of;
  readonly dBias: Of | undefined;
}

export type Compute = (call: Call) => void;

/** Products summed one after another in float32, as a fused multiply-add does. */
export function sumInOrder(products: Float64Array, count: number): number {
  let sum = 0;
  for (let i = 0; i < count; i++) sum = Math.fround(sum + products[i]!);
  return sum;
}

/** The plugin functions of a convolution, each call of which goes through `compute`. */
export function functionsOf(compute: (call: Call) => void | Promise<void>): Required<Pick<FunctionImpl, Pass>> {
  return {
    forward: (problem, x, weights, bias, y) =>
      compute({ problem, pass: "forward", first: x, second: weights, bias, out: y, dBias: undefined }),
    backwardData: (problem, dy, weights, dx) =>
      compute({
        problem,
        pass: "backwardData",
        first: dy,
        second: weights,
        bias: undefined,
        out: dx,
        dBias: undefined,
      }),
    backwardWeights: (problem, x, dy, dWeights, dBias) =>
      compute({ problem, pass: "backwardWeights", first: x, second: dy, bias: undefined, out: dWeights, dBias }),
  };
}

/** Computes a pass; correctly, without handles. */
export function convolve(call: Call<Floats>, handles: Handles = {}): void {
  const { pass, first, second, bias, out, dBias } = call;
  const problem = { ...call.problem, ...handles.geometry };
  const axes = misreadAxes(call.problem, problem);
  const {
    convert = (operand) => operand,
    product,
    sum = sumInOrder,
    store = (total, addend) => total + addend,
  } = handles;
  const along = axes.map((axis) => meetingsAlong(axis, pass, handles));
  const [zs, ys, xs] = [along[0]!, along[1]!, along[2]!];
  const sizes = {
    first: extentsOf(axes, pass === "backwardData" ? "output" : "input"),
    second: extentsOf(axes, pass === "backwardWeights" ? "output" : "kernel"),
  };
  const a = Float64Array.from(first, convert);
  const b = Float64Array.from(second, convert);
  const place: Place = { outer: 0, channel: 0, z: 0, y: 0, x: 0 };
  let products = new Float64Array(64);
  let index = 0;
  for (const { outer, channel, paths } of outputPlanes(call.problem, pass, handles)) {
    place.outer = outer;
    place.channel = channel;
    for (place.z = 0; place.z < zs.length; place.z++) {
      for (place.y = 0; place.y < ys.length; place.y++) {
        for (place.x = 0; place.x < xs.length; place.x++) {
          const [mz, my, mx] = [zs[place.z]!, ys[place.y]!, xs[place.x]!];
          const most = paths.length * mz.length * my.length * mx.length;
          if (products.length < most) products = new Float64Array(2 * most);
          let count = 0;
          for (let p = 0; p < paths.length; p++) {
            const path = paths[p]!;
            for (let i = 0; i < mz.length; i++) {
              for (let j = 0; j < my.length; j++) {
                const aRow =
                  ((path.first * sizes.first[0] + mz[i]!.first) * sizes.first[1] + my[j]!.first) * sizes.first[2];
                const bRow =
                  ((path.second * sizes.second[0] + mz[i]!.second) * sizes.second[1] + my[j]!.second) * sizes.second[2];
                for (let k = 0; k < mx.length; k++) {
                  const x = a[aRow + mx[k]!.first]!;
                  const y = b[bRow + mx[k]!.second]!;
                  products[count++] = product === undefined ? x * y : product(x, y);
                }
              }
            }
          }
          out[index++] = store(sum(products, count, place), bias?.[channel] ?? 0, place, call.problem);
        }
      }
    }
  }
  if (dBias !== undefined) sumPlanes(call.problem, b, dBias, sum);
}

/** dBias[k] = Σ_{n, o} dy[n, k, o]. */
function sumPlanes(problem: ConvProblem, dy: Float64Array, dBias: Floats, sum: NonNullable<Handles["sum"]>): void {
  const points = elementCount(outputShape(problem));
  const terms = new Float64Array(problem.batch * points);
  for (let k = 0; k < problem.outChannels; k++) {
    for (let n = 0; n < problem.batch; n++) {
      const start = (n * problem.outChannels + k) * points;
      terms.set(dy.subarray(start, start + points), n * points);
    }
    dBias[k] = sum(terms, terms.length, { outer: 0, channel: k, z: 0, y: 0, x: 0 });
  }
}

/** Flat indices of planes, or positions along an axis, in the two operands. */
interface Pair {
  readonly first: number;
  readonly second: number;
}

interface OutputPlane {
  readonly outer: number;
  readonly channel: number;
  readonly paths: readonly Pair[];
}

/** The planes of the output in memory order, each with the pairs of operand planes that it sums. */
function* outputPlanes(problem: ConvProblem, pass: Pass, handles: Handles): Generator<OutputPlane, void, undefined> {
  const { batch, inChannels, outChannels, groups } = problem;
  const perIn = inChannels / groups;
  const { channel: channelOf = groupedChannel, takes = () => true } = handles;
  const taken = Array.from({ length: perIn }, (_, c) => c).filter((c) => takes(c, problem));
  switch (pass) {
    case "forward":
      for (let n = 0; n < batch; n++) {
        for (let k = 0; k < outChannels; k++) {
          const paths = taken.map((c) => ({ first: n * inChannels + channelOf(problem, k, c), second: k * perIn + c }));
          yield { outer: n, channel: k, paths };
        }
      }
      return;
    case "backwardData": {
      const readers = Array.from({ length: inChannels }, (): Pair[] => []);
      for (let k = 0; k < outChannels; k++) {
        for (const c of taken) readers[channelOf(problem, k, c)]?.push({ first: k, second: k * perIn + c });
      }
      for (let n = 0; n < batch; n++) {
        for (const [channel, pairs] of readers.entries()) {
          yield {
            outer: n,
            channel,
            paths: pairs.map(({ first, second }) => ({ first: n * outChannels + first, second })),
          };
        }
      }
      return;
    }
    case "backwardWeights":
      for (let k = 0; k < outChannels; k++) {
        for (let c = 0; c < perIn; c++) {
          const images = takes(c, problem) ? Array.from({ length: batch }, (_, n) => n) : [];
          const paths = images.map((n) => ({
            first: n * inChannels + channelOf(problem, k, c),
            second: n * outChannels + k,
          }));
          yield { outer: k, channel: c, paths };
        }
      }
  }
}

function groupedChannel({ inChannels, outChannels, groups }: ConvProblem, filter: number, channel: number): number {
  return Math.floor(filter / (outChannels / groups)) * (inChannels / groups) + channel;
}

/** The axes with strides, dilations and paddings of the misread problem, and extents of the true one. */
function misreadAxes(problem: ConvProblem, misread: ConvProblem): Axes {
  const [wrong, right] = [spatialAxes(misread), spatialAxes(problem)];
  const axis = (i: 0 | 1 | 2): Axis => ({
    ...wrong[i],
    input: right[i].input,
    kernel: right[i].kernel,
    output: right[i].output,
  });
  return [axis(0), axis(1), axis(2)];
}

function extentsOf(axes: Axes, extent: "input" | "kernel" | "output"): [number, number, number] {
  return [axes[0][extent], axes[1][extent], axes[2][extent]];
}

/** For each position of the pass's output along an axis, the positions in the two operands that meet there. */
function meetingsAlong(axis: Axis, pass: Pass, handles: Handles): Pair[][] {
  const { position = (at) => at, tap: tapOf = (_, r) => r } = handles;
  const length = pass === "forward" ? axis.output : pass === "backwardData" ? axis.input : axis.kernel;
  const meetings = Array.from({ length }, (): Pair[] => []);
  for (let output = 0; output < axis.output; output++) {
    for (let r = 0; r < axis.kernel; r++) {
      const at = output * axis.stride + r * axis.dilation - axis.padBegin;
      const input = position(at, axis, r, output);
      if (!(input >= 0 && input < axis.input)) continue;
      const tap = tapOf(axis, r);
      if (pass === "forward") meetings[output]!.push({ first: input, second: tap });
      else if (pass === "backwardData") meetings[input]!.push({ first: output, second: tap });
      else meetings[tap]!.push({ first: input, second: output });
    }
  }
  return meetings;
}
