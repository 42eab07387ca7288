/** The check of results in types other than float32: each element between the right results' ends. */
import { ELEMENTS, valueAt, valuesOf, type ElementArray, type Floats } from "../../core/element-types.ts";
import { unravel } from "../../core/indexing.ts";
import type { ConvProblem, Pass } from "../../core/problem.ts";
import { multiplyAdds } from "../../core/shape.ts";
import {
  formatOf,
  isPoison,
  operandNames,
  outputNames,
  shapeOf,
  type TensorName,
  type Tensors,
} from "../../core/tensors.ts";
import { worse, type Fault, type Verdict } from "../../core/verdict.ts";
import {
  accumulationError,
  accumulatorLimit,
  rightResults,
  type RightResults,
  type TypedArithmetic,
  type TypedSum,
} from "../../reference/bounds/typed.ts";
import { preciseAt } from "../../reference/precise.ts";
import type { ElementErrors } from "./convolution-check.ts";
import { elementAt, referenceAt, wholeReference } from "./convolution-reference.ts";
import { parsedPost, slopeByOutput, type Post } from "../../core/posts.ts";
import type { Element } from "../../reference/index.ts";
import type { Declaration } from "./declaration.ts";
import { excusedNans } from "./excused-nans.ts";
import { sampleCount, sampleIndices } from "./sampling.ts";
import { factsOf } from "./operand-facts.ts";
import { leastMissOf } from "./trivial-answers.ts";

/** Up to this many multiply-adds the whole result is computed; beyond, elements are sampled. */
const WHOLE_RESULT_MULTIPLY_ADDS = 4e6;

/** A convolution on given operands, with all that its elements' right results depend on. */
interface TypedCase {
  readonly problem: ConvProblem;
  readonly pass: Pass;
  readonly declaration: Declaration;
  /** The operands as numbers. */
  readonly values: Tensors<Floats>;
  readonly isFinite: boolean;
  readonly mayBeNan: (index: number) => boolean;
  readonly unitOf: (name: TensorName) => number;
  readonly largestOperand: number;
}

/** Checks the outputs of one pass, each element by the rule of its type. */
export function checkTyped(
  problem: ConvProblem,
  pass: Pass,
  operands: Tensors<ElementArray>,
  outputs: Tensors<ElementArray>,
  declaration: Declaration,
  seed: number,
): Verdict {
  const checked = typedCase(problem, pass, operands, declaration);
  const isWhole = multiplyAdds(problem) <= WHOLE_RESULT_MULTIPLY_ADDS;
  return outputNames(problem, pass)
    .map((name) => {
      const got = outputs[name];
      if (got === undefined) throw new Error(`checkTyped: output ${name} is missing`);
      const count = sampleCount(problem, pass, name, false);
      const indices = isWhole ? undefined : sampleIndices(shapeOf(problem, name), count, seed);
      return checkTensor(checked, name, got, sumsOf(checked, name, indices), indices);
    })
    .reduce(worse);
}

/** Every element of one output beside its reference: the half-widths of the right results are the bounds. */
export function typedErrors(
  problem: ConvProblem,
  pass: Pass,
  operands: Tensors<ElementArray>,
  got: ElementArray,
  declaration: Declaration,
  output: TensorName,
): ElementErrors {
  const checked = typedCase(problem, pass, operands, declaration);
  const length = got.length;
  const [expected, bound, margin] = [new Float64Array(length), new Float64Array(length), new Float64Array(length)];
  for (const [index, sum] of sumsOf(checked, output, undefined).entries()) {
    const right = rightResults(sum, arithmeticOf(checked, output));
    expected[index] = right.least === right.most ? right.least : right.value;
    bound[index] = boundOf(right);
    margin[index] = marginOf(checked, output, index, valueAt(got, index), sum, right);
  }
  return { expected, bound, margin };
}

/** The largest right error of every element of one output, 0 where one number is right: for laws that compare results. */
export function typedBounds(
  problem: ConvProblem,
  pass: Pass,
  operands: Tensors<ElementArray>,
  declaration: Declaration,
  output: TensorName,
): Float64Array {
  const checked = typedCase(problem, pass, operands, declaration);
  const arithmetic = arithmeticOf(checked, output);
  return Float64Array.from(sumsOf(checked, output, undefined), (sum) =>
    mayOverflow(checked, output, sum) ? Infinity : boundOf(rightResults(sum, arithmetic)),
  );
}

