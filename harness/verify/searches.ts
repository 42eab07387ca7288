import type { Implementation } from "../runner/discovery.ts";
import { DATA_KINDS } from "../../suites/data/operands.ts";
import type { Pass } from "../../core/problem.ts";
import type { ConvCase } from "../../suites/laws/law.ts";
import type { VerifyOptions } from "./options.ts";
import { counterexampleOf, type Outcome } from "./outcome.ts";
import type { Runner } from "./runner.ts";
import type { LawAndPass } from "./schedule.ts";
import {
  advance,
  isOpen,
  noFindings,
  step,
  type AdvanceOptions,
  type Findings,
  type StepOptions,
  type Subject,
} from "./search.ts";
import { casesAsTheyAre } from "./sources/given-cases.ts";
import type { PassesAtWork } from "./sources/given-problems.ts";
import { named, type CaseSource, type Proposal, type SourceContext } from "./sources/source.ts";
import { emptyTally, expectedMs, type Tally } from "./tally.ts";

/** One search as it stands. */
export interface Search {
  readonly subject: Subject;
  readonly context: SourceContext;
  readonly findings: Findings;
  /** Failures of earlier runs that hold by now. */
  readonly holding: readonly ConvCase[];
}

/** What the searches of one implementation are about. */
interface About {
  readonly implementation: Pick<Implementation, "name" | "selector">;
  readonly runner: Runner;
  readonly options: Pick<VerifyOptions, "seed" | "data" | "manyThreads">;
  readonly startedAt: number;
  /** Failures of earlier runs. */
  readonly keptCases: (pair: LawAndPass) => readonly ConvCase[];
  readonly onCase: (what: string, cases: number) => void;
}

/**
 * The searches of one implementation, one for each law and pass. A search begins when it is first asked for, with
 * failures of earlier runs.
 */
export class Searches {
  readonly #about: About;
  readonly #searches = new Map<LawAndPass, Search>();

  constructor(about: About) {
    this.#about = about;
  }

  get isStopped(): boolean {
    return this.#about.runner.isStopped;
  }

  get isPlain(): boolean {
    return this.#about.runner.isPlain;
  }

  get isPastItsEnd(): boolean {
    return this.#about.runner.isPastItsEnd;
  }

  /** The search as it stands, undefined where it has not begun. */
  begun(pair: LawAndPass): Search | undefined {
    return this.#searches.get(pair);
  }

  async begin(pair: LawAndPass): Promise<Search> {
    const begun = this.#searches.get(pair);
    if (begun !== undefined) return begun;
    const { implementation, runner, options } = this.#about;
    const { seed, data, manyThreads } = options;
    const context: SourceContext = { ...pair, seed, kinds: data === undefined ? DATA_KINDS : [data], manyThreads };
    const subject: Subject = { implementation, runner, ...pair, seed };
    this.#searches.set(pair, { subject, context, findings: noFindings, holding: [] });
    const holding: ConvCase[] = [];
    const onOutcome = (outcome: Outcome): void => {
      if (counterexampleOf(outcome) === undefined) holding.push(outcome.convCase);
    };
    const kept = named("regression corpus", casesAsTheyAre(this.#about.keptCases(pair)));
    const { findings } = await this.advance(pair, kept, { deadline: Infinity, onOutcome });
    return this.#keep(pair, { findings, holding });
  }

  /** The search goes on with cases of a source. */
  async advance(pair: LawAndPass, source: CaseSource, options: AdvanceOptions): Promise<Search> {
    const { subject, findings } = await this.begin(pair);
    return this.#keep(pair, { findings: await advance(subject, findings, source, this.#withContext(pair, options)) });
  }

  /** The search does what a source proposes. */
  async step(pair: LawAndPass, proposal: Proposal, options: StepOptions = {}): Promise<Search> {
    const { subject, findings } = await this.begin(pair);
    return this.#keep(pair, { findings: await step(subject, findings, proposal, this.#withContext(pair, options)) });
  }

  /** Whether a search can go on: it has no counterexample, and the implementation was not stopped. */
  isOpen(pair: LawAndPass): boolean {
    const search = this.#searches.get(pair);
    return search === undefined || isOpen(search.subject, search.findings);
  }

  /** Whether a case of a search has told something. */
  hasTold(pair: LawAndPass): boolean {
    return (this.#searches.get(pair)?.findings.tally.tellingElements ?? 0) > 0;
  }

  /** What these searches, of one law, know at any time. */
  atWork(pairs: readonly LawAndPass[]): PassesAtWork {
    const searchOf = (pass: Pass): Search | undefined => {
      const pair = pairs.find((candidate) => candidate.pass === pass);
      return pair && this.#searches.get(pair);
    };
    const tallyOf = (pass: Pass): Tally => searchOf(pass)?.findings.tally ?? emptyTally;
    return {
      isOpen: (pass) => {
        const search = searchOf(pass);
        return search !== undefined && isOpen(search.subject, search.findings);
      },
      isRateKnown: (pass) => tallyOf(pass).multiplyAddsPerMs > 0,
      expectedMs: (problem, pass) => expectedMs(tallyOf(pass), problem, pass),
    };
  }

  #withContext<Options extends StepOptions>(pair: LawAndPass, options: Options): Options {
    const { startedAt, onCase } = this.#about;
    const elsewhere = [...this.#searches].filter(([other]) => other !== pair);
    const cases = elsewhere.reduce((sum, [, { findings }]) => sum + findings.tally.cases, 0);
    return {
      ...options,
      before: { startedAt, cases },
      onOutcome: (outcome, tally) => {
        onCase(`${pair.law.name} ${pair.pass}`, tally.cases);
        options.onOutcome?.(outcome, tally);
      },
    };
  }

  #keep(pair: LawAndPass, change: Partial<Pick<Search, "findings" | "holding">>): Search {
    const search = { ...this.#searches.get(pair)!, ...change };
    this.#searches.set(pair, search);
    return search;
  }
}
