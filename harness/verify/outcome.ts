import type { Fault, Verdict } from "../../core/verdict.ts";
import type { Computed, ConvCase } from "../../suites/laws/law.ts";

/** What the implementation did for a check: the multiply-adds of all runs, and the milliseconds that they took. */
export interface Cost {
  readonly multiplyAdds: number;
  readonly ms: number;
}

/** How the work with an implementation ended before it was done. */
export type EarlyEnd =
  /** The implementation does not do the problem; the reason is its own. */
  | { readonly kind: "unsupported"; readonly reason: string }
  /** A known defect of the implementation explains a failure on the problem: it is not run. */
  | { readonly kind: "known-defect"; readonly id: string; readonly reason: string }
  /** The implementation threw or died, hung, or somebody else answered in its place. */
  | { readonly kind: "crashed" | "timed-out" | "mistrusted"; readonly reason: string }
  /** Somebody ended the run: nobody's fault. */
  | { readonly kind: "stopped"; readonly reason: string };

/** What came of one check of one case by a law. */
export type Outcome = { readonly convCase: ConvCase } & (
  | { readonly kind: "passed"; readonly verdict: Verdict; readonly cost: Cost }
  | {
      readonly kind: "failed";
      readonly verdict: Verdict;
      readonly fault: Fault;
      readonly cost: Cost;
      /** The outputs of this very case, where it was they that differ from the reference. */
      readonly wrong?: Computed;
    }
  | (EarlyEnd & { readonly cost: Cost })
  /** The law says nothing of the case. */
  | { readonly kind: "inapplicable" }
  /** A check would cost more than the law allows. */
  | { readonly kind: "too-large"; readonly reason: string }
);

/** A case that breaks the law, and how. */
export type Counterexample = Extract<Outcome, { readonly kind: "failed" | "crashed" | "timed-out" | "mistrusted" }>;

/** The outcome where it is the implementation's fault. */
export function counterexampleOf(outcome: Outcome): Counterexample | undefined {
  switch (outcome.kind) {
    case "failed":
    case "crashed":
    case "timed-out":
    case "mistrusted":
      return outcome;
    case "passed":
    case "unsupported":
    case "known-defect":
    case "stopped":
    case "inapplicable":
    case "too-large":
      return undefined;
  }
}

/** What is wrong, in words at least. */
export function faultOf(counterexample: Counterexample): Fault {
  return counterexample.kind === "failed" ? counterexample.fault : { message: counterexample.reason };
}
