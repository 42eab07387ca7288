import type { DataKind } from "../../../suites/data/operands.ts";
import type { Pass } from "../../../core/problem.ts";
import type { ConvCase, Law } from "../../../suites/laws/law.ts";
import type { Runner } from "../runner.ts";
import type { LeftOut } from "../tally.ts";

/** What a source wants done next. */
export type Proposal =
  | {
      readonly kind: "check";
      readonly convCase: ConvCase;
      /** The name of the source, for the record. */
      readonly source?: string;
      /**
       * A large problem is left out where a request takes longer than this; a small one, without it, hangs after the
       * usual time.
       */
      readonly limitMs?: number;
      /** The case is part of a problem that is too large as it is. */
      readonly partOf?: LeftOut;
    }
  /** One run, unchecked, that shows how fast the implementation is. */
  | { readonly kind: "measure"; readonly convCase: ConvCase; readonly limitMs: number }
  /** A call for the source's own purposes, about as long as this many checks of the case, and not checked. */
  | {
      readonly kind: "probe";
      readonly convCase: ConvCase;
      readonly checks: number;
      readonly run: (runner: Runner) => Promise<void>;
    }
  /** A problem that cannot be afforded. */
  | { readonly kind: "leave-out"; readonly pass: Pass; readonly leftOut: LeftOut };

/** Cases in an order of their own, which go on where they were paused. */
export type CaseSource = AsyncGenerator<Proposal, void, undefined>;

/** The cases of a source that have no name yet, by this name. */
export async function* named(name: string, source: CaseSource): CaseSource {
  for await (const proposal of source)
    yield proposal.kind === "check" ? { ...proposal, source: proposal.source ?? name } : proposal;
}

/** A source, and how much of its goals it has reached, as a sum of fractions. */
export interface MeasuredSource {
  readonly cases: CaseSource;
  readonly progress: () => number;
}

/** What a source of cases for one law in one pass knows. */
export interface SourceContext {
  readonly law: Law;
  readonly pass: Pass;
  readonly seed: number;
  /** The kinds of data that were asked for. */
  readonly kinds: readonly DataKind[];
  /** Cases run at one thread and at this many; at the run's own where it is left out. */
  readonly manyThreads?: number | undefined;
}
