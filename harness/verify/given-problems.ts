import { byteCounts, type ConvProblem, type Pass } from "../problem.ts";
import { nameOf, type GivenProblemJudge } from "./given-problem-judge.ts";

/** A case must fit the time so many times over to be begun: rates differ from layer to layer. */
const SLACK = 1.5;
/** Operands and outputs lie in this process and in the contender's, and each makes copies of its own. */
const COPIES = 4;

interface Question {
  readonly problem: ConvProblem;
  readonly judge: GivenProblemJudge;
  readonly pass: Pass;
}

/**
 * Judges the user's problems by one law: each in every pass with one kind of data, the quickest first, before any is judged with a second
 * kind. What does not fit the time or the memory is left out by name.
 * `firstLookEnd` and `end` are times of `performance.now()`: the second and further kinds of data must end earlier where other laws follow.
 * `firstCaseMs` is what the first case of each pass may take however little time there is.
 * Gives the milliseconds that what was left out for lack of time would have taken, about.
 */
export async function judgeGivenProblems(
  judges: ReadonlyMap<Pass, GivenProblemJudge>,
  problems: readonly ConvProblem[],
  {
    firstLookEnd,
    endOf,
    firstCaseMs,
    availableBytes = process.availableMemory(),
  }: {
    readonly firstLookEnd: number;
    /** When the other kinds of data end, told when the first look ended. */
    readonly endOf: () => number;
    readonly firstCaseMs: number;
    readonly availableBytes?: number;
  },
): Promise<number> {
  let waiting = [...judges].flatMap(([pass, judge]) => problems.map((problem): Question => ({ problem, judge, pass })));
  const judged: Question[] = [];
  const begun = new Set<Pass>();
  let missingMs = 0;
  while (waiting.length > 0) {
    const next = waiting.reduce((quickest, other) => (expectedMs(other) < expectedMs(quickest) ? other : quickest));
    waiting = waiting.filter((question) => question !== next);
    const { problem, judge, pass } = next;
    const [data] = judge.kindsFor(problem);
    if (!judge.isOpen || data === undefined) continue;
    const neededBytes = memoryNeed(problem, pass);
    if (neededBytes > availableBytes) {
      judge.leaveOut({ name: nameOf(problem), why: "memory", neededBytes });
      continue;
    }
    const leastMs = begun.has(pass) ? 0 : firstCaseMs;
    const leftMs = Math.max(leastMs, firstLookEnd - performance.now());
    await judge.learnRate(problem, leftMs);
    const callMs = expectedMs(next);
    const limitMs = Math.max(leastMs, firstLookEnd - performance.now());
    if (callMs * SLACK > limitMs) {
      judge.leaveOut({ name: nameOf(problem), why: "time", callMs });
      missingMs += callMs * SLACK;
      continue;
    }
    const cases = judge.cases;
    await judge.judge(problem, data, limitMs);
    begun.add(pass);
    // One that outlasted its limit was left out.
    if (judge.isOpen && judge.cases === cases) missingMs += Math.max(limitMs, callMs) * SLACK;
    judged.push(next);
  }
  await judgeFurtherKinds(judged, endOf());
  return missingMs;
}

/** The second kind of data of each problem in each pass, then the third, until the time is up. */
async function judgeFurtherKinds(questions: readonly Question[], end: number): Promise<void> {
  const most = Math.max(0, ...questions.map(({ problem, judge }) => judge.kindsFor(problem).length));
  for (let turn = 1; turn < most; turn++) {
    for (const question of questions) {
      const { problem, judge } = question;
      const data = judge.kindsFor(problem)[turn];
      const leftMs = end - performance.now();
      if (data === undefined || !judge.isOpen || expectedMs(question) * SLACK > leftMs) continue;
      await judge.judge(problem, data, leftMs);
    }
  }
}

function expectedMs({ problem, judge }: Question): number {
  return judge.expectedMs(problem);
}

function memoryNeed(problem: ConvProblem, pass: Pass): number {
  const { operands, outputs } = byteCounts(problem, pass);
  return COPIES * (operands + outputs);
}
