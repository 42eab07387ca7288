import fc from "fast-check";
import { expect, test } from "vitest";
import type { ConvProblem } from "../../core/problem.ts";
import { problemFault } from "../../core/problem-rules.ts";
import { elementCount, leastPadEnd, multiplyAdds, outputShape, effectiveKernelSize } from "../../core/shape.ts";
import { alexnet } from "../alexnet.ts";
import { CORNER_PROBLEMS } from "./corner-problems.ts";
import { problemArbitrary } from "./problem-arbitrary.ts";
import { complexity, simplerProblems } from "./simpler-problems.ts";

const MAX_MULTIPLY_ADDS = 2 ** 20;
const problems = problemArbitrary({ maxMultiplyAdds: MAX_MULTIPLY_ADDS });

const SMALLEST: ConvProblem = {
  batch: 1,
  inChannels: 1,
  outChannels: 1,
  groups: 1,
  input: [1],
  kernel: [1],
  stride: [1],
  dilation: [1],
  padBegin: [0],
  padEnd: [0],
  bias: false,
};

test("drawn problems are valid, canonical and within the multiply-adds allowed", () => {
  for (const maxMultiplyAdds of [1, 100, 10_000, 2 ** 20, 2 ** 27]) {
    fc.assert(
      fc.property(problemArbitrary({ maxMultiplyAdds }), (problem) => {
        expect(problemFault(problem)).toBeUndefined();
        expect(problem.padEnd).toEqual(leastPadEnd(problem));
        expect(multiplyAdds(problem)).toBeLessThanOrEqual(maxMultiplyAdds);
      }),
      { numRuns: 500 },
    );
  }
});

test("the same seed draws the same problems", () => {
  expect(fc.sample(problems, { numRuns: 20, seed: 7 })).toEqual(fc.sample(problems, { numRuns: 20, seed: 7 }));
});

const SAMPLE = fc.sample(problems, { numRuns: 3000, seed: 1 });
const share = (holds: (problem: ConvProblem) => boolean): number => SAMPLE.filter(holds).length / SAMPLE.length;

test.each<readonly [string, (problem: ConvProblem) => number]>([
  ["channels of a group", ({ inChannels, groups }) => inChannels / groups],
  ["filters of a group", ({ outChannels, groups }) => outChannels / groups],
  ["batch", ({ batch }) => batch],
  ["groups", ({ groups }) => groups],
  ["columns", ({ input }) => Math.max(...input)],
  ["outputs", (problem) => Math.max(...outputShape(problem))],
  ["reduction length", ({ inChannels, groups, kernel }) => (inChannels / groups) * elementCount(kernel)],
])("%s fall below, on and above every threshold", (_, extent) => {
  const seen = new Set(SAMPLE.map(extent));
  for (const threshold of [4, 8, 16, 32, 64, 128, 256, 512, 1024, 4096]) {
    const near = [threshold - 1, threshold, threshold + 1].filter((size) => seen.has(size));
    expect([threshold, near.length >= 2]).toEqual([threshold, true]);
  }
});

test("every kind of problem has a fair share", () => {
  const axis = (holds: (problem: ConvProblem, axis: number) => boolean) => (problem: ConvProblem) =>
    problem.input.some((_, index) => holds(problem, index));
  const least: readonly (readonly [number, (problem: ConvProblem) => boolean])[] = [
    [0.1, ({ input }) => input.length === 1],
    [0.4, ({ input }) => input.length === 2],
    [0.1, ({ input }) => input.length === 3],
    [0.4, ({ bias }) => bias],
    [0.4, ({ bias }) => !bias],
    [0.3, ({ groups }) => groups > 1],
    [0.15, ({ groups, inChannels }) => groups > 1 && groups === inChannels],
    [0.05, ({ groups, inChannels }) => groups > 1 && groups < inChannels],
    [0.2, ({ batch }) => batch > 1],
    [0.2, ({ stride }) => stride.some((step) => step > 1)],
    [0.1, ({ dilation, kernel }) => dilation.some((step, index) => step > 1 && kernel[index]! > 1)],
    [0.2, ({ padBegin, padEnd }) => padBegin.some((pad, index) => pad !== padEnd[index])],
    [0.02, ({ padEnd }) => padEnd.some((pad) => pad < 0)],
    [
      0.05,
      axis(
        ({ input, kernel, dilation }, index) => effectiveKernelSize(kernel[index]!, dilation[index]!) > input[index]!,
      ),
    ],
    [
      0.05,
      axis(
        ({ stride, kernel, dilation }, index) => stride[index]! > effectiveKernelSize(kernel[index]!, dilation[index]!),
      ),
    ],
    [0.1, (problem) => multiplyAdds(problem) > 10_000],
    [0.1, (problem) => multiplyAdds(problem) < 500],
  ];
  expect(least.filter(([smallest, holds]) => share(holds) < smallest).map(([, holds]) => String(holds))).toEqual([]);
});

