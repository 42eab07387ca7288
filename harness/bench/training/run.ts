import type { CallChannel } from "../../runner/channel.ts";
import { ImplementationProcess } from "../../runner/process.ts";
import type { Implementation } from "../../runner/discovery.ts";
import type { Sandbox } from "../../runner/sandbox/sandbox.ts";
import type { Pass } from "../../../core/problem.ts";
import type { CheckEntry } from "../../../core/record.ts";
import { attempt } from "../../verify/attempt.ts";
import { expectedFailuresOf } from "../../verify/expected-failures.ts";
import { Runner } from "../../verify/runner.ts";
import { checkTrainingStep, SCORES, type TrainingVerdict } from "./check.ts";
import { PERTURBED_STEPS } from "./perturbed-steps.ts";
import type { TrainingPoint } from "./step.ts";

/** The outcome of an implementation's training step. */
export interface TrainingOutcome {
  readonly check: CheckEntry;
  /** Absent where the implementation crashed or hung. */
  readonly verdict?: TrainingVerdict;
}

/** The longest that one pass may take; they are small. */
const PASS_LIMIT_MS = 60_000;
const LAW = "training-step";
/** The pass that computes gradients by parameters. */
const PASS: Pass = "backwardWeights";

/** Checks an implementation's training step at a point, in a process of its own. */
export async function runTrainingCheck(
  { name, url, description }: Implementation,
  point: TrainingPoint,
  {
    seed,
    threads,
    rerun,
    sandbox,
    start = () => new ImplementationProcess(url, threads, undefined, {}, sandbox),
  }: {
    readonly seed: number;
    readonly threads: number;
    /** The command that reproduces a failure. */
    readonly rerun: string;
    readonly sandbox?: Sandbox;
    readonly start?: () => CallChannel;
  },
): Promise<TrainingOutcome> {
  const runner = new Runner(description, threads, start, expectedFailuresOf({ name, description }));
  const base = { impl: name, law: LAW, pass: PASS };
  try {
    const attempted = await attempt(runner, { limitMs: PASS_LIMIT_MS, data: "real" }, (tools) =>
      checkTrainingStep(tools, description, point, seed),
    );
    if (attempted.kind !== "done") {
      const { kind, reason } = attempted;
      const status = kind === "stopped" ? "mistrusted" : kind;
      return { check: { ...base, cases: 0, margin: null, status, reason } };
    }
    const verdict = attempted.value;
    const { passes, margin, wrong, standIns } = verdict;
    const own = { ...base, cases: passes, margin };
    const [first] = wrong;
    if (first !== undefined) {
      const message = `${first.node} ${first.pass}: ${first.message}`;
      const failure = { descriptor: first.descriptor, seed, data: LAW, message, rerun };
      return { verdict, check: { ...own, status: "failed", reason: message, failure } };
    }
    if (passes > 0) {
      const note = unusualResult(verdict);
      return { verdict, check: { ...own, status: "passed", ...(note === undefined ? {} : { reason: note }) } };
    }
    const reason = standIns[0]?.reason ?? "it does none of the network's passes";
    return { verdict, check: { ...base, cases: 0, margin: null, status: "unsupported", reason } };
  } finally {
    await runner.stop();
  }
}

/** A note on the result that is farther from the reference than every perturbed step, where there is one. */
function unusualResult({ results }: TrainingVerdict): string | undefined {
  const [farthest] = results
    .filter(({ status }) => status !== "unsupported")
    .toSorted((a, b) => b.perturbedRatio - a.perturbedRatio);
  if (farthest === undefined || farthest.perturbedRatio <= 1) return undefined;
  const { of, relativeError, perturbedRatio } = farthest;
  const what = of === SCORES ? "the scores are" : `the gradient by ${of} is`;
  const distance = `${relativeError.toPrecision(3)} of its 2-norm`;
  return (
    `every pass is within its bound, but ${what} ${perturbedRatio.toPrecision(3)} times as far from the reference ` +
    `(${distance}) as the farthest of ${PERTURBED_STEPS} steps with random errors at the bounds: ` +
    "unusual, not proven wrong"
  );
}