function typedCase(
  problem: ConvProblem,
  pass: Pass,
  operands: Tensors<ElementArray>,
  declaration: Declaration,
): TypedCase {
  const values = valuesOfAll(problem, operands);
  const names = operandNames(problem, pass).filter((name) => name !== "y");
  const facts = names.map((name) => factsOf(values[name]!));
  const bits = facts.map(({ smallestBit }) => smallestBit);
  const isFinite = bits.every((bit) => bit > 0);
  const biasBit = bits[names.indexOf("bias")] ?? Infinity;
  const unit = isFinite ? Math.min(bits[0]! * bits[1]!, biasBit) : 0;
  let nanFlags: Uint8Array | undefined;
  return {
    problem,
    pass,
    declaration,
    values,
    isFinite,
    mayBeNan: (index) => !isFinite && (nanFlags ??= excusedNans(problem, pass, values))[index] === 1,
    // dBias sums dy itself, which is the second operand.
    unitOf: (name) => (isFinite && name === "dBias" ? bits[1]! : unit),
    largestOperand: Math.max(facts[0]!.largestMagnitude, facts[1]!.largestMagnitude),
  };
}

const known = new WeakMap<Tensors<ElementArray>, Tensors<Floats>>();

/** The gradient of the sum, from that of the output. */
function throughPosts(post: readonly Post[], dy: Floats, y: Floats): Float64Array {
  const posts = post.map(parsedPost);
  return Float64Array.from(dy, (gradient, i) => {
    const slope = slopeByOutput(posts, y[i]!);
    return slope === 0 ? 0 : gradient * slope;
  });
}

/** Kept, as several implementations are checked on the same operands, whose reference is kept too. */
function valuesOfAll(problem: ConvProblem, operands: Tensors<ElementArray>): Tensors<Floats> {
  let values = known.get(operands);
  if (values === undefined) {
    values = Object.fromEntries(Object.entries(operands).map(([name, tensor]) => [name, valuesOf(tensor)]));
    const { dy, y } = values;
    if (problem.post !== undefined && dy !== undefined && y !== undefined)
      values = { ...values, dy: throughPosts(problem.post, dy, y) };
    known.set(operands, values);
  }
  return values;
}

function arithmeticOf({ problem, pass, declaration }: TypedCase, name: TensorName): TypedArithmetic {
  const { accumulator = "f32", arithmetic } = declaration;
  const posts = pass === "forward" ? (problem.post ?? []).map(parsedPost) : [];
  return { stored: formatOf(problem, name), accumulator, arithmetic, posts };
}

/** What elements sum: all, in their order, or those at the indices. */
function sumsOf(checked: TypedCase, name: TensorName, indices: Int32Array | undefined): readonly TypedSum[] {
  const { problem, pass, values, largestOperand } = checked;
  const unit = checked.unitOf(name);
  const isForward = pass === "forward";
  const residual = isForward ? values.residual : undefined;
  // A gradient through a slope has two more roundings: of the slope, and of the product.
  const more = (isForward && problem.bias ? 1 : 0) + (!isForward && hasSlope(problem) ? 2 : 0);
  const sumOf = ({ products, ...sum }: Element & { readonly tail?: number }, index: number): TypedSum => ({
    ...sum,
    terms: products === 0 && more === 2 ? 0 : products + more,
    unit,
    largestOperand,
    ...(residual === undefined ? {} : { residual: residual[index]! }),
  });
  const reference =
    indices === undefined
      ? wholeReference(problem, pass, values)(name)
      : referenceAt(problem, pass, values, name, indices);
  const isFloat64 = formatOf(problem, name) === "f64";
  return Array.from(reference.value, (_, position) => {
    const index = indices === undefined ? position : indices[position]!;
    const element = elementAt(reference, position);
    // Below 2^53 units float64 sums are exact.
    const isPrecise = !isFloat64 || element.magnitude < unit * 2 ** 53;
    return sumOf(isPrecise ? element : preciseAt(problem, name, values, index), index);
  });
}

/** How far a right result may be from the value; 0 where one number is right. */
function boundOf({ least, most, value }: RightResults): number {
  return least === most || Number.isNaN(least) ? 0 : Math.max(most - value, value - least);
}

/** Whether a partial sum may be infinite where the sum is not. */
function mayOverflow(checked: TypedCase, name: TensorName, sum: TypedSum): boolean {
  const arithmetic = arithmeticOf(checked, name);
  if (ELEMENTS[arithmetic.stored].float === undefined) return false;
  return sum.magnitude + accumulationError(sum, arithmetic) >= accumulatorLimit(arithmetic);
}

