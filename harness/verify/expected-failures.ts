import { EXPECTED_FAILURES } from "../../suites/expected-failures/index.ts";
import type { ExpectedFailure, Reproduction } from "../../suites/expected-failures/expected-failure.ts";
import { agreement } from "../../suites/laws/agreement.ts";
import type { ConvCase } from "../../suites/laws/law.ts";
import { commandLine } from "../../core/command-line.ts";
import type { DataKind } from "../../suites/data/operands.ts";
import { parseDescriptor } from "../../core/descriptor.ts";
import type { Implementation } from "../runner/discovery.ts";
import type { Fault } from "../check/convolution-check.ts";
import type { ConvProblem, Pass } from "../../core/problem.ts";
import type { CheckEntry } from "../../core/record.ts";
import { check } from "./check.ts";
import { counterexampleOf, faultOf } from "./outcome.ts";
import type { ExpectedFailureOf, Runner } from "./runner.ts";

/** The expected failures that speak of an implementation at its version on this machine. */
export function defectsOf(
  { name, description: { version } }: Pick<Implementation, "name" | "description">,
  known: readonly ExpectedFailure[] = EXPECTED_FAILURES,
  platform = `${process.platform}-${process.arch}`,
): readonly ExpectedFailure[] {
  return known.filter(
    ({ implementations, versions, platforms }) =>
      implementations[name] !== undefined &&
      versions.some((range) => isIn(range, version)) &&
      (platforms?.includes(platform) ?? true),
  );
}

/** A range that ends in a dot is the beginning of a version; any other is the version. */
function isIn(range: string, version: string | undefined): boolean {
  return range.endsWith(".") ? version?.startsWith(range) === true : version === range;
}

/**
 * The id of the expected failure of the implementation that explains one on this problem; undefined where none does.
 */
export function explanation(
  defects: readonly ExpectedFailure[],
  implementation: string,
  problem: ConvProblem,
  pass: Pass,
  data: DataKind,
): string | undefined {
  return defects.find(
    (defect) =>
      defect.implementations[implementation]?.includes(pass) === true &&
      defect.explains({ implementation, problem, pass, data }),
  )?.id;
}

/** The expected failures of an implementation as its runner asks for them. */
export function expectedFailuresOf(
  implementation: Pick<Implementation, "name" | "description">,
  known: readonly ExpectedFailure[] = EXPECTED_FAILURES,
): ExpectedFailureOf {
  const defects = defectsOf(implementation, known);
  return (problem, pass, data) => explanation(defects, implementation.name, problem, pass, data);
}

/** The cases that show the implementation's known defects, in its passes. */
export function reproductionsOf(
  implementation: Pick<Implementation, "name" | "description">,
  known: readonly ExpectedFailure[] = EXPECTED_FAILURES,
): readonly { readonly defect: ExpectedFailure; readonly reproduction: Reproduction }[] {
  return defectsOf(implementation, known).flatMap((defect) =>
    defect.reproductions
      .filter(({ pass }) => defect.implementations[implementation.name]?.includes(pass))
      .map((reproduction) => ({ defect, reproduction })),
  );
}

/** The case that shows the defect. */
export function caseOf({ descriptor, bias, pass, data, seed }: Reproduction): ConvCase {
  return { problem: parseDescriptor(descriptor, bias).problem, pass, data, seed };
}

/**
 * Whether the defect still shows, as an entry of the record: `known-defect` when its smallest case fails, `failed` when
 * it holds, or when the expected failure does not explain its own case: these are strict. The runner expects no
 * failures.
 */
export async function checkDefect(
  runner: Runner,
  implementation: Pick<Implementation, "name" | "description">,
  defect: ExpectedFailure,
  reproduction: Reproduction,
): Promise<CheckEntry> {
  const convCase = caseOf(reproduction);
  const base = { impl: implementation.name, law: defect.id, pass: reproduction.pass, cases: 1, margin: null };
  const suspect = {
    implementation: implementation.name,
    problem: convCase.problem,
    pass: convCase.pass,
    data: convCase.data,
  };
  if (!defect.explains(suspect)) {
    return {
      ...base,
      status: "failed",
      reason: `the expected failure ${defect.id} does not explain its own reproduction`,
    };
  }
  const shown = await shownFault(runner, convCase);
  if (shown === undefined) {
    const version = implementation.description.version ?? "";
    const reason =
      `the known defect ${defect.id} does not show any more in version ${version}: ` +
      "narrow or remove its entry in suites/expected-failures";
    return { ...base, status: "failed", reason };
  }
  return {
    ...base,
    status: "known-defect",
    reason: defect.title,
    failure: {
      descriptor: reproduction.descriptor,
      seed: shown.seed,
      data: convCase.data,
      ...shown.fault.element,
      message: shown.fault.message,
      rerun: commandLine("expected-failure", [defect.id]),
    },
  };
}

/** A special case holds one kind of special value, drawn by its seed: the defect's own is looked for in this many. */
const MOST_SPECIAL_SEEDS = 64;
const REPRODUCTION_LIMIT_MS = 10_000;

async function shownFault(
  runner: Runner,
  convCase: ConvCase,
): Promise<{ readonly seed: number; readonly fault: Fault } | undefined> {
  const seeds = convCase.data === "special" ? MOST_SPECIAL_SEEDS : 1;
  for (let seed = convCase.seed; seed < convCase.seed + seeds; seed++) {
    const outcome = await check(runner, agreement, { ...convCase, seed }, { limitMs: REPRODUCTION_LIMIT_MS });
    const counterexample = counterexampleOf(outcome);
    if (counterexample !== undefined) return { seed, fault: faultOf(counterexample) };
  }
  return undefined;
}
