import { float32Tensors } from "../../../core/tensors.ts";
import { PASSES, type ConvProblem, type Pass } from "../../../core/problem.ts";
import type { DataKind } from "../../../suites/data/operands.ts";
import type { FilledProblem } from "../../../suites/problems/factors.ts";
import { isAffordable } from "../../../suites/problems/one-factor.ts";
import { commonBits, probeOperands, SWITCH_PROBES, type SwitchProbe } from "../../../suites/problems/switch-probes.ts";
import { attempt } from "../attempt.ts";
import { fittedCase, MOST_MULTIPLY_ADDS } from "./case-fitting.ts";
import { problemsToVary } from "./problems-to-vary.ts";
import type { CaseSource, MeasuredSource, Proposal, SourceContext } from "./source.ts";
import { switchesOf, type Sums, type Switch } from "./switch-search.ts";

/** Problems of a covering array that a switch is tried with when it is found, and those for all in the end. */
const ROWS_AT_FIRST = 12;
const ROWS_AT_LAST = 24;
const SEEDS = 2 ** 31;
/** One request of a probe. */
const PROBE_LIMIT_MS = 1_000;
const SCALES = ["powers", "neighbours"] as const;
/** A switch that was tried promises this much, beside 1 for all probes. */
const GAIN_PER_SWITCH = 1 / 16;

/**
 * Where an implementation changes its arithmetic, as far as its outputs tell: found once for all passes, by whichever
 * pass asks next.
 */
export class FoundSwitches {
  readonly found: Switch[] = [];
  readonly #probes: Generator<Proposal, void, undefined>;
  #searched = 0;
  readonly #searches: number;

  constructor(probes: readonly SwitchProbe[] = SWITCH_PROBES, passes: readonly Pass[] = PASSES) {
    this.#probes = this.#probing(probes, passes);
    this.#searches = SCALES.length * probes.length * passes.length;
  }

  /** The next probe, or a case where a probe failed; undefined where there are no more. */
  next(): Proposal | undefined {
    const next = this.#probes.next();
    return next.done === true ? undefined : next.value;
  }

  /** The part of all factors, passes and scales that were searched. */
  get progress(): number {
    return this.#searched / this.#searches;
  }

  /** First the powers of two, of all probes in all passes, then their neighbours. */
  *#probing(probes: readonly SwitchProbe[], passes: readonly Pass[]): Generator<Proposal, void, undefined> {
    for (const scale of SCALES) {
      for (const probe of probes) {
        for (const pass of passes) {
          const search = switchesOf(probe, scale, (found) => this.#keep(found));
          for (let next = search.next(); next.done !== true;)
            next = search.next(yield* digestOfSums(probe, pass, next.value));
          this.#searched++;
        }
      }
    }
  }

  #keep(found: Switch): void {
    if (!this.found.some(({ probe, at }) => probe === found.probe && at === found.at)) this.found.push(found);
  }
}

/** A digest of what the implementation gives; undefined where it gives nothing. */
function* digestOfSums(
  probe: SwitchProbe,
  pass: Pass,
  { value, real }: Sums,
): Generator<Proposal, number | undefined, undefined> {
  const problem = probe.problemOf(value);
  let digest: number | undefined;
  let hasFailed = false;
  yield {
    kind: "probe",
    convCase: { problem, pass, data: "real", seed: 0 },
    checks: 1,
    run: async (runner) => {
      const end = await attempt(runner, { limitMs: PROBE_LIMIT_MS, data: "real" }, (tools) =>
        tools.compute(problem, pass, probeOperands(probe, pass, value, real)),
      );
      if (end.kind === "done")
        digest = digestOf(commonBits(probe, pass, value, real, float32Tensors(end.value.outputs)));
      hasFailed = end.kind === "crashed" || end.kind === "timed-out" || end.kind === "mistrusted";
    },
  };
  // The checked case tells what is wrong.
  if (hasFailed) yield { kind: "check", convCase: fittedCase(problem, pass, "real", 0) };
  return digest;
}

/**
 * Cases on both sides of each switch: the probe's own problem with every kind of data, then problems of a covering
 * array with the factor set to either side. Passes that share `switches` share the probes, and what each finds is tried
 * in all of them.
 */
export function pathSwitches(context: SourceContext, switches = new FoundSwitches()): MeasuredSource {
  let tried = 0;
  const casesOf = async function* (): CaseSource {
    const sides = new Sides(context);
    const rows = problemsToVary(context, "switches");
    for (;;) {
      const next = switches.found[tried];
      if (next !== undefined) {
        tried++;
        for (const data of context.kinds)
          for (const side of [next.at, next.before]) yield* sides.check(next.probe.problemOf(side), data);
        yield* sides.inRows([next], rows, ROWS_AT_FIRST);
        continue;
      }
      const probe = switches.next();
      if (probe === undefined) break;
      yield probe;
    }
    if (switches.found.length > 0) yield* sides.inRows(switches.found, rows, ROWS_AT_LAST);
  };
  return { cases: casesOf(), progress: () => switches.progress + GAIN_PER_SWITCH * tried };
}

/** Cases on both sides of switches, each with a seed of its own. */
class Sides {
  readonly #context: SourceContext;
  #cases = 0;

  constructor(context: SourceContext) {
    this.#context = context;
  }

  /** One case, where it can be afforded. */
  *check(problem: ConvProblem, data: DataKind): Generator<Proposal, void, undefined> {
    const { pass, seed, manyThreads } = this.#context;
    if (!isAffordable(problem, MOST_MULTIPLY_ADDS)) return;
    const number = this.#cases++;
    const convCase = fittedCase(problem, pass, data, (seed + number) % SEEDS);
    // Both sides of a switch at one thread, then both at many.
    const isThreaded = manyThreads !== undefined && (number >> 1) % 2 === 1;
    yield { kind: "check", convCase: isThreaded ? { ...convCase, threads: manyThreads } : convCase };
  }

  /** The next rows with the factor of each switch at either side. */
  *inRows(
    switches: readonly Switch[],
    rows: Iterator<FilledProblem>,
    count: number,
  ): Generator<Proposal, void, undefined> {
    for (let taken = 0; taken < count;) {
      const row = rows.next();
      if (row.done === true) return;
      const { problem, data } = row.value;
      if (!this.#context.kinds.includes(data)) continue;
      taken++;
      for (const { probe, at, before } of switches) {
        const set = probe.settings[taken % probe.settings.length]!;
        for (const side of [at, before]) yield* this.check(set(problem, side), data);
      }
    }
  }
}

/** A number that differs where bits differ, but for one time in four thousand million (FNV-1a, by words). */
function digestOf(bits: Uint32Array): number {
  let hash = 0x811c9dc5;
  for (const word of bits) hash = Math.imul(hash ^ word, 0x01000193) ^ (hash >>> 15);
  return hash >>> 0;
}
