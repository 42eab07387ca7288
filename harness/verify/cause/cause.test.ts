import { describe, expect, test } from "vitest";
import { InProcessChannel } from "../../runner/in-process.ts";
import { parseDescriptor } from "../../../core/descriptor.ts";
import type { Impl } from "../../../core/plugin.ts";
import type { ConvProblem, Pass } from "../../../core/problem.ts";
import type { Failure } from "../../../core/record.ts";
import { agreement } from "../../../suites/laws/agreement.ts";
import { DATA_KINDS } from "../../../suites/data/operands.ts";
import { convolve } from "../../../suites/mutants/convolution.ts";
import { MUTANTS } from "../../../suites/mutants/index.ts";
import { planOf } from "../../../suites/mutants/plans.ts";
import { conclude } from "../conclusion.ts";
import { Runner } from "../runner.ts";
import { advance, noFindings, step, type Subject } from "../search.ts";
import { usualCases } from "../sources/testing/usual-cases.ts";

const CAUSE_MS = 20_000;
const mutant = (name: string): Impl => MUTANTS.find((one) => one.name === name)!.impl;

async function subjectOf(impl: Impl, pass: Pass, threads = 1): Promise<Subject> {
  const described = await new InProcessChannel("", [impl]).request({ verb: "describe" }, Infinity);
  if (described.kind !== "answer") throw new Error(`${impl.name} does not describe itself: ${described.reason}`);
  const runner = new Runner(described.answer.impls[0]!, threads, () => new InProcessChannel("", [impl]));
  return { implementation: { name: impl.name, selector: impl.name }, runner, law: agreement, pass, seed: 1 };
}

/** The failure that agreement shows in a pass, made smaller. */
async function failureOf(impl: Impl, pass: Pass, threads?: number, causeMs = CAUSE_MS): Promise<Failure | undefined> {
  const subject = await subjectOf(impl, pass, threads);
  const source = usualCases({ ...subject, kinds: DATA_KINDS });
  const findings = await advance(subject, noFindings, source, { deadline: performance.now() + 30_000 });
  return (await conclude(subject, findings, causeMs)).entry.failure;
}

/** What a mutant's name says, and the cause that is told of it. */
const CAUSES: readonly (readonly [name: string, pass: Pass, cause: RegExp])[] = [
  ["groups-interleaved", "forward", /^groups ≥ 2 and filters in a group ≥ 2:/],
  ["more-than-16-groups-wrap", "forward", /^groups ≥ 17:.*; in backwardData and backwardWeights too$/],
  ["depthwise-multiplier-interleaved", "forward", /^depthwise with a multiplier:/],
  ["bias-missing-in-depthwise", "forward", /^a bias and depthwise: all \d+ tried with both fail, either alone holds/],
  ["bias-only-on-first-image", "forward", /^batch ≥ 2 and a bias:.*; only in forward$/],
  ["bias-beyond-64-filters-dropped", "forward", /^filters ≥ 65 and a bias:/],
  ["stride-ignored-for-1x1", "forward", /^(stride ≥ 2 and a kernel of one tap|kernel 1 on every axis and stride ≥ 2):/],
  ["stride-beyond-4-as-4", "forward", /^stride ≥ 5:/],
  ["dilation-ignored-when-strided", "forward", /^stride ≥ 2 and dilation ≥ 2:/],
  ["dilation-ignored-in-depthwise", "forward", /^dilation ≥ 2 and depthwise:.*; only in forward$/],
  ["depth-stride-ignored", "forward", /^stride ≥ 2 along the depth:/],
  ["1d-padding-ignored", "forward", /^rank 1 and padding at the beginning ≥ 1:/],
  ["strides-swapped", "forward", /strides that differ between axes/],
  ["crop-ignored-at-the-front", "forward", /^a cropped input/],
  ["backward-weights-forgets-dilation", "backwardWeights", /^dilation ≥ 2:.*; only in backwardWeights$/],
  ["last-image-of-odd-batch-copied", "forward", /^batch ≥ 3 and odd:/],
  ["last-filter-zero-unless-multiple-of-8", "forward", /^filters ≥ 9 and not a multiple of 8:/],
  ["exactly-4096-channels-wrong", "forward", /^channels exactly 4096:/],
  ["beyond-1024-products-drops-one", "forward", /^products in a sum ≥ 1025:/],
  ["operands-tf32-cut", "forward", /^any problem: .*; only with wide-exact, real or special data;/],
  ["subnormal-results-flushed", "forward", /; only with special data;/],
];