const anyProblem = fc.oneof(
  problems,
  fc.constantFrom(...CORNER_PROBLEMS),
  fc.constantFrom(...alexnet.layers.map(({ problem }) => problem)),
);

test("a simpler problem is valid, canonical, nameless, strictly less complex, and no more work", () => {
  fc.assert(
    fc.property(anyProblem, (problem) => {
      const most = Math.max(multiplyAdds(problem), 2 ** 16);
      for (const simpler of simplerProblems(problem)) {
        expect(problemFault(simpler)).toBeUndefined();
        expect(simpler.padEnd).toEqual(leastPadEnd(simpler));
        expect("name" in simpler).toBe(false);
        expect(complexity(simpler)).toBeGreaterThan(0);
        expect(complexity(simpler)).toBeLessThan(complexity(problem));
        expect(multiplyAdds(simpler)).toBeLessThanOrEqual(most);
      }
    }),
    { numRuns: 60 },
  );
});

test("only the smallest problem has none simpler", () => {
  expect([...simplerProblems(SMALLEST)]).toEqual([]);
  fc.assert(
    fc.property(anyProblem, (problem) => {
      const first = simplerProblems(problem).next();
      expect(first.done).toBe(complexity(problem) === complexity(SMALLEST));
    }),
  );
});

test("only valid problems can be shrunk without context", () => {
  expect(problems.canShrinkWithoutContext(alexnet.layers[0]!.problem)).toBe(true);
  for (const other of [
    null,
    3,
    {},
    [],
    { ...SMALLEST, groups: 2 },
    { ...SMALLEST, input: ["1"] },
    { ...SMALLEST, name: 1 },
  ]) {
    expect(problems.canShrinkWithoutContext(other)).toBe(false);
  }
});

const two = (rest: Partial<ConvProblem>): ConvProblem => ({
  ...SMALLEST,
  input: [1, 1],
  kernel: [1, 1],
  stride: [1, 1],
  dilation: [1, 1],
  padBegin: [0, 0],
  padEnd: [0, 0],
  ...rest,
});

