import type { Channel } from "../../runner/channel.ts";
import { ImplementationProcess } from "../../runner/process.ts";
import { printDescriptor } from "../../../core/descriptor.ts";
import type { Implementation } from "../../runner/discovery.ts";
import type { Pass } from "../../../core/problem.ts";
import type { CheckEntry } from "../../../core/record.ts";
import { attempt } from "../../verify/attempt.ts";
import { expectedFailuresOf } from "../../verify/expected-failures.ts";
import { Runner } from "../../verify/runner.ts";
import { convolutionsOf } from "../../../suites/networks/suite-of.ts";
import { checkTrainingStep, SCORES, type TrainingVerdict } from "./check.ts";
import type { TrainingPoint } from "./step.ts";

/** What became of an implementation's training step. */
export interface TrainingOutcome {
  readonly check: CheckEntry;
  /** Absent where the implementation crashed or hung. */
  readonly verdict?: TrainingVerdict;
}

/** One pass may take so long; they are small. */
const PASS_LIMIT_MS = 60_000;
const LAW = "training-step";
/** The gradients of parameters come out of this pass. */
const PASS: Pass = "backwardWeights";

/** An implementation's training step at a point, in a process of its own. */
export async function runTrainingCheck(
  { name, url, description }: Implementation,
  point: TrainingPoint,
  {
    seed,
    threads,
    rerun,
    start = () => new ImplementationProcess(url, threads),
  }: {
    readonly seed: number;
    readonly threads: number;
    /** The command that shows it again. */
    readonly rerun: string;
    readonly start?: () => Channel;
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
    const { passes, margin } = verdict;
    const worst = verdict.results.toSorted((a, b) => b.margin - a.margin);
    const wrong = worst.find(({ status }) => status === "failed");
    const own = { ...base, cases: passes, margin: Math.max(margin, worst[0]?.margin ?? 0) };
    const fault =
      verdict.fault ??
      (wrong === undefined
        ? undefined
        : {
            descriptor: nearestDescriptor(point, wrong.of),
            message:
              `${wrong.of === SCORES ? "the scores are" : `the gradient by ${wrong.of} is`} off by ${wrong.relativeError.toPrecision(3)} of the 2-norm, ` +
              `${wrong.margin.toPrecision(3)} times what rounding explains`,
          });
    if (fault !== undefined) {
      const failure = { descriptor: fault.descriptor, seed, data: LAW, message: messageOf(fault), rerun };
      return { verdict, check: { ...own, status: "failed", reason: failure.message, failure } };
    }
    if (passes > 0) return { verdict, check: { ...own, status: "passed" } };
    const reason = verdict.standIns[0]?.reason ?? "it does none of the network's passes";
    return { verdict, check: { ...base, cases: 0, margin: null, status: "unsupported", reason } };
  } finally {
    await runner.stop();
  }
}

function messageOf(fault: { readonly message: string; readonly node?: string; readonly pass?: Pass }): string {
  return fault.node === undefined ? fault.message : `${fault.node} ${fault.pass}: ${fault.message}`;
}

/** The convolution whose gradient a result is, or the last, behind which the others come. */
function nearestDescriptor({ network, x }: TrainingPoint, result: string): string {
  const layers = convolutionsOf(network);
  const { problem } = layers.find(({ name }) => result.startsWith(`${name}.`)) ?? layers.at(-1) ?? {};
  return problem === undefined ? network.name : printDescriptor({ ...problem, batch: x.shape[0] ?? 1 });
}
