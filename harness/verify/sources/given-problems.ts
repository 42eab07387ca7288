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

/** What is known of the passes in which problems are checked, at any time. */
export interface PassesAtWork {
  /** No counterexample in the pass, and not stopped. */
  isOpen(pass: Pass): boolean;
  /** Whether the implementation has shown how fast it is. */
  isRateKnown(pass: Pass): boolean;
  expectedMs(problem: ConvProblem, pass: Pass): number;
}

interface Question {
  readonly problem: ConvProblem;
  readonly pass: Pass;
}

/**
 * Problems as they are, those of the user and real layers: each in every pass with one kind of data, the quickest
 * first, before any with a second kind. Of what does not fit the time or the memory, as many images of the batch as do;
 * where no image fits, it is left out by name.
 */
export async function* givenProblems(
  problems: readonly ConvProblem[],
  passes: readonly Pass[],
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
  let waiting = passes.flatMap((pass) => problems.map((problem): Question => ({ problem, pass })));
  const checked: Question[] = [];
  const begun = new Set<Pass>();
  const measuredAgain = new Set<Pass>();
  const expectedMs = ({ problem, pass }: Question): number => atWork.expectedMs(problem, pass);
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

  while (waiting.length > 0) {
    const next = waiting.reduce((quickest, other) => (expectedMs(other) < expectedMs(quickest) ? other : quickest));
    waiting = waiting.filter((question) => question !== next);
    const { problem, pass } = next;
    const [data] = kindsFor(problem, kinds);
    if (data === undefined || !atWork.isOpen(pass)) continue;
    const leastMs = begun.has(pass) ? 0 : firstCaseMs;
    const leftMs = (): number => Math.max(leastMs, firstLookEnd - performance.now());
    if (!atWork.isRateKnown(pass) && !isSmall(problem) && problem.batch > 1) {
      yield measureOf({ problem: { ...problem, batch: 1 }, pass }, leftMs());
    }
    // The first call of a process is slow. Nothing is left out on its word alone.
    const last = checked.findLast((question) => question.pass === pass);
    const isTooSlow = expectedMs(next) * SLACK > leftMs();
    if (isTooSlow && last !== undefined && !measuredAgain.has(pass) && expectedMs(last) * SLACK <= leftMs()) {
      measuredAgain.add(pass);
      yield measureOf(last, leftMs());
    }
    const fit = fitOf(next, { leftMs: leftMs(), sharers: waiting.length + 1, availableBytes, expectedMs });
    if (fit.kind === "left-out") {
      yield { kind: "leave-out", pass, leftOut: fit.leftOut };
      continue;
    }
    const part = { problem: fit.problem, pass };
    const [firstKind = data] = kindsFor(fit.problem, kinds);
    yield { ...checkOf(part, firstKind, leftMs()), ...(fit.partOf === undefined ? {} : { partOf: fit.partOf }) };
    begun.add(pass);
    checked.push(part);
  }

  const end = endOf();
  const most = Math.max(0, ...checked.map(({ problem }) => kindsFor(problem, kinds).length));
  for (let turn = 1; turn < most; turn++) {
    for (const question of checked) {
      const data = kindsFor(question.problem, kinds)[turn];
      const leftMs = end - performance.now();
      if (data === undefined || !atWork.isOpen(question.pass) || expectedMs(question) * SLACK > leftMs) continue;
      yield checkOf(question, data, leftMs);
    }
  }
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
