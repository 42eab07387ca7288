import { PASSES, type ConvProblem, type Pass } from "../../../core/problem.ts";
import { outputShape } from "../../../core/shape.ts";

/** Words of `benchconv_problem` in benchconv.h. */
const WORDS = 30;
const AXES = 3;
const F32 = 0;

/** The problem as `struct benchconv_problem` of benchconv.h. */
export function problemStruct(problem: ConvProblem, threads: number): Int32Array<ArrayBuffer> {
  const { batch, inChannels, outChannels, groups, input, kernel, stride, dilation, padBegin, padEnd } = problem;
  const rank = input.length;
  const struct = Int32Array.of(
    WORDS * Int32Array.BYTES_PER_ELEMENT,
    rank,
    batch,
    inChannels,
    outChannels,
    groups,
    ...[input, outputShape(problem), kernel, stride, dilation].flatMap((values) => slots(values, 1)),
    ...[padBegin, padEnd].flatMap((values) => slots(values, 0)),
    problem.bias ? 1 : 0,
    F32,
    threads,
  );
  return struct;
}

/** A pass as benchconv.h numbers it. */
export function passNumber(pass: Pass): number {
  return PASSES.indexOf(pass);
}

function slots(values: readonly number[], unused: number): readonly number[] {
  return Array.from({ length: AXES }, (_, axis) => values[axis] ?? unused);
}
