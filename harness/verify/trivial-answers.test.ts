import fc from "fast-check";
import { expect, test } from "vitest";
import type { Algorithm } from "../../core/plugin.ts";
import { PASSES, type ConvProblem, type Pass } from "../../core/problem.ts";
import type { CheckEntry } from "../../core/record.ts";
import { elementCount, multiplyAdds } from "../../core/shape.ts";
import { outputNames, shapeOf, type TensorName, type Tensors } from "../../core/tensors.ts";
import { LARGEST_WINOGRAD_TILE } from "../../reference/bounds.ts";
import { DATA_KINDS, generateOperands } from "../../suites/data/operands.ts";
import { CORNER_PROBLEMS } from "../../suites/problems/corner-problems.ts";
import { checkOutputs } from "../check/convolution-check.ts";
import type { Declaration } from "../check/declaration.ts";
import { wholeReference } from "../check/convolution-reference.ts";
import { add, emptyTally, entryOf } from "./tally.ts";

/** An output without a convolution: the element at a flat index. */
type Answer = (of: {
  readonly problem: ConvProblem;
  readonly pass: Pass;
  readonly operands: Tensors;
  readonly name: TensorName;
  readonly right: Float64Array;
}) => (index: number) => number;

const mean: Answer = ({ right }) => {
  const average = right.filter(Number.isFinite).reduce((sum, value, _, { length }) => sum + value / length, 0);
  return () => average;
};
const copyOf = (tensor: Float32Array | undefined): ((index: number) => number) =>
  tensor === undefined ? () => 0 : (index) => tensor[index % tensor.length]!;
const bias: Answer = ({ problem, operands, name }) => {
  const points = elementCount(shapeOf(problem, name).slice(2));
  return (index) => copyOf(operands.bias)(Math.floor(index / points));
};
const ANSWERS: Readonly<Record<string, Answer>> = {
  zeros: () => () => 0,
  ones: () => () => 1,
  "not a number": () => () => NaN,
  infinities: () => () => Infinity,
  mean,
  bias,
  "the first operand": ({ operands }) => copyOf(operands.x ?? operands.dy),
  "the second operand": ({ operands, pass }) => copyOf(pass === "backwardWeights" ? operands.dy : operands.weights),
};

const ABOUT = { impl: "mine", law: "agreement", isInterrupted: false } as const;
const PROBLEMS = CORNER_PROBLEMS.filter((problem) => multiplyAdds(problem) < 3000);

/** What a run says of an implementation that computes `answer` and declares what it likes. */
function entryOfRun(answer: Answer, declaration: Declaration, pass: Pass, seed: number): CheckEntry {
  let tally = emptyTally;
  for (const [at, data] of [...DATA_KINDS, ...DATA_KINDS, ...DATA_KINDS].entries()) {
    const given = PROBLEMS[(seed + 7 * at) % PROBLEMS.length]!;
    const problem = { ...given, bias: at % 2 === 0 };
    const operands = generateOperands(problem, pass, data, seed + at);
    const reference = wholeReference(problem, pass, operands);
    const outputs = Object.fromEntries(
      outputNames(problem, pass).map((name): [TensorName, Float32Array] => {
        const right = reference(name).value;
        const elementOf = answer({ problem, pass, operands, name, right });
        return [name, Float32Array.from(right, (_, index) => elementOf(index))];
      }),
    );
    const verdict = checkOutputs(problem, pass, operands, outputs, declaration, seed);
    const convCase = { problem, pass, data, seed };
    const cost = { multiplyAdds: 1, ms: 1 };
    if (verdict.fault !== undefined)
      return entryOf(tally, {
        ...ABOUT,
        pass,
        failed: {
          status: "failed",
          reason: verdict.fault.message,
          failure: { descriptor: "", seed, data, message: verdict.fault.message, rerun: "" },
        },
      });
    tally = add(tally, { kind: "passed", convCase, verdict, cost });
  }
  return entryOf(tally, { ...ABOUT, pass });
}

const algorithm = fc.oneof(
  fc.constantFrom<Algorithm>("direct", "gemm", "fft"),
  fc
    .tuple(fc.integer({ min: 1, max: LARGEST_WINOGRAD_TILE }), fc.integer({ min: 1, max: LARGEST_WINOGRAD_TILE }))
    .filter(([m, r]) => m + r - 1 <= LARGEST_WINOGRAD_TILE)
    .map(([m, r]): Algorithm => `winograd(${m},${r})`),
);
const declarations = fc.record({
  algorithm,
  precision: fc.constantFrom("float32", "tf32", "f16", "bf16"),
  arithmetic: fc.constantFrom("ieee", "flushes-subnormals", "finite-only"),
});

test.each(Object.entries(ANSWERS))("%s pass nothing under any declaration", (_, answer) => {
  fc.assert(
    fc.property(declarations, fc.constantFrom(...PASSES), fc.integer({ min: 0, max: 1000 }), (declared, pass, seed) => {
      expect(["failed", "mistrusted"]).toContain(entryOfRun(answer, declared, pass, seed).status);
    }),
    { numRuns: 300, seed: 1 },
  );
});

test("a bound that no output exceeds leaves the run mistrusted, and says why", () => {
  const wide = { algorithm: "winograd(8,9)", precision: "bf16", arithmetic: "finite-only" } as const;
  const { status, reason, margin } = entryOfRun(ANSWERS["ones"]!, wide, "forward", 1);
  expect([status, margin]).toEqual(["mistrusted", null]);
  expect(reason).toMatch(/^bounds too wide to tell: in \d+ of \d+ cases a zero, a constant or a copy of an operand/);
});
