import { availableBytes as bytesNow } from "../runner/machine.ts";
import type { ConvProblem, Pass } from "../../core/problem.ts";
import { byteCounts } from "../../core/shape.ts";
import { nameOf, type GivenProblemJudge } from "./given-problem-judge.ts";

/** A case must fit the time so many times over to be begun: rates differ from layer to layer. */
const SLACK = 1.5;
/** Operands and outputs lie in this process and in the implementation's, and each makes copies of its own. */
const COPIES = 4;

interface Question {
  readonly problem: ConvProblem;
  readonly judge: GivenProblemJudge;
  readonly pass: Pass;
}

/**
 * Judges the user's problems by one law: each in every pass with one kind of data, the quickest first, before any is judged with a second
 * kind. Of what does not fit the time or the memory, as many images of the batch are judged as do; where that is none, it is left out by name.
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
    availableBytes = bytesNow(),
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
    if (!judge.isOpen) continue;
    const leastMs = begun.has(pass) ? 0 : firstCaseMs;
    const leftMs = (): number => Math.max(leastMs, firstLookEnd - performance.now());
    await judge.learnRate(problem, leftMs());
    const limitMs = leftMs();
    const callMs = expectedMs(next);
    const neededBytes = memoryNeed(problem, pass);
    // Problems that are cut down share what is left; one that fits takes what it needs.
    const sharedMs = limitMs / (waiting.length + 1);
    const inTime = callMs * SLACK <= limitMs ? problem.batch : (problem.batch * sharedMs) / (callMs * SLACK);
    const images = Math.max(1, Math.floor(Math.min(inTime, imagesInMemory(problem, pass, availableBytes))));
    const fitting = images === problem.batch ? problem : { ...problem, batch: images };
    if (images < problem.batch) missingMs += callMs * SLACK;
    if (memoryNeed(fitting, pass) > availableBytes) {
      judge.leaveOut({ name: nameOf(problem), why: "memory", neededBytes });
      continue;
    }
    if (judge.expectedMs(fitting) * SLACK > limitMs) {
      judge.leaveOut({ name: nameOf(problem), why: "time", callMs });
      continue;
    }
    const [data] = judge.kindsFor(fitting);
    if (data === undefined) continue;
    const cases = judge.cases;
    await judge.judge(fitting, data, limitMs);
    begun.add(pass);
    // One that outlasted its limit was left out.
    if (judge.isOpen && judge.cases === cases) missingMs += Math.max(limitMs, callMs) * SLACK;
    else if (images < problem.batch)
      judge.leaveOut({ name: nameOf(problem), why: "images", images, of: problem.batch });
    judged.push({ ...next, problem: fitting });
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

/** How many images of the batch the memory has room for. */
function imagesInMemory(problem: ConvProblem, pass: Pass, availableBytes: number): number {
  const [one = 0, two = 0] = [1, 2].map((batch) => memoryNeed({ ...problem, batch }, pass));
  return Math.min(problem.batch, 1 + (availableBytes - one) / (two - one));
}

function memoryNeed(problem: ConvProblem, pass: Pass): number {
  const { operands, outputs } = byteCounts(problem, pass);
  return COPIES * (operands + outputs);
}
