import type { Implementation } from "../../harness/runner/discovery.ts";
import { plainText } from "../../core/plain-text.ts";
import type { RunRecord } from "../../core/record.ts";
import { trainingPoint } from "../../harness/bench/training/point.ts";
import { runTrainingCheck, type TrainingOutcome } from "../../harness/bench/training/run.ts";
import type { Sandbox } from "../../harness/runner/sandbox/sandbox.ts";
import type { Network } from "../../core/network.ts";
import { INPUT } from "../../reference/graph/shapes.ts";
import { textOptions } from "../../reports/text-table.ts";
import { renderTrainingStep } from "../../reports/training-step.ts";
import { reducedNetwork } from "../../suites/training.ts";
import { typedCommand } from "../cli/common-options.ts";
import type { ParsedOptions } from "../cli/options.ts";
import type { ProgressLines } from "../cli/progress.ts";

/** The word in `--pass` for a training step: all passes of a whole network, and the gradients of its loss. */
export const TRAIN = "train";

export function isTraining(parsed: ParsedOptions): boolean {
  return parsed.text("pass")?.trim() === TRAIN;
}

/** Batch normalisation in training needs more than one image. */
const CHECKED_BATCH = 2;

/** The training step of a network. */
export interface TrainingRun {
  readonly outcomes: readonly TrainingOutcome[];
  /** The record with these checks among its own. */
  withChecks(record: RunRecord): RunRecord;
  /** The step's times and verdicts, as text. */
  text(record: RunRecord): string;
}

/**
 * Checks the gradients of every implementation in a training step of the network, at reduced size.
 * @throws UsageError for a network that does not end with one score a class
 */
export async function checkTraining(
  network: Network,
  implementations: readonly Implementation[],
  settings: { readonly seed: number; readonly threads: number; readonly sandbox?: Sandbox },
  progress: ProgressLines,
  interrupted: AbortSignal,
): Promise<TrainingRun> {
  const reduced = reducedNetwork(network);
  const point = trainingPoint(reduced, CHECKED_BATCH, settings.seed);
  const outcomes: TrainingOutcome[] = [];
  for (const implementation of implementations) {
    if (interrupted.aborted) break;
    if (implementation.description.unavailable !== undefined) continue;
    progress.update("bench", `gradients of ${plainText(network.name)}: ${plainText(implementation.name)}`);
    outcomes.push(await runTrainingCheck(implementation, point, { ...settings, rerun: typedCommand("bench") }));
  }
  const { channels, spatial } = reduced.input;
  const size = `images of ${[channels, ...spatial].join("×")}, batch ${CHECKED_BATCH}`;
  const view = {
    name: network.name,
    firstLayers: network.nodes.filter(({ inputs }) => inputs.includes(INPUT)).map(({ name }) => name),
    checkedAt: reduced === network ? size : `at reduced size: ${size}`,
    outcomes,
  };
  return {
    outcomes,
    withChecks: (record) => ({ ...record, checks: [...record.checks, ...outcomes.map(({ check }) => check)] }),
    text: (record) => renderTrainingStep(record, view, textOptions(process.stdout)),
  };
}