describe("a mutant's cause is what its name says", () => {
  test.each(CAUSES)("%s", async (name, pass, cause) => {
    expect((await failureOf(mutant(name), pass))?.cause).toMatch(cause);
  });
});

/** An implementation that is wrong where `isWrong` says so. */
function wrongWhere(isWrong: (problem: ConvProblem, threads: number) => boolean): Impl {
  return {
    name: "wrong-where",
    plan: (problem, pass, { threads }) =>
      planOf(
        problem,
        pass,
        (length) => new Float32Array(length),
        (call) => {
          convolve(call);
          if (isWrong(problem, threads)) call.out[0] = 12_345;
        },
      ),
  };
}

const isGrouped = ({ groups }: ConvProblem): boolean => groups > 1;

test("the cause says where one thread holds, and does not where it fails too", async () => {
  const racing = wrongWhere((problem, threads) => threads > 1 && isGrouped(problem));
  expect((await failureOf(racing, "forward", 2))?.cause).toMatch(
    /^groups ≥ 2: .*; only with 2 threads, one thread holds;/,
  );
  expect((await failureOf(wrongWhere(isGrouped), "forward", 2))?.cause).not.toContain("thread");
  // A case has its own number where the run's is another.
  const subject = await subjectOf(racing, "forward");
  const { problem } = parseDescriptor("g2mb2_ic4ih5oc4kh3ph1", false);
  const convCase = { problem, pass: "forward", data: "dense-exact", seed: 1, threads: 2 } as const;
  const findings = await step(subject, noFindings, { kind: "check", convCase });
  expect((await conclude(subject, findings, CAUSE_MS)).entry.failure?.cause).toMatch(
    /^groups ≥ 2: .*; only with 2 threads/,
  );
});

test("no cause of a failure that depends on earlier calls", async () => {
  let calls = 0;
  const failure = await failureOf(
    wrongWhere(() => ++calls === 9),
    "forward",
  );
  expect(failure?.message).toContain("depends on earlier calls");
  expect(failure?.cause).toBeUndefined();
});

test("no cause without time for it, nor of a case that was asked for alone", async () => {
  const impl = wrongWhere(isGrouped);
  expect(await failureOf(impl, "forward", 1, 0)).toBeDefined();
  expect((await failureOf(impl, "forward", 1, 0))?.cause).toBeUndefined();
  const subject = await subjectOf(impl, "forward");
  const { problem } = parseDescriptor("g2ic2iw3oc2kw1", false);
  const convCase = { problem, pass: "forward", data: "dense-exact", seed: 1 } as const;
  const alone = await step(subject, noFindings, { kind: "check", convCase }, { shrinkMs: 0 });
  const { failure } = (await conclude(subject, alone)).entry;
  expect(failure).toBeDefined();
  expect(failure?.cause).toBeUndefined();
});

test("a crash has a cause too", async () => {
  const throwing: Impl = {
    ...mutant("bias-dropped"),
    name: "throws",
    unsupported: () => undefined,
    algorithm: (problem) => {
      if (problem.groups > 1 && problem.batch > 1) throw new Error("not today");
      return "direct";
    },
  };
  expect((await failureOf(throwing, "backwardData"))?.cause).toMatch(/^batch ≥ 2 and groups ≥ 2: /);
});
