import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import picomatch from "picomatch";
import { nearNames } from "../../../core/near-names.ts";
import { plainText } from "../../../core/plain-text.ts";
import { UsageError } from "../../../core/usage-error.ts";
import { conjunctionMutant, printConjunction } from "../../../suites/mutants/conjunction.ts";
import { drawConjunctions } from "../../../suites/mutants/draw-conjunctions.ts";
import { CORRECT, MUTANTS } from "../../../suites/mutants/index.ts";
import { moduleUrl } from "../../../core/module-url.ts";

/** Before the number of a mutant that is drawn. */
const DRAWN = "drawn-";
const MUTANTS_URL = moduleUrl("../../../suites/mutants/index.ts", import.meta.url);
const CONJUNCTION_URL = moduleUrl("../../../suites/mutants/conjunction.ts", import.meta.url);

/** An implementation that the self-test checks. */
export interface CatalogueEntry {
  readonly name: string;
  /** Where a mutant's fault sits; `correct` for what must not be accused. */
  readonly kind: string;
  readonly description?: string;
}

/** Implementations of one plugin file. */
export interface Catalogue {
  readonly path: string;
  readonly entries: readonly CatalogueEntry[];
  dispose(): void;
}

/** The mutants and the correct implementations of suites/mutants/. */
export function wholeCatalogue(): Catalogue {
  const described = (description: string | undefined): { description?: string } =>
    description === undefined ? {} : { description };
  return {
    path: fileURLToPath(MUTANTS_URL),
    entries: [
      ...MUTANTS.map(({ name, kind, impl }) => ({ name, kind, ...described(impl.description) })),
      ...CORRECT.map(({ name }) => ({ name, kind: "correct" })),
    ],
    dispose: () => {},
  };
}

/** Mutants that are drawn now, so that nobody can have seen them; the same for the same seed. */
export function drawnCatalogue(count: number, seed: number): Catalogue {
  const drawn = drawConjunctions(seed).take(count).toArray();
  const folder = mkdtempSync(join(tmpdir(), "benchconv-mutants-"));
  const path = join(folder, "drawn.mjs");
  const text = drawn.map(printConjunction).join("\n");
  writeFileSync(
    path,
    `import { conjunctionMutant, parseConjunctions } from ${JSON.stringify(CONJUNCTION_URL)};
const conjunctions = parseConjunctions(${JSON.stringify(text)});
export default conjunctions.map((conjunction, i) => conjunctionMutant("${DRAWN}" + (i + 1), conjunction).impl);
`,
  );
  return {
    path,
    entries: drawn.map((conjunction, i) => {
      const { name, impl } = conjunctionMutant(`${DRAWN}${i + 1}`, conjunction);
      return { name, kind: "conjunction", description: impl.description ?? "" };
    }),
    dispose: () => rmSync(folder, { recursive: true, force: true }),
  };
}

/**
 * The entries of some names and kinds; of all where there are none.
 * @throws UsageError for a name or kind that none of them has: a self-test that checks nothing must not pass.
 */
export function chosenEntries(
  entries: readonly CatalogueEntry[],
  { names, kinds }: { readonly names: readonly string[]; readonly kinds: readonly string[] },
): readonly CatalogueEntry[] {
  refuseUnknown("kind", kinds, [...new Set(entries.map(({ kind }) => kind))]);
  const ofKind = entries.filter(({ kind }) => kinds.length === 0 || kinds.includes(kind));
  refuseUnknown(
    "implementation",
    names,
    ofKind.map(({ name }) => name),
  );
  const isChosen = picomatch(names.length === 0 ? "*" : [...names]);
  return ofKind.filter(({ name }) => isChosen(name));
}

function refuseUnknown(what: string, wanted: readonly string[], known: readonly string[]): void {
  for (const name of wanted) {
    const matches = picomatch(name);
    if (known.some((candidate) => matches(candidate))) continue;
    const near = nearNames(name, known);
    const hint = near.length > 0 ? `did you mean ${near.join(" or ")}?` : "suites/mutants/ has them all";
    throw new UsageError(`the self-test has no ${what} "${plainText(name)}"; ${hint}`);
  }
}
