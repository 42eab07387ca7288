import type { Implementation } from "../runner/discovery.ts";
import type { Pass } from "../../core/problem.ts";
import type { CheckEntry, Status } from "../../core/record.ts";
import { UsageError } from "../../core/usage-error.ts";
import { agreement } from "../../suites/laws/agreement.ts";
import { conclude, interimEntry, type Conclusion } from "./conclusion.ts";
import { evidenceFolder, writeEvidence } from "./evidence.ts";
import type { VerifyOptions } from "./options.ts";
import type { RegressionCorpus } from "./regression-corpus.ts";
import type { LawAndPass } from "./schedule.ts";
import { SHRINK_MS } from "./search.ts";
import type { Searches } from "./searches.ts";

/** A failure after the first is made smaller while there is time, but within these limits. */
const LATER_SHRINK_MS = { least: 200, most: 10_000 };

const OUT_OF_TIME = "not tested in time; raise --time";

/** What the verdicts of one implementation are made of. */
interface About {
  readonly implementation: Implementation;
  readonly options: VerifyOptions;
  readonly searches: Searches;
  readonly corpus: RegressionCorpus | undefined;
  /** Of its time, as `performance.now()` has it. */
  readonly deadline: number;
  readonly onWarning: (warning: string) => void;
}

/** The entries of one implementation, one for each law and pass, and what an entry means for those that follow. */
export class Verdicts {
  readonly #about: About;
  #hasFailed = false;
  /** The first failure of each is told with its cause. */
  readonly #failedPasses = new Set<Pass>();
  #hung: string | undefined;
  #isForwardWrong = false;

  constructor(about: About) {
    this.#about = about;
  }

  /** Why a law and pass is not searched: at all, or any more. */
  refusal(pair: LawAndPass): CheckEntry | undefined {
    const { law, pass } = pair;
    const { types = ["f32"] } = this.#about.implementation.description;
    const { type = "f32" } = this.#about.options;
    if (!types.includes(type))
      return this.#unchecked(pair, "unsupported", `it has no ${type}; its types are ${types.join(", ")}`);
    if (!this.#about.implementation.description.passes.includes(pass))
      return this.#unchecked(pair, "unsupported", `it has no ${pass}`);
    if (law.usesForward && pass !== "forward" && this.#isForwardWrong)
      return this.#unchecked(pair, "unsupported", "not checked: it compares with its forward, which is wrong");
    const { searches } = this.#about;
    // What agreement has tried tells something of its own.
    const isUntold = law !== agreement || (searches.begun(pair)?.findings.tally.tries ?? 0) === 0;
    if (searches.isPastItsEnd && isUntold) return this.#unchecked(pair, "unsupported", OUT_OF_TIME);
    return this.#hung === undefined || law === agreement ? undefined : this.#unchecked(pair, "mistrusted", this.#hung);
  }

  /** The entry of a law, other than agreement, that the time did not come to. */
  outOfTime(pair: LawAndPass): CheckEntry | undefined {
    return pair.law === agreement ? undefined : this.#unchecked(pair, "unsupported", OUT_OF_TIME);
  }

  #unchecked({ law, pass }: LawAndPass, status: Status, reason: string): CheckEntry {
    const { implementation, options } = this.#about;
    const { type = "f32" } = options;
    const named = { ...(type !== "f32" && { type }), ...(options.post && { post: options.post.join(",") }) };
    return { impl: implementation.name, law: law.name, pass, ...named, cases: 0, margin: null, status, reason };
  }

  /** How long the next counterexample may be made smaller, where its search has this much time. */
  shrinkMs(budgetMs: number): number {
    if (!this.#hasFailed) return SHRINK_MS;
    return Math.min(LATER_SHRINK_MS.most, Math.max(LATER_SHRINK_MS.least, budgetMs));
  }

  /** The entry of a search that is over; keeps its counterexample for the next run. */
  async conclude(pair: LawAndPass): Promise<CheckEntry> {
    const { searches, options, corpus, implementation, deadline, onWarning } = this.#about;
    const { law, pass } = pair;
    const { subject, findings, holding } = await searches.begin(pair);
    const conclusion = await conclude(subject, findings, this.#failedPasses.has(pass) ? 0 : options.causeMs);
    const { entry } = conclusion;
    this.#hasFailed ||= isFailure(entry);
    if (isFailure(entry)) this.#failedPasses.add(pass);
    this.#isForwardWrong ||= isFailure(entry) && law === agreement && pass === "forward";
    if (entry.status === "timed-out") this.#hung ??= `not checked: it had hung in ${pass}, law ${law.name}`;
    // Each crash costs a new process: they do not go on for longer than the implementation's time.
    if (entry.status === "crashed" && performance.now() > deadline)
      this.#hung ??= `not checked: its time was up when it had crashed in ${pass}, law ${law.name}`;
    try {
      writeNpy(implementation, options, conclusion);
      corpus?.update(law.name, holding, conclusion.brokenCase);
    } catch (error) {
      // A file that cannot be written does not cost the verdicts.
      if (!(error instanceof UsageError)) throw error;
      onWarning(error.message);
    }
    return entry;
  }

  /** What a run had checked by now, of these searches, if it ended here. */
  interim(pairs: readonly LawAndPass[]): readonly CheckEntry[] {
    const begun = pairs.flatMap((pair) => this.#about.searches.begun(pair) ?? []);
    return begun
      .filter(({ findings }) => findings.tally.cases > 0)
      .map(({ subject, findings }) => interimEntry(subject, findings, true));
  }
}

/** Whether an entry is the implementation's fault. */
export function isFailure({ status, failure }: CheckEntry): boolean {
  return failure !== undefined && status !== "known-defect";
}

function writeNpy({ name }: Implementation, { npyFolder }: VerifyOptions, { entry, evidence }: Conclusion): void {
  if (npyFolder === undefined || evidence === undefined) return;
  writeEvidence(evidenceFolder(npyFolder, name, entry.law, entry.pass), evidence, entry.failure?.rerun ?? "");
}
