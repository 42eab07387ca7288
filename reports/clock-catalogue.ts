import { CATALOGUE_LAYERS, type CatalogueResult } from "../harness/bench/clock/self-test/catalogue.ts";
import { counted } from "./format.ts";
import { joined, layOutTable, wrap, type TextOptions } from "./text-table.ts";

/** Whether a result is as it should be: no time that is shorter than the work's without a word, nobody accused. */
export function isAsItShould({ verdict }: CatalogueResult): boolean {
  return verdict !== "survived" && verdict !== "accused";
}

const WORDS = {
  caught: "caught",
  "no-gain": "no gain",
  survived: "SURVIVED",
  honest: "not accused",
  accused: "ACCUSED",
} as const;

/** What became of each implementation of the catalogue, on each layer, then what it comes to. */
export function renderClockCatalogue(
  results: readonly CatalogueResult[],
  seconds: number,
  options: TextOptions,
): string {
  const header = ["implementation", "", ...CATALOGUE_LAYERS.map(({ name }) => name)];
  const rows = results.map(({ name, verdict, seen }) => [name, WORDS[verdict], ...seen]);
  const of = (verdict: CatalogueResult["verdict"]): number => results.filter((one) => one.verdict === verdict).length;
  const seeds = new Set(results.map(({ seed }) => seed)).size;
  const mutants = of("caught") + of("no-gain") + of("survived");
  return joined([
    ...layOutTable(
      [header, ...rows],
      header.map(() => "left"),
      options,
      "bold",
    ),
    "",
    ...wrap(
      `${of("caught")} of ${mutants} timing mutants caught, ${of("no-gain")} timed as long as an honest one, ` +
        `${of("survived")} survived; ${of("accused")} of ${of("honest") + of("accused")} honest ones accused; ` +
        `${counted(seeds, "seed")}, ${seconds.toFixed(0)} s`,
      options.columns,
    ),
    ...results
      .filter((result) => !isAsItShould(result))
      .flatMap(({ name, seed, verdict, description }) =>
        wrap(`${name}, seed ${seed}, ${verdict}: ${description}`, options.columns),
      ),
  ]);
}