/** A fault and the smallest problems that show it. */
const FAULTS: Readonly<Record<string, { fails: (problem: ConvProblem) => boolean; minimal: readonly ConvProblem[] }>> =
  {
    "channels of a group > 4": {
      fails: ({ inChannels, groups }) => inChannels / groups > 4,
      minimal: [{ ...SMALLEST, inChannels: 5 }],
    },
    "filters > 32": { fails: ({ outChannels }) => outChannels > 32, minimal: [{ ...SMALLEST, outChannels: 33 }] },
    "odd channels from 5": {
      fails: ({ inChannels }) => inChannels > 4 && inChannels % 2 === 1,
      minimal: [{ ...SMALLEST, inChannels: 5 }],
    },
    "batch > 1": { fails: ({ batch }) => batch > 1, minimal: [{ ...SMALLEST, batch: 2 }] },
    bias: { fails: ({ bias }) => bias, minimal: [{ ...SMALLEST, bias: true }] },
    "kernel ≥ 3 with stride 2": {
      fails: ({ kernel, stride }) => kernel.some((taps, axis) => taps >= 3 && stride[axis] === 2),
      minimal: [{ ...SMALLEST, input: [3], kernel: [3], stride: [2] }],
    },
    "stride = kernel": {
      fails: ({ kernel, stride }) => kernel.some((taps, axis) => taps > 1 && stride[axis] === taps),
      minimal: [{ ...SMALLEST, input: [2], kernel: [2], stride: [2] }],
    },
    "stride = kernel on both axes": {
      fails: ({ kernel, stride }) =>
        kernel.length === 2 && kernel.every((taps, axis) => taps > 1 && stride[axis] === taps),
      minimal: [two({ input: [2, 2], kernel: [2, 2], stride: [2, 2] })],
    },
    "H ≠ W": {
      fails: ({ input }) => input.length === 2 && input[0] !== input[1],
      minimal: [two({ input: [1, 2] }), two({ input: [2, 1] })],
    },
    "equal kernels ≥ 3": {
      fails: ({ kernel }) => kernel.length === 2 && kernel[0]! >= 3 && kernel[0] === kernel[1],
      minimal: [two({ input: [3, 3], kernel: [3, 3] })],
    },
    "dilation with two taps": {
      fails: ({ kernel, dilation }) => kernel.some((taps, axis) => taps > 1 && dilation[axis]! > 1),
      minimal: [{ ...SMALLEST, input: [3], kernel: [2], dilation: [2] }],
    },
    "padding in front": {
      fails: ({ padBegin }) => padBegin.some((pad) => pad > 0),
      minimal: [
        { ...SMALLEST, padBegin: [1] },
        { ...SMALLEST, kernel: [2], padBegin: [1] },
      ],
    },
    "a cropped end": {
      fails: ({ padEnd }) => padEnd.some((pad) => pad < 0),
      minimal: [{ ...SMALLEST, input: [2], padEnd: [-1] }],
    },
    "one output of a cropped input": {
      fails: (problem) => elementCount(outputShape(problem)) === 1 && problem.padEnd.some((pad) => pad < 0),
      minimal: [{ ...SMALLEST, input: [2], padEnd: [-1] }],
    },
    "true depthwise": {
      fails: ({ groups, inChannels, outChannels }) => groups > 1 && groups === inChannels && groups === outChannels,
      minimal: [{ ...SMALLEST, groups: 2, inChannels: 2, outChannels: 2 }],
    },
    "groups of two channels": {
      fails: ({ groups, inChannels }) => groups > 1 && inChannels / groups > 1,
      minimal: [{ ...SMALLEST, groups: 2, inChannels: 4, outChannels: 2 }],
    },
    "a dilated, padded kernel": {
      fails: ({ kernel, dilation, padBegin }) =>
        kernel.some((taps, axis) => taps >= 3 && dilation[axis]! > 1 && padBegin[axis]! > 0),
      minimal: [{ ...SMALLEST, input: [4], kernel: [3], dilation: [2], padBegin: [1] }],
    },
    "channels > 512": {
      fails: ({ inChannels }) => inChannels > 512,
      minimal: [{ ...SMALLEST, inChannels: 513 }],
    },
    "outputs > 4": {
      fails: (problem) => elementCount(outputShape(problem)) > 4,
      minimal: [{ ...SMALLEST, input: [5] }, two({ input: [2, 3] }), two({ input: [3, 2] })],
    },
    anything: { fails: () => true, minimal: [SMALLEST] },
  };

const MOST_EVALUATIONS = 300;

test.each(Object.entries(FAULTS))(
  "fast-check shrinks a drawn problem that fails on %s to a minimal one",
  (_, { fails, minimal }) => {
    for (let seed = 1; seed <= 40; seed++) {
      let evaluations = 0;
      const run = fc.check(
        fc.property(problems, (problem) => {
          evaluations += 1;
          return !fails(problem);
        }),
        { seed, numRuns: 5000 },
      );
      expect(run.failed).toBe(true);
      expect(minimal).toContainEqual(run.counterexample?.[0]);
      expect(evaluations - run.numRuns).toBeLessThan(MOST_EVALUATIONS);
    }
  },
);

test.each(Object.entries(FAULTS))(
  "a problem of any origin that fails on %s shrinks to a minimal one",
  (_, { fails, minimal }) => {
    const origins = [...CORNER_PROBLEMS, ...alexnet.layers.map(({ problem }) => problem), HUGE, PATCHES].filter(fails);
    for (const origin of origins) {
      const run = fc.check(
        fc.property(problems, (problem) => !fails(problem)),
        { examples: [[origin]], numRuns: 1 },
      );
      expect(minimal).toContainEqual(run.counterexample?.[0]);
    }
  },
);

/** The patch embedding of a vision transformer with patches of 16 × 16. */
const PATCHES: ConvProblem = {
  batch: 1,
  inChannels: 3,
  outChannels: 768,
  groups: 1,
  input: [224, 224],
  kernel: [16, 16],
  stride: [16, 16],
  dilation: [1, 1],
  padBegin: [0, 0],
  padEnd: [0, 0],
  bias: true,
};

const HUGE: ConvProblem = {
  batch: 8,
  inChannels: 512,
  outChannels: 512,
  groups: 64,
  input: [224, 225],
  kernel: [11, 7],
  stride: [4, 2],
  dilation: [3, 2],
  padBegin: [5, 3],
  padEnd: [5, 2],
  bias: true,
};
