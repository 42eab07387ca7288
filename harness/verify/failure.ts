import { printDescriptor } from "../../core/descriptor.ts";
import type { Fault } from "../check/convolution-check.ts";
import type { Failure } from "../../core/record.ts";
import { rerunCommand, searchCommand } from "./rerun.ts";
import type { ConvCase } from "../../suites/laws/law.ts";
import { placesOf, type Evidence } from "./evidence.ts";
import type { ImplementationFailure } from "./session.ts";

/** A case that broke a law, and how. */
export interface Counterexample {
  readonly convCase: ConvCase;
  readonly status: "failed" | ImplementationFailure["status"];
  readonly fault: Fault;
}

/** A counterexample as the record tells it. */
export function failureOf(
  { convCase, fault }: Counterexample,
  context: {
    /** How the user names the implementation. */
    readonly selector: string;
    readonly law: string;
    readonly threads: number;
    readonly evidence: Evidence | undefined;
    readonly foundAfter: { readonly cases: number; readonly ms: number } | undefined;
    /** The seed of the search, where the case alone does not break the law and the search must be done again. */
    readonly searchedFrom: number | undefined;
  },
): Failure {
  const { selector, law, threads, evidence, foundAfter, searchedFrom } = context;
  const descriptor = printDescriptor(convCase.problem);
  const elementOf = fault.problem === undefined ? descriptor : printDescriptor(fault.problem);
  const message = [
    fault.message,
    ...(elementOf === descriptor ? [] : [`the element is of ${elementOf}, which the law makes of the problem`]),
    ...(searchedFrom === undefined
      ? []
      : ["alone in a new process it holds, so it depends on earlier calls or on chance"]),
  ].join("; ");
  return {
    descriptor,
    seed: convCase.seed,
    data: convCase.data,
    ...fault.element,
    message,
    ...(evidence === undefined ? {} : placesOf(evidence)),
    ...(foundAfter === undefined ? {} : { foundAfterCases: foundAfter.cases, foundAfterMs: Math.round(foundAfter.ms) }),
    rerun:
      searchedFrom === undefined
        ? rerunCommand(selector, law, convCase, threads)
        : searchCommand(selector, law, convCase.pass, searchedFrom, threads),
  };
}
