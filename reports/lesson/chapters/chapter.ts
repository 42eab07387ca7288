import type { Example } from "../../../suites/lectures/example.ts";

/** A chapter's page: prose in HTML with formulas between dollar signs, and figures as custom elements. */
export interface Chapter {
  /** What one learns, a sentence. */
  readonly lead: string;
  /** The worked examples that it shows; their slides and tests are named on the page. */
  readonly examples: readonly Example[];
  /** Other tests that hold what it shows. */
  readonly tests: readonly string[];
  readonly body: string;
}
