import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import type { Stretch } from "./block-set.ts";

/** Extents below are drawn anyway; larger numbers of a source text are hardly extents. */
const [LEAST_CONSTANT, MOST_CONSTANT] = [3, 8192];
/** A condition stands at most this many characters before the block that it guards. */
const CONDITION_LENGTH = 120;

/** The numbers in source texts: what decides a path is often among them (the dictionary of a fuzzer). */
export class SourceConstants {
  readonly #texts = new Map<string, string>();

  /** The whole numbers that stand shortly before these blocks. */
  before(blocks: readonly Stretch[]): readonly number[] {
    return this.#numbersIn(blocks.map(({ url, start }) => ({ url, start: start - CONDITION_LENGTH, end: start })));
  }

  /** The whole numbers that stand in these blocks or shortly before or after. */
  around(blocks: readonly Stretch[]): readonly number[] {
    return this.#numbersIn(
      blocks.map(({ url, start, end }) => ({ url, start: start - CONDITION_LENGTH, end: end + CONDITION_LENGTH })),
    );
  }

  #numbersIn(stretches: readonly Stretch[]): readonly number[] {
    const numbers = stretches.flatMap(({ url, start, end }) => {
      const digits =
        this.#textOf(url)
          .slice(Math.max(0, start), end)
          .match(/\b\d[\d_]*\b/g) ?? [];
      return digits.map((text) => Number(text.replaceAll("_", "")));
    });
    return [...new Set(numbers)].filter((value) => value >= LEAST_CONSTANT && value <= MOST_CONSTANT);
  }

  #textOf(url: string): string {
    const known = this.#texts.get(url);
    if (known !== undefined) return known;
    const text = readText(url);
    this.#texts.set(url, text);
    return text;
  }
}

/** Type stripping keeps every position of a TypeScript file. */
function readText(url: string): string {
  try {
    return readFileSync(fileURLToPath(url), "utf8");
  } catch {
    return "";
  }
}