/** Whether the declaration excludes such data, or the reference itself overflows: any value is right. */
function isExcluded(checked: TypedCase, name: TensorName, sum: TypedSum): boolean {
  const { isFinite, declaration } = checked;
  if (declaration.arithmetic === "finite-only" && (!isFinite || mayOverflow(checked, name, sum))) return true;
  // What comes of an overflow on the way to a fused operation is not told.
  const hasPosts = checked.pass === "forward" && checked.problem.post !== undefined;
  if (
    hasPosts &&
    (!Number.isFinite(sum.value) ? checked.problem.post?.includes("hardswish") : mayOverflow(checked, name, sum))
  )
    return true;
  return isFinite && !Number.isFinite(sum.magnitude);
}

function hasSlope({ post = [] }: ConvProblem): boolean {
  return post.some((one) => parsedPost(one).kind === "leaky");
}

/**
 * Error ÷ bound of one element: at most 1 between the ends of its right results, more outside, Infinity where one number
 * alone is right. Special values as in float32: see element-check.ts.
 */
function marginOf(
  checked: TypedCase,
  name: TensorName,
  index: number,
  got: number,
  sum: TypedSum,
  right: RightResults,
): number {
  const { magnitude } = sum;
  const { least, most, value } = right;
  if (isExcluded(checked, name, sum)) return 0;
  if (Number.isNaN(got) && !Number.isNaN(value) && name !== "dBias" && checked.mayBeNan(index)) return 0;
  if (!Number.isFinite(value)) return Object.is(got, value) ? 0 : Infinity;
  if (got >= least && got <= most) {
    const bound = boundOf(right);
    return bound > 0 && bound < Infinity ? Math.min(1, Math.abs(got - value) / bound) : 0;
  }
  if (!Number.isFinite(got) && mayOverflow(checked, name, sum)) {
    const hasOneSign = Math.abs(value) >= magnitude * (1 - 2 ** -40);
    return !hasOneSign || got === Math.sign(value) * Infinity ? 0 : Infinity;
  }
  if (least === most || Number.isNaN(got)) return Infinity;
  const width = Number.isFinite(most - least) ? most - least : Math.abs(value);
  return 1 + Math.max(2 ** -20, (got > most ? got - most : least - got) / width);
}

function checkTensor(
  checked: TypedCase,
  name: TensorName,
  got: ElementArray,
  sums: readonly TypedSum[],
  indices: Int32Array | undefined,
): Verdict {
  const { problem, values } = checked;
  const arithmetic = arithmeticOf(checked, name);
  const leastMiss = leastMissOf(
    problem,
    values,
    name,
    Float64Array.from(sums, ({ value }) => value),
  );
  let [margin, tellingElements, wideElements, excludedElements] = [0, 0, 0, 0];
  let worst: { readonly index: number; readonly right: RightResults } | undefined;
  for (const [position, sum] of sums.entries()) {
    const index = indices === undefined ? position : indices[position]!;
    const right = rightResults(sum, arithmetic);
    const bound = boundOf(right);
    if (isExcluded(checked, name, sum)) excludedElements++;
    else if (sum.magnitude !== 0 || (sum.residual ?? 0) !== 0) {
      if (bound === 0 || bound < leastMiss(index, right.value)) tellingElements++;
      else wideElements++;
    }
    const ownMargin = marginOf(checked, name, index, valueAt(got, index), sum, right);
    if (ownMargin > margin) {
      margin = ownMargin;
      if (ownMargin > 1) worst = { index, right };
    }
  }
  const rounding = { sumOfSquares: 0, elements: 0 };
  const verdict = { margin, elements: sums.length, tellingElements, wideElements, excludedElements, rounding };
  return worst === undefined ? verdict : { ...verdict, fault: faultOf(checked, name, got, worst) };
}

function faultOf(
  { problem, isFinite }: TypedCase,
  name: TensorName,
  got: ElementArray,
  { index: at, right }: { readonly index: number; readonly right: RightResults },
): Fault {
  const index = unravel(at, shapeOf(problem, name));
  const place = `${name}[${index.join(", ")}]`;
  const { least, most } = right;
  const demanded = least === most || Number.isNaN(least) ? `exactly ${least}` : `from ${least} to ${most}`;
  const remark = isFinite ? "" : " (operands hold non-finite values)";
  const value = valueAt(got, at);
  const message = isPoison(got, at)
    ? `${place} was never written, or only added to; ${demanded} was expected`
    : `${place} is ${value}; ${demanded} was expected${remark}`;
  const expected = least === most ? least : right.value;
  return { message, element: { tensor: name, index, got: value, expected, bound: boundOf(right) } };
}
