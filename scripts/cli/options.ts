import { parseArgs, type ParseArgsConfig } from "node:util";
import { nearNames } from "../../core/near-names.ts";
import { plainText } from "../../core/plain-text.ts";
import { PASSES, type Pass } from "../../core/problem.ts";
import { UsageError } from "../../core/usage-error.ts";

/** How an option is written, its value's name in the help (none for a switch), and what it does. */
export interface OptionSpec {
  readonly value?: string;
  readonly help: string;
}

/** Options as they were typed: the value of each, or true for a switch. */
export class ParsedOptions {
  readonly #values: ReadonlyMap<string, string | true>;
  readonly positionals: readonly string[];

  constructor(values: ReadonlyMap<string, string | true>, positionals: readonly string[]) {
    this.#values = values;
    this.positionals = positionals;
  }

  has(name: string): boolean {
    return this.#values.has(name);
  }

  text(name: string): string | undefined {
    const value = this.#values.get(name);
    return typeof value === "string" ? value : undefined;
  }

  /** What stands between the commas; nothing where the option was left out. @throws UsageError where there are only commas. */
  list(name: string): readonly string[] {
    const text = this.text(name);
    if (text === undefined) return [];
    const parts = text
      .split(",")
      .map((part) => part.trim())
      .filter((part) => part !== "");
    if (parts.length === 0) throw new UsageError(`--${name} "${plainText(text)}" names nothing`);
    return parts;
  }

  /** @throws UsageError unless the value is a number in the range. */
  number(
    name: string,
    range: { readonly min: number; readonly max: number; readonly integer: boolean },
  ): number | undefined {
    const text = this.text(name);
    return text === undefined ? undefined : numberIn(name, text, range);
  }

  /** Several integers with commas, each once. @throws UsageError unless all are in the range. */
  integers(name: string, range: { readonly min: number; readonly max: number }): readonly number[] | undefined {
    const text = this.text(name);
    if (text === undefined) return undefined;
    return [...new Set(text.split(",").map((part) => numberIn(name, part, { ...range, integer: true })))];
  }

  /** The passes of `--pass`, all when it is left out. */
  passes(fallback: readonly Pass[] = PASSES): readonly Pass[] {
    const names = this.list("pass");
    if (names.length === 0) return fallback;
    return [...new Set(names.map((name) => oneOf("pass", name, PASSES)))];
  }
}

function numberIn(
  name: string,
  text: string,
  range: { readonly min: number; readonly max: number; readonly integer: boolean },
): number {
  const value = text.trim() === "" ? NaN : Number(text);
  if (!(value >= range.min && value <= range.max) || (range.integer && !Number.isInteger(value))) {
    const kind = range.integer ? "an integer" : "a number";
    throw new UsageError(`--${name} must be ${kind} from ${range.min} to ${range.max}, got "${plainText(text)}"`);
  }
  return value;
}

/** @throws UsageError, with near names, unless `value` is one of `known`. */
export function oneOf<T extends string>(what: string, value: string, known: readonly T[]): T {
  const found = known.find((name) => name === value);
  if (found !== undefined) return found;
  const near = nearNames(value, known);
  const hint = near.length > 0 ? `did you mean ${near.join(" or ")}?` : `known: ${known.join(", ")}`;
  throw new UsageError(`there is no ${what} "${plainText(value)}"; ${hint}`);
}

/** @throws UsageError for an unknown option (with near names), a missing value, or a positional where none is taken. */
export function parseOptions(
  specs: Readonly<Record<string, OptionSpec>>,
  args: readonly string[],
  takesPositionals = false,
): ParsedOptions {
  const options: NonNullable<ParseArgsConfig["options"]> = Object.fromEntries(
    Object.entries(specs).map(
      ([name, spec]) => [name, { type: spec.value === undefined ? "boolean" : "string" }] as const,
    ),
  );
  const { tokens, positionals } = parseArgs({
    args: [...args],
    options,
    strict: false,
    allowPositionals: true,
    tokens: true,
  });
  const values = new Map<string, string | true>();
  for (const token of tokens) {
    if (token.kind !== "option") continue;
    const spec = specs[token.name];
    if (spec === undefined) {
      const near = nearNames(token.name, Object.keys(specs));
      const hint =
        near.length > 0 ? `did you mean ${near.map((name) => `--${name}`).join(" or ")}?` : "--help lists the options";
      throw new UsageError(`there is no option ${plainText(token.rawName)}; ${hint}`);
    }
    if (spec.value === undefined) {
      if (token.value !== undefined)
        throw new UsageError(`--${token.name} takes no value, got "${plainText(token.value)}"`);
      values.set(token.name, true);
    } else {
      // parseArgs takes a following option for the value where the value is missing; a shell's unset variable leaves an empty one.
      if (!token.value?.trim() || (!token.inlineValue && /^--\w/.test(token.value))) {
        throw new UsageError(`--${token.name} needs a value: --${token.name} ${spec.value}`);
      }
      const given = values.get(token.name);
      if (given !== undefined && given !== token.value) {
        const both = `"${plainText(String(given))}" and "${plainText(token.value)}"`;
        throw new UsageError(
          `--${token.name} is given twice, ${both}; it is taken once: --${token.name} ${spec.value}`,
        );
      }
      values.set(token.name, token.value);
    }
  }
  if (!takesPositionals && positionals.length > 0) {
    throw new UsageError(`"${plainText(positionals[0] ?? "")}" is not an option; --help lists the options`);
  }
  return new ParsedOptions(values, positionals);
}

/** The help of a command, one option a line. */
export function helpText(usage: string, specs: Readonly<Record<string, OptionSpec>>): string {
  const rows = Object.entries(specs).map(
    ([name, spec]) => [`--${name}${spec.value === undefined ? "" : ` ${spec.value}`}`, spec.help] as const,
  );
  const width = Math.max(...rows.map(([left]) => left.length)) + 2;
  return `${usage}\n\n${rows.map(([left, right]) => `  ${left.padEnd(width)}${right}`).join("\n")}\n`;
}
