import type { ConvProblem, Pass } from "../../../core/problem.ts";
import { byteCounts } from "../../../core/shape.ts";
import { availableBytes as bytesNow } from "../../runner/machine.ts";
import type { DataKind } from "../../../suites/data/operands.ts";
import { fittedCase, isSmall, kindsFor } from "./case-fitting.ts";
import type { LeftOut } from "../tally.ts";
import type { CaseSource, Proposal } from "./source.ts";

/** A case is begun where this many times its expected time is left: rates differ from layer to layer. */
export const SLACK = 1.5;
/** Operands and outputs lie in this process and in the implementation's, and each makes copies of its own. */
const COPIES = 4;
/** One request of a large case may take this long at least. */
export const LEAST_CASE_MS = 1_000;
/** A question that takes more than one part in this many of the time left waits until the cheaper ones are done. */
const PARTS = 20;

/** One problem in one pass. */
export interface Question {
  readonly problem: ConvProblem;
  readonly pass: Pass;
}

/** What is known of the passes in which problems are checked, at any time. */
export interface PassesAtWork {
  /** No counterexample in the pass, and not stopped. */
  isOpen(pass: Pass): boolean;
  /** Whether the implementation has shown how fast it is. */
  isRateKnown(pass: Pass): boolean;
  expectedMs(problem: ConvProblem, pass: Pass): number;
}

/**
 * Problems as they are, those of the user and real layers: each with one kind of data, in the order given but for those
 * that take long, which come last, before any with a second kind. Of what does not fit the time or the memory, as many
 * images of the batch as do; where no image fits, it is left out by name.
 */
export async function* givenProblems(
  questions: readonly Question[],
  atWork: PassesAtWork,
  {
    seed,
    kinds,
    firstLookEnd,
    endOf,
    firstCaseMs = 0,
    availableBytes = bytesNow(),
  }: {
    readonly seed: number;
    readonly kinds: readonly DataKind[];
    /** Of the first kind of data, a time of `performance.now()`. */
    readonly firstLookEnd: number;
    /** When the other kinds of data end, asked when the first look ended. */
    readonly endOf: () => number;
    /** What the first case of each pass may take however little time there is. */
    readonly firstCaseMs?: number;
    readonly availableBytes?: number;
  },
): CaseSource {
  const checked: Question[] = [];
  const begun = new Set<Pass>();
  const measuredAgain = new Set<Pass>();
  const expectedMs = ({ problem, pass }: Question): number => atWork.expectedMs(problem, pass);
  const leftMs = (pass: Pass): number => Math.max(begun.has(pass) ? 0 : firstCaseMs, firstLookEnd - performance.now());
  const measureOf = ({ problem, pass }: Question, limitMs: number): Proposal => {
    const convCase = fittedCase(problem, pass, "real", seed);
    return { kind: "measure", convCase, limitMs: Math.max(LEAST_CASE_MS, limitMs) };
  };
  const checkOf = ({ problem, pass }: Question, data: DataKind, limitMs: number): Proposal & { kind: "check" } => {
    const convCase = fittedCase(problem, pass, data, seed);
    return isSmall(problem)
      ? { kind: "check", convCase }
      : { kind: "check", convCase, limitMs: Math.max(LEAST_CASE_MS, limitMs) };
  };
  const isCheap = (question: Question): boolean => PARTS * expectedMs(question) <= leftMs(question.pass);

  for (const { question, waiting } of cheapFirst(questions, isCheap, expectedMs)) {
    const { problem, pass } = question;
    const [data] = kindsFor(problem, kinds);
    if (data === undefined || !atWork.isOpen(pass)) continue;
    if (!atWork.isRateKnown(pass) && !isSmall(problem) && problem.batch > 1) {
      yield measureOf({ problem: { ...problem, batch: 1 }, pass }, leftMs(pass));
    }
    // The first call of a process is slow. Nothing is left out on its word alone.
    if (expectedMs(question) * SLACK > leftMs(pass) && !measuredAgain.has(pass)) {
      const last = checked.findLast((other) => other.pass === pass);
      if (last !== undefined && expectedMs(last) * SLACK <= leftMs(pass)) {
        measuredAgain.add(pass);
        yield measureOf(last, leftMs(pass));
      }
    }
    const limits = { leftMs: leftMs(pass), sharers: waiting + 1, availableBytes, expectedMs };
    const fit = fitOf(question, limits);
    if (fit.kind === "left-out") {
      yield { kind: "leave-out", pass, leftOut: fit.leftOut };
      continue;
    }
    const part = { problem: fit.problem, pass };
    const [firstKind = data] = kindsFor(fit.problem, kinds);
    yield { ...checkOf(part, firstKind, leftMs(pass)), ...(fit.partOf === undefined ? {} : { partOf: fit.partOf }) };
    begun.add(pass);
    checked.push(part);
  }

  const end = endOf();
  const most = checked.reduce((count, { problem }) => Math.max(count, kindsFor(problem, kinds).length), 0);
  for (let round = 1; round < most; round++) {
    for (const question of checked) {
      const data = kindsFor(question.problem, kinds)[round];
      const restMs = end - performance.now();
      if (data === undefined || !atWork.isOpen(question.pass) || expectedMs(question) * SLACK > restMs) continue;
      yield checkOf(question, data, restMs);
    }
  }
}

