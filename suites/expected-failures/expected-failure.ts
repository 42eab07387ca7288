import type { DataKind } from "../data/operands.ts";
import type { ConvProblem, Pass } from "../../core/problem.ts";

/** A failing case, of which an entry says whether it explains it. */
export interface Suspect {
  readonly implementation: string;
  readonly problem: ConvProblem;
  readonly pass: Pass;
  readonly data: DataKind;
}

/** The smallest case that shows a defect, and its result. */
export interface Reproduction {
  readonly pass: Pass;
  /** benchdnn syntax. */
  readonly descriptor: string;
  readonly bias: boolean;
  readonly data: DataKind;
  /** With special data, the first seed that is tried: the seed decides which kind of special value a case holds. */
  readonly seed: number;
  /** In words, with the values: one element, or the error. */
  readonly got: string;
  readonly expected: string;
}

/**
 * A known defect of a released package, found by verify. A failure that it explains does not fail the run. The entry is
 * strict: where the defect no longer shows in a version that the entry names, the run fails.
 */
export interface ExpectedFailure {
  /** kebab-case, unique. */
  readonly id: string;
  /** One sentence: what is wrong, and when. */
  readonly title: string;
  /** The npm package that has the defect. */
  readonly packageName: string;
  /** Versions of the package: an exact one, "4.22.0", or the beginning of one up to a dot, "4.22.". */
  readonly versions: readonly string[];
  /** `process.platform`-`process.arch`, where only some machines show it. */
  readonly platforms?: readonly string[];
  /** What the script needs besides the package: a WebGPU adapter. */
  readonly needs?: "webgpu";
  /** The implementations that show it, each with its passes. The reproduction of a pass shows it in each of them. */
  readonly implementations: Readonly<Record<string, readonly Pass[]>>;
  /**
   * Whether the case meets the defect, as narrowly as the evidence allows. Called for these implementations and passes
   * only.
   */
  explains(suspect: Suspect): boolean;
  readonly reproductions: readonly Reproduction[];
  readonly cause: string;
  /** The source file at fault. */
  readonly link: string;
  /** An upstream issue about it. */
  readonly issue?: string;
  /**
   * A Node.js ES module that needs only the package, prints the result beside the right one, and exits with 1 if the
   * defect shows.
   */
  readonly script: string;
}
