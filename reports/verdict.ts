import { PASSES, type Pass } from "../core/problem.ts";
import { IMPRECISE_RATIO, type CheckEntry, type RunRecord, type Status } from "../core/record.ts";

/** Worst first: what one status says of many. A law that held outranks one that does not apply. */
const SEVERITY: readonly Status[] = [
  "failed",
  "crashed",
  "timed-out",
  "mistrusted",
  "known-defect",
  "passed",
  "unsupported",
  "unavailable",
];

/** The checks of one implementation and pass as one row. */
export interface Verdict {
  readonly impl: string;
  readonly pass: Pass;
  readonly status: Status;
  readonly cases: number;
  /** The largest of the laws; null where nothing was checked. */
  readonly margin: number | null;
  /** The distinct reasons of the laws that did not pass, each with its law. */
  readonly reasons: readonly string[];
}

/** What the whole record says of one implementation. */
export interface Standing {
  readonly impl: string;
  /** `not checked`: available, but no case ran and no output was checked. */
  readonly status: Status | "not checked";
  readonly reason: string;
}

/**
 * One row per implementation and pass that has checks, implementations in the order of the record. A variant of a
 * library (a name with a colon) has no row for the passes that it is not a variant of.
 */
export function verdicts(record: RunRecord): Verdict[] {
  return [...Map.groupBy(record.checks, ({ impl }) => impl)].flatMap(([impl, own]) => {
    const rows = PASSES.flatMap((pass) => {
      const checks = own.filter((check) => check.pass === pass);
      return checks.length === 0 ? [] : [verdictOf(impl, pass, checks)];
    });
    const done = rows.filter(({ status }) => status !== "unsupported");
    return impl.includes(":") && done.length > 0 ? done : rows;
  });
}

/** A known defect of a library, and the implementations that showed it. */
export interface ExpectedFailureSummary {
  readonly id: string;
  readonly title: string;
  readonly impls: readonly string[];
  readonly rerun: string;
}

/** Every known defect that showed: its check bears the entry's id for a law and its failure. */
export function expectedFailures(record: RunRecord): ExpectedFailureSummary[] {
  const shown = record.checks.filter(({ status, failure }) => status === "known-defect" && failure !== undefined);
  return [...Map.groupBy(shown, ({ law }) => law)].map(([id, own]) => ({
    id,
    title: own[0]?.reason ?? "",
    impls: [...new Set(own.map(({ impl }) => impl))],
    rerun: own[0]?.failure?.rerun ?? "",
  }));
}

function verdictOf(impl: string, pass: Pass, checks: readonly CheckEntry[]): Verdict {
  const margins = checks.flatMap(({ margin }) => (margin === null ? [] : [margin]));
  return {
    impl,
    pass,
    status: worst(checks.map(({ status }) => status)),
    cases: checks.reduce((sum, { cases }) => sum + cases, 0),
    margin: margins.length === 0 ? null : margins.reduce(larger),
    reasons: reasonsOf(checks),
  };
}

/** A reason that several laws share is said once, with all of them. */
function reasonsOf(checks: readonly CheckEntry[]): string[] {
  const defects = checks.filter(({ status, failure }) => status === "known-defect" && failure !== undefined);
  const isWorthSaying = ({ status, roundingRatio }: CheckEntry): boolean =>
    status !== "passed" || (roundingRatio ?? 0) > IMPRECISE_RATIO;
  const withReason = checks.filter(
    (check) => isWorthSaying(check) && !defects.includes(check) && (check.reason ?? check.failure?.message),
  );
  const groups = Map.groupBy(withReason, ({ reason, failure }) => reason ?? failure?.message ?? "");
  return [
    ...defects.map(({ law }) => law),
    ...[...groups].map(([reason, own]) => (own.length === checks.length ? reason : `${lawsOf(own)}: ${reason}`)),
  ];
}

const MOST_NAMED_LAWS = 3;

function lawsOf(checks: readonly CheckEntry[]): string {
  const names = checks.map(({ law }) => law);
  return names.length <= MOST_NAMED_LAWS ? names.join(", ") : `${names.length} laws`;
}

/**
 * One per implementation of the record: the worst of its own status, its checks and its timed cells. `passed` has to be
 * earned: by a check with a case or by a time whose output was verified; an implementation's own `passed` only says
 * that it could be loaded.
 */
export function standings(record: RunRecord): Standing[] {
  return record.impls.map(({ name, status, reason }) => {
    const evidence = [
      ...record.checks.filter(({ impl, status: found, cases }) => impl === name && (found !== "passed" || cases > 0)),
      ...record.timings.filter(
        ({ impl, status: found, verified }) => impl === name && (found !== "passed" || verified),
      ),
      ...(status === "passed" ? [] : [{ status, reason }]),
    ];
    const verdict = evidence.length === 0 ? "not checked" : worst(evidence.map((entry) => entry.status));
    const first = evidence.find((entry) => entry.status === verdict && entry.reason !== undefined);
    return { impl: name, status: verdict, reason: first?.reason ?? "" };
  });
}

/** The status that speaks for many. */
function worst(statuses: readonly Status[]): Status {
  return SEVERITY.find((status) => statuses.includes(status)) ?? "unavailable";
}

/** NaN is the worst margin of all: an error that has no size. */
function larger(a: number, b: number): number {
  return Number.isNaN(a) || a >= b ? a : b;
}