/** The questions in the order given but for those that are not cheap when their turn comes: these last, by cost. */
function* cheapFirst(
  questions: readonly Question[],
  isCheap: (question: Question) => boolean,
  expectedMs: (question: Question) => number,
): Generator<{ readonly question: Question; readonly waiting: number }, void, undefined> {
  const dear: Question[] = [];
  for (const [index, question] of questions.entries()) {
    if (isCheap(question)) yield { question, waiting: questions.length - index - 1 + dear.length };
    else dear.push(question);
  }
  const byCost = dear.map((question) => ({ question, ms: expectedMs(question) })).toSorted((a, b) => a.ms - b.ms);
  for (const [index, { question }] of byCost.entries()) yield { question, waiting: byCost.length - index - 1 };
}

type Fit =
  | { readonly kind: "fits"; readonly problem: ConvProblem; readonly partOf?: LeftOut }
  | { readonly kind: "left-out"; readonly leftOut: LeftOut };

/** As much of a problem as fits the time and the memory. */
function fitOf(
  { problem, pass }: Question,
  limits: {
    readonly leftMs: number;
    /** Problems that are cut down share what is left with this many; one that fits takes what it needs. */
    readonly sharers: number;
    readonly availableBytes: number;
    readonly expectedMs: (question: Question) => number;
  },
): Fit {
  const { leftMs, sharers, availableBytes, expectedMs } = limits;
  const callMs = expectedMs({ problem, pass });
  const isInTime = callMs * SLACK <= leftMs;
  const inTime = isInTime ? problem.batch : (problem.batch * leftMs) / sharers / (callMs * SLACK);
  const images = Math.max(1, Math.floor(Math.min(inTime, imagesInMemory(problem, pass, availableBytes))));
  const part = images === problem.batch ? problem : { ...problem, batch: images };
  if (memoryNeed(part, pass) > availableBytes)
    return { kind: "left-out", leftOut: { problem, why: "memory", neededBytes: memoryNeed(problem, pass) } };
  if (expectedMs({ problem: part, pass }) * SLACK > leftMs)
    return { kind: "left-out", leftOut: { problem, why: "time", callMs } };
  if (images === problem.batch) return { kind: "fits", problem };
  return { kind: "fits", problem: part, partOf: { problem, why: "images", images, isForTime: !isInTime } };
}

/** How many images of the batch the memory has room for. */
function imagesInMemory(problem: ConvProblem, pass: Pass, availableBytes: number): number {
  const [one = 0, two = 0] = [1, 2].map((batch) => memoryNeed({ ...problem, batch }, pass));
  return Math.min(problem.batch, 1 + (availableBytes - one) / (two - one));
}

function memoryNeed(problem: ConvProblem, pass: Pass): number {
  const { operands, outputs } = byteCounts(problem, pass);
  return COPIES * (operands + outputs);
}
