import { randomStream, type RandomStream } from "../../../suites/data/random.ts";
import type { ConvCase } from "../../../suites/laws/law.ts";
import { pick } from "../../../suites/problems/draws.ts";
import type { FilledProblem } from "../../../suites/problems/factors.ts";
import { isAffordable, variationOf } from "../../../suites/problems/one-factor.ts";
import type { ScriptCoverage } from "../../runner/messages.ts";
import type { Explored } from "../instrumented.ts";
import { BlockSet, type Stretch } from "./block-set.ts";
import { fittedCase } from "./case-fitting.ts";
import { SourceConstants } from "./source-constants.ts";
import { problemsToVary } from "./problems-to-vary.ts";
import type { CaseSource, MeasuredSource, Proposal, SourceContext } from "./source.ts";

/** The implementation, as far as this source works with it. */
interface Instrumented {
  start(): Promise<readonly ScriptCoverage[]>;
  explore(convCase: ConvCase): Promise<Explored>;
}

/** A call that is explored has at most this many multiply-adds, one of a few more. */
const USUAL_MULTIPLY_ADDS = 2 ** 15;
const MOST_MULTIPLY_ADDS = 2 ** 18;
const CALLS_PER_LARGE = 17;
/** After this many calls that reached nothing new there is nothing more to come. */
const PATIENCE = 1_000;
/** One of this many calls that reached nothing new is checked. */
const CALLS_PER_CHECK = 16;
/** Code that counts is slow, and what it counted is long. */
const CHECKS_PER_CALL = 6;
/** Of this many calls one is of a new problem, one of a variation of such, the others vary what reached new blocks. */
const CALLS_PER_ROW = 5;
const LATEST_ROWS = 256;
const SEEDS = 2 ** 31;

/**
 * Problems that reach blocks of the plugin's own code which none before had reached, each with every kind of data, and
 * variations of these in a factor or two, as coverage-guided fuzzers have them. Ends where nothing new comes, and at
 * once where there is nothing to see: no script of its own, but a library or native code. Only `instrumented` runs code
 * that counts; whoever made it stops it.
 * Source: Zalewski, "American fuzzy lop", technical details; Böhme, Pham and Roychoudhury, "Coverage-based greybox
 * fuzzing as Markov chain", IEEE TSE 45(5), 2019.
 */
export function newBlocks(context: SourceContext, instrumented: Instrumented): MeasuredSource {
  const reached = new BlockSet();
  return { cases: casesOf(context, instrumented, reached), progress: () => reached.part };
}

async function* casesOf(context: SourceContext, instrumented: Instrumented, reached: BlockSet): CaseSource {
  reached.add(await instrumented.start());
  if (reached.isEmpty) return;
  const { pass, kinds, seed } = context;
  const draws = new Draws(context);
  for (let [call, idle] = [0, 0]; idle < PATIENCE; call++, idle++) {
    const filled = draws.next();
    if (filled === undefined || !isAffordable(filled.problem, MOST_MULTIPLY_ADDS)) continue;
    const data = kinds.includes(filled.data) ? filled.data : kinds[call % kinds.length]!;
    const convCase = fittedCase(filled.problem, pass, data, (seed + call) % SEEDS);
    const explored = yield* exploring(instrumented, convCase);
    switch (explored?.end.kind) {
      case undefined:
      case "stopped":
        return;
      case "unsupported":
      case "known-defect":
        continue;
      case "done": {
        const fresh = reached.add(explored?.scripts ?? []);
        if (fresh.length > 0) {
          idle = 0;
          const unreached = reached.unreached();
          draws.keep(filled, { fresh, unreached });
          yield* everyKind(convCase, context);
          if (unreached.length === 0) return;
        } else if (call % CALLS_PER_CHECK === 0) {
          yield { kind: "check", convCase };
        }
        break;
      }
      case "crashed":
      case "timed-out":
      case "mistrusted":
        // The checked case tells what is wrong.
        yield { kind: "check", convCase };
    }
  }
}

/** A call that counts blocks, as a proposal: whoever shares out the time counts it too. */
function* exploring(
  instrumented: Instrumented,
  convCase: ConvCase,
): Generator<Proposal, Explored | undefined, undefined> {
  let explored: Explored | undefined;
  yield {
    kind: "probe",
    convCase,
    checks: CHECKS_PER_CALL,
    run: async () => {
      explored = await instrumented.explore(convCase);
    },
  };
  return explored;
}

function* everyKind(convCase: ConvCase, { pass, kinds }: SourceContext): Generator<Proposal, void, undefined> {
  yield { kind: "check", convCase };
  for (const data of kinds) {
    if (data === convCase.data) continue;
    yield { kind: "check", convCase: fittedCase(convCase.problem, pass, data, convCase.seed) };
  }
}

/** A problem to vary. */
interface Kept {
  readonly filled: FilledProblem;
  /** The numbers around the blocks that it was the first to reach. */
  readonly constants: readonly number[];
  variations: number;
}

/** New problems, and variations of them and of those that reached new blocks. */
class Draws {
  readonly #text = new SourceConstants();
  readonly #random: RandomStream;
  readonly #rows: Iterator<FilledProblem>;
  readonly #kinds: SourceContext["kinds"];
  #latestRows: readonly FilledProblem[] = [];
  readonly #kept: Kept[] = [];
  /** The numbers before blocks that were not reached yet. */
  #constants: readonly number[] = [];
  #draws = 0;

  constructor(context: SourceContext) {
    const { seed, pass, kinds } = context;
    this.#random = randomStream("blocks", seed, pass);
    this.#rows = problemsToVary(context, "blocks");
    this.#kinds = kinds;
  }

  /** A problem that was the first to reach blocks. */
  keep(filled: FilledProblem, blocks: { readonly fresh: readonly Stretch[]; readonly unreached: readonly Stretch[] }) {
    this.#kept.push({ filled, constants: this.#text.around(blocks.fresh), variations: 0 });
    this.#constants = this.#text.before(blocks.unreached);
  }

  next(): FilledProblem | undefined {
    const place = this.#draws++ % CALLS_PER_ROW;
    if (place === 0) {
      const row = this.#rows.next();
      if (row.done === true) return undefined;
      this.#latestRows = [...this.#latestRows, row.value].slice(-LATEST_ROWS);
      return row.value;
    }
    if (place === 1 || this.#kept.length === 0) return this.#vary(pick(this.#random, this.#latestRows), []);
    const kept = this.#leastVariedOrAny();
    kept.variations++;
    return this.#vary(kept.filled, kept.constants);
  }

  #leastVariedOrAny(): Kept {
    if (this.#random.nextBelow(2) === 0) return pick(this.#random, this.#kept);
    return this.#kept.reduce((least, kept) => (kept.variations <= least.variations ? kept : least));
  }

  #vary({ problem, data }: FilledProblem, ownConstants: readonly number[]): FilledProblem | undefined {
    const random = this.#random;
    const isOwn = ownConstants.length > 0 && random.nextBelow(2) === 0;
    const constants = isOwn ? ownConstants : this.#constants;
    const most = this.#draws % CALLS_PER_LARGE === 0 ? MOST_MULTIPLY_ADDS : USUAL_MULTIPLY_ADDS;
    const varied = variationOf(problem, random, most, constants);
    return varied && { problem: varied, data: random.nextBelow(4) === 0 ? pick(random, this.#kinds) : data };
  }
}
