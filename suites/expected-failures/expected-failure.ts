import type { DataKind } from "../data/operands.ts";
import type { ConvProblem, Pass } from "../../core/problem.ts";

/** What is asked of an entry: does it explain a failure of this implementation on this? */
export interface Suspect {
  readonly implementation: string;
  readonly problem: ConvProblem;
  readonly pass: Pass;
  readonly data: DataKind;
}

/** The smallest case that shows a defect, and what came out of it. */
export interface Reproduction {
  readonly pass: Pass;
  /** benchdnn syntax. */
  readonly descriptor: string;
  readonly bias: boolean;
  readonly data: DataKind;
  /** With special data the first seed that is tried: which kind of special value a case holds depends on it. */
  readonly seed: number;
  /** In words, with the values: one element, or the error. */
  readonly got: string;
  readonly expected: string;
}

/**
 * A defect of a released package that verify found. Failures that it explains do not fail a run; it is strict: when it no longer shows in a version that it names, the run fails.
 */
export interface ExpectedFailure {
  /** kebab-case, unique. */
  readonly id: string;
  /** One sentence: what is wrong, and when. */
  readonly title: string;
  /** The npm package in which it shows. */
  readonly packageName: string;
  /** Versions of the package, exact or the beginning of one that ends in a dot: "4.22.0", "4.22.". */
  readonly versions: readonly string[];
  /** `process.platform`-`process.arch`, where it shows on some machines only. */
  readonly platforms?: readonly string[];
  /** What the script needs besides the package: a WebGPU adapter. */
  readonly needs?: "webgpu";
  /** Which implementations show it, and in which passes; the reproduction of each of those passes shows it in each. */
  readonly implementations: Readonly<Record<string, readonly Pass[]>>;
  /** Whether the case meets the defect, as narrow as the evidence allows. Asked of these implementations and passes only. */
  explains(suspect: Suspect): boolean;
  readonly reproductions: readonly Reproduction[];
  readonly cause: string;
  /** The source file at fault. */
  readonly link: string;
  /** An issue upstream that tells of it. */
  readonly issue?: string;
  /** A Node.js ES module that needs the package alone, prints what comes out beside what should, and exits with 1 where the defect shows. */
  readonly script: string;
}
