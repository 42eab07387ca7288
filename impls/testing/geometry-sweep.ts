import { printDescriptor } from "../../core/descriptor.ts";
import type { PlanImpl } from "../../core/plugin.ts";
import { PASSES, type ConvProblem } from "../../core/problem.ts";
import { problemFault } from "../../core/problem-rules.ts";
import { randomStream } from "../../suites/data/random.ts";
import { expectedOf, outputsOf, type Outputs } from "./exact.ts";

/** What the problems of a sweep are drawn from, for each axis by itself. */
export interface Choices {
  readonly ranks: readonly number[];
  readonly mostInput: number;
  /** `input`: as large as the input. */
  readonly kernels: readonly (number | "input")[];
  readonly strides: readonly number[];
  readonly dilations: readonly number[];
  readonly padBegins: readonly number[];
  readonly padEnds: readonly number[];
  readonly groups: readonly number[];
  readonly groupInChannels: readonly number[];
  readonly groupOutChannels: readonly number[];
}

/**
 * Every mixture of crops, paddings, strides and dilations of tiny planes. 16 filters with few channels are a path of
 * their own in wasm-gemm.
 */
export const ANY_GEOMETRY: Choices = {
  ranks: [1, 2, 3],
  mostInput: 5,
  kernels: [1, 2, 3],
  strides: [1, 2, 3],
  dilations: [1, 2],
  padBegins: [0, 1, 2],
  padEnds: [-2, -1, 0, 1, 2, 3],
  groups: [1, 2],
  groupInChannels: [1, 2],
  groupOutChannels: [1, 2, 3, 16],
};

/** Kernels that many implementations treat as matrix products: those of one tap, and those as large as the input. */
const MATRIX_PRODUCTS: readonly Partial<Choices>[] = [
  { kernels: [1], strides: [1, 1, 1, 2], padBegins: [0, 0, 0, 1] },
  { kernels: ["input"], strides: [1, 2], padBegins: [0, 0, 0, 1], padEnds: [-1, 0, 0, 1, 2, 3, 4] },
];

/**
 * A third of the problems each: drawn from `choices` as they are, with kernels of one tap, and with kernels as large as
 * the input.
 */
export function drawAllKinds(count: number, seed: number, choices: Choices = ANY_GEOMETRY): readonly ConvProblem[] {
  return [{}, ...MATRIX_PRODUCTS].flatMap((change, kind) =>
    drawProblems({ ...choices, ...change }, Math.ceil(count / 3), 3 * seed + kind),
  );
}

/** `count` valid problems; the same seed gives the same ones. */
export function drawProblems(choices: Choices, count: number, seed: number): readonly ConvProblem[] {
  const random = randomStream("geometry sweep", seed);
  const one = <T>(values: readonly T[]): T => values[random.nextBelow(values.length)]!;
  const draw = (): ConvProblem => {
    const rank = one(choices.ranks);
    const each = (value: () => number): readonly number[] => Array.from({ length: rank }, value);
    const groups = one(choices.groups);
    const input = each(() => 1 + random.nextBelow(choices.mostInput));
    return {
      batch: one([1, 2]),
      groups,
      inChannels: groups * one(choices.groupInChannels),
      outChannels: groups * one(choices.groupOutChannels),
      input,
      kernel: input.map((extent) => {
        const kernel = one(choices.kernels);
        return kernel === "input" ? extent : kernel;
      }),
      stride: each(() => one(choices.strides)),
      dilation: each(() => one(choices.dilations)),
      padBegin: each(() => one(choices.padBegins)),
      padEnd: each(() => one(choices.padEnds)),
      bias: one([0, 1]) === 1,
    };
  };
  const problems: ConvProblem[] = [];
  while (problems.length < count) {
    const problem = draw();
    if (problemFault(problem) === undefined) problems.push(problem);
  }
  return problems;
}

/**
 * The passes and problems whose outputs are wrong, of those that the implementation supports. Transforms round, so
 * outputs count by the nearest integer.
 */
export async function wrongProblems(impl: PlanImpl, problems: readonly ConvProblem[]): Promise<readonly string[]> {
  const wrong: string[] = [];
  for (const problem of problems) {
    for (const pass of PASSES) {
      const outputs = await outputsOf(impl, problem, pass);
      if (typeof outputs !== "string" && !areEqual(outputs, expectedOf(problem, pass)))
        wrong.push(`${pass} ${printDescriptor(problem)} padEnd=${problem.padEnd.join(",")}`);
    }
  }
  return wrong;
}

function areEqual(outputs: Outputs, expected: Outputs): boolean {
  return Object.entries(expected).every(([name, values]) =>
    values.every((value, index) => Math.abs((outputs[name]?.[index] ?? NaN) - value) < 0.1),
  );
}
