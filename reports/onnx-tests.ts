import type { OnnxOutcome } from "../harness/verify/onnx-conformance/index.ts";
import { plainText } from "../core/plain-text.ts";
import { counted, marginText } from "./format.ts";
import { joined, layOutTable, paint, wrap, type TextOptions } from "./text-table.ts";

/**
 * Counts by operator for the reference and by implementation, each reason for being unsupported with its count, and
 * every failure.
 */
export function renderOnnxTests(outcomes: readonly OnnxOutcome[], options: TextOptions): string {
  const ofReference = outcomes.filter(({ by }) => by === "reference");
  const others = outcomes.filter(({ by }) => by !== "reference");
  const supported = ofReference.filter(({ status }) => status !== "unsupported");
  return joined([
    ...countTable("operator", supported, ({ op }) => op, options),
    ...(others.length === 0 ? [] : ["", ...countTable("implementation", others, ({ by }) => by, options)]),
    "",
    ...reasons(ofReference, options),
    ...outcomes.flatMap((outcome) => failureLines(outcome, options)),
    `${counted(ofReference.length, "case")}: ${counts(ofReference).join(", ")}`,
  ]);
}

function countTable(
  title: string,
  outcomes: readonly OnnxOutcome[],
  key: (outcome: OnnxOutcome) => string,
  options: TextOptions,
): string[] {
  const rows = [...Map.groupBy(outcomes, key)].map(([name, all]) => {
    const margins = all.flatMap((outcome) => (outcome.status === "passed" ? [outcome.margin] : []));
    const count = (status: OnnxOutcome["status"]): string =>
      String(all.filter((outcome) => outcome.status === status).length);
    const margin = margins.length === 0 ? "" : marginText(Math.max(...margins));
    return [plainText(name), count("passed"), count("unsupported"), count("failed"), margin];
  });
  const head = [title, "passed", "unsupported", "failed", "margin"];
  return layOutTable([head, ...rows], ["left", "right", "right", "right", "right"], options, "bold");
}

/** Why cases are unsupported, the most frequent reason first. */
function reasons(outcomes: readonly OnnxOutcome[], options: TextOptions): string[] {
  const groups = Map.groupBy(
    outcomes.flatMap((outcome) => (outcome.status === "unsupported" ? [outcome] : [])),
    ({ reason }) => reason,
  );
  return [...groups]
    .toSorted(([, a], [, b]) => b.length - a.length)
    .flatMap(([reason, all]) => {
      const ops = [...new Set(all.map(({ op }) => op))].toSorted();
      return wrap(plainText(`unsupported, ${all.length}: ${reason} (${ops.join(", ")})`), options.columns);
    });
}

function failureLines(outcome: OnnxOutcome, options: TextOptions): string[] {
  if (outcome.status !== "failed") return [];
  return wrap(plainText(`failed, ${outcome.by}: ${outcome.name}: ${outcome.reason}`), options.columns).map((line) =>
    paint(line, "red", options),
  );
}

function counts(outcomes: readonly OnnxOutcome[]): string[] {
  return (["passed", "unsupported", "failed"] as const).map(
    (status) => `${outcomes.filter((outcome) => outcome.status === status).length} ${status}`,
  );
}
