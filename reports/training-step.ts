import { plainText } from "../core/plain-text.ts";
import { PASSES, type Pass } from "../core/problem.ts";
import type { RunRecord, TimingEntry } from "../core/record.ts";
import { SCORES } from "../harness/bench/training/check.ts";
import type { TrainingOutcome } from "../harness/bench/training/run.ts";
import { batchOf } from "./layer-problem.ts";
import { counted, listed, marginText, significant } from "./format.ts";
import { joined, layOutTable, wrap, type TextOptions } from "./text-table.ts";

/** A network's training step: what was timed of it, and where its gradients were checked. */
export interface TrainingStepView {
  readonly name: string;
  /** The layers that read the network's input: their backwardData is not part of a training step. */
  readonly firstLayers: readonly string[];
  /** The network and the batch at which gradients were checked, in words. */
  readonly checkedAt: string;
  readonly outcomes: readonly TrainingOutcome[];
}

/**
 * A training step by implementation: the sum of its layers' forward, backwardData and backwardWeights, and whether the
 * gradients of the loss by all parameters are right. A step of which a pass has no checked time has no sum.
 */
export function renderTrainingStep(record: RunRecord, view: TrainingStepView, options: TextOptions): string {
  const head = ["implementation", ...PASSES.map((pass) => `${pass} ms`), "step ms", "gradients", "worst", "perturbed"];
  const groups = Map.groupBy(
    record.timings.filter(({ kind }) => kind !== "end-to-end"),
    ({ threads, cache, problem }) =>
      [`batch ${batchOf(problem) ?? 1}`, counted(threads, "thread"), `${cache} cache`].join(", "),
  );
  const tables = [...groups].flatMap(([conditions, timings]) => {
    const rows = view.outcomes.map((outcome) => rowOf(outcome, timings, view.firstLayers));
    const table = layOutTable([head, ...rows], ["left", ...head.slice(1).map(() => "right" as const)], options);
    return [`training step of ${plainText(view.name)}, ${conditions}`, "", ...table, ""];
  });
  const notes = view.outcomes.flatMap((outcome) => notesOf(outcome, record.timings));
  return joined([
    ...tables,
    ...wrap(
      "step: the sum of all layers' passes, without the gradient of the image. " +
        "Gradients: of the softmax cross-entropy by every parameter, through the implementation's own convolutions, " +
        `beside the float64 reference (${plainText(view.checkedAt)}); ` +
        "worst: error ÷ bound at the worst element of any pass; perturbed, which decides nothing: " +
        "the distance of the " +
        "farthest result from the reference ÷ that of steps with random errors at the bounds",
      options.columns,
    ),
    ...notes.flatMap((note) => wrap(plainText(note), options.columns)),
  ]);
}

function rowOf(
  { check, verdict }: TrainingOutcome,
  all: readonly TimingEntry[],
  firstLayers: readonly string[],
): readonly string[] {
  const timings = all.filter(({ impl }) => impl === check.impl);
  const sums = PASSES.map((pass) => sumOf(timings, pass, firstLayers));
  const isWhole = check.status === "passed" && sums.every((sum) => sum !== undefined);
  const step = isWhole ? sums.reduce<number>((total, sum) => total + (sum ?? 0), 0) : undefined;
  const results = verdict?.results ?? [];
  const gradients = results.filter(({ of }) => of !== SCORES);
  const right = gradients.filter(({ status }) => status === "passed");
  const checked = results.filter(({ status }) => status !== "unsupported");
  return [
    plainText(check.impl),
    ...[...sums, step].map((ms) => (ms === undefined ? "–" : significant(ms))),
    verdict === undefined ? check.status : `${right.length} of ${gradients.length}`,
    marginText(check.margin),
    checked.length === 0 ? "–" : marginText(Math.max(...checked.map(({ perturbedRatio }) => perturbedRatio))),
  ];
}

/** A pass of all layers; undefined where one of them has no time. */
function sumOf(timings: readonly TimingEntry[], pass: Pass, firstLayers: readonly string[]): number | undefined {
  let sum = 0;
  const own = timings.filter((entry) => entry.pass === pass);
  if (own.length === 0) return undefined;
  for (const { layer, medianMs, multiplicity = 1 } of own) {
    const uses = multiplicity - (pass === "backwardData" && firstLayers.includes(layer) ? 1 : 0);
    if (uses === 0) continue;
    if (medianMs === null) return undefined;
    sum += uses * medianMs;
  }
  return sum;
}

function notesOf({ check, verdict }: TrainingOutcome, timings: readonly TimingEntry[]): string[] {
  const { impl, reason } = check;
  if (check.status !== "passed") return [`${impl} ${check.status}: ${reason ?? ""}`];
  const note = reason === undefined ? [] : [`${impl}: ${reason}`];
  const others = new Map((verdict?.standIns ?? []).map(({ node, pass, reason: why }) => [`${node} ${pass}`, why]));
  const first = [...others.values()][0];
  const missing = timings
    .filter(({ impl: own, medianMs, kind }) => own === impl && medianMs === null && kind !== "end-to-end")
    .map(({ layer, pass }) => `${layer} ${pass}`);
  const undone = `${impl} does not do ${listed([...others.keys()])}`;
  return [
    ...note,
    ...(first === undefined ? [] : [`${undone} (${first}): the reference did that in the step that was checked`]),
    ...(missing.length === 0 ? [] : [`${impl} has no time of ${listed(missing)}, and so none of the step`]),
  ];
}
