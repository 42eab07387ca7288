import { fileURLToPath } from "node:url";
import picomatch from "picomatch";
import { parseDescriptor } from "../../../../core/descriptor.ts";
import type { Ceilings, TimingEntry, TimingFlag } from "../../../../core/record.ts";
import { PLAIN, TIMING_MUTANTS, type TimingMutant } from "../../../../suites/mutants/timing/index.ts";
import type { Layer } from "../../../../suites/suite.ts";
import { findImplementations } from "../../../runner/discovery.ts";
import { runRounds } from "../rounds.ts";
import type { RunShape } from "../run-shape.ts";

const CATALOGUE = fileURLToPath(new URL("../../../../suites/mutants/timing/index.ts", import.meta.url));

/** Calls of microseconds, many to a sample, one to a sample, and calls of which each is a sample and a batch has two. */
export const CATALOGUE_LAYERS: readonly Layer[] = [
  'mb1ic4ih8oc8kh3_n"tiny"',
  'mb1ic8ih12oc16kh3_n"short"',
  'mb1ic16ih24oc16kh3_n"middling"',
  'mb1ic64ih38oc64kh3_n"long"',
].map((text): Layer => {
  const { problem } = parseDescriptor(text);
  return { kind: "convolution", name: problem.name ?? text, problem, multiplicity: 1 };
});

/** Two cells of which the noise alone differs are further apart only by chance. */
export const CATALOGUE_SHAPE: RunShape = { cellMs: 450, leastRounds: 3, mostRounds: 3, repetitions: 1 };

/** Honest ones that do nothing but the work: the shortest of their times is what it takes. */
const YARDSTICKS: readonly string[] = [PLAIN, "plain-function", "asynchronous"];

/** What says that a time is not simply that of the work. */
const TELLING: readonly TimingFlag["kind"][] = [
  "fresh-call",
  "extra-threads",
  "other-process",
  "device-clock",
  "wide-data",
];
/** A time below this share of the shortest honest one's is a gain: a machine that is disturbed only lengthens times. */
const GAIN = 0.8;

/**
 * What became of an implementation of the catalogue. `caught`: it has no time, or its time says what it is of.
 * `no-gain`: its time is as long as an honest one's. `survived`: on some layer it has a shorter one, and
 * nothing is said of it. `accused`: an honest one that has no time, or of whose time something is said.
 */
export type CatalogueVerdict = "caught" | "no-gain" | "survived" | "honest" | "accused";

export interface CatalogueResult {
  readonly name: string;
  readonly description: string;
  readonly seed: number;
  readonly verdict: CatalogueVerdict;
  /** For each layer what was seen, in a few words. */
  readonly seen: readonly string[];
}

export interface CatalogueOptions {
  /** Names or globs; all when there are none. */
  readonly names: readonly string[];
  readonly seeds: readonly number[];
  readonly layers?: readonly Layer[];
  readonly shape?: RunShape;
  readonly ceilings: readonly Ceilings[];
  readonly onCell?: (name: string, done: number, total: number) => void;
}

/** The implementations of the catalogue that have one of these names. */
export function chosenTimingMutants(names: readonly string[]): readonly TimingMutant[] {
  const isChosen = picomatch(names.length === 0 ? "*" : [...names]);
  return TIMING_MUTANTS.filter(({ impl }) => isChosen(impl.name));
}

/** Times the catalogue as `bench` does, beside plain implementations, once for each seed. */
export async function runTimingCatalogue(
  { names, seeds, layers = CATALOGUE_LAYERS, shape = CATALOGUE_SHAPE, ceilings, onCell }: CatalogueOptions,
  signal: AbortSignal,
): Promise<readonly CatalogueResult[]> {
  const chosen = chosenTimingMutants(names);
  const wanted = new Set([...YARDSTICKS, ...chosen.map(({ impl }) => impl.name)]);
  const implementations = (await findImplementations([CATALOGUE])).filter(({ name }) => wanted.has(name));
  const results: CatalogueResult[] = [];
  for (const seed of seeds) {
    const { cells } = await runRounds(
      implementations,
      {
        suite: "clock-catalogue",
        layers,
        passes: ["forward"],
        threads: [1],
        seed,
        cache: "hot",
        ...shape,
        ceilings,
        earlier: [],
      },
      { onCell: ({ implementation }, done, total) => onCell?.(implementation.name, done, total), onLayer: () => {} },
      signal,
    );
    if (signal.aborted) break;
    const timings = cells.map((cell) => cell.entry());
    results.push(...chosen.map((mutant) => resultOf(mutant, timings, seed)));
  }
  return results;
}

function resultOf({ impl, description, isHonest }: TimingMutant, timings: readonly TimingEntry[], seed: number) {
  const cells = timings.filter((entry) => entry.impl === impl.name).map((entry) => seenOf(entry, timings));
  const isTold = cells.some(({ told }) => told);
  const isGain = cells.some(({ told, ratio }) => !told && ratio < GAIN);
  const verdict: CatalogueVerdict = isHonest
    ? isTold
      ? "accused"
      : "honest"
    : isGain
      ? "survived"
      : isTold
        ? "caught"
        : "no-gain";
  return { name: impl.name, description, seed, verdict, seen: cells.map(({ text }) => text) };
}

interface Seen {
  /** It has no time, or something is said of it. */
  readonly told: boolean;
  /** Of the shortest honest time. */
  readonly ratio: number;
  readonly text: string;
}

function seenOf(entry: TimingEntry, timings: readonly TimingEntry[]): Seen {
  if (entry.status !== "passed") return { told: true, ratio: 1, text: entry.status };
  const honestMs = timings
    .filter(({ impl, layer }) => YARDSTICKS.includes(impl) && layer === entry.layer)
    .map(({ fastMs }) => fastMs ?? Infinity);
  const ratio = (entry.fastMs ?? Infinity) / Math.min(...honestMs);
  const flags = (entry.flags ?? []).flatMap(({ kind }) => (TELLING.includes(kind) ? [kind] : []));
  const text = [`${ratio.toFixed(2)} ×`, ...flags].join(" ");
  return { told: flags.length > 0, ratio, text };
}
