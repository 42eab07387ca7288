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

/** What a number may be, and why, where that is not plain. */
interface Range {
  readonly min: number;
  readonly max: number;
  readonly integer: boolean;
  readonly why?: string;
}

type OptionSpecs = Readonly<Record<string, OptionSpec>>;

/** What a command is called with. Every command has `--help` too. */
export interface Command {
  /** How it is called and what it does: the head of its help. */
  readonly usage: string;
  readonly options: OptionSpecs;
  /** Its options under headings, for the help; what is in none comes last. */
  readonly groups?: Readonly<Record<string, readonly string[]>>;
  /** Calls of it, and what each does. */
  readonly examples?: readonly (readonly [call: string, what: string])[];
  /** Whether it takes words that are no options, such as the paths of records. */
  readonly takesWords?: boolean;
  /** Whether `benchconv.config.ts` may set its options. */
  readonly isConfigured?: boolean;
  /** Options that are commands of their own now, and how these are called. */
  readonly moved?: Readonly<Record<string, string>>;
}

const HELP: OptionSpec = { help: "this text" };

/** Options as they were typed: the value of each, or true for a switch. */
export class ParsedOptions {
  readonly #values: ReadonlyMap<string, string | true>;
  readonly #typed: ReadonlySet<string>;
  /** What is no option. */
  readonly words: readonly string[];

  constructor(
    values: ReadonlyMap<string, string | true>,
    words: readonly string[],
    typed: ReadonlySet<string> = new Set(values.keys()),
  ) {
    this.#values = values;
    this.#typed = typed;
    this.words = words;
  }

  /** With these values too, where the command has such an option and it was not typed. */
  over(defaults: ReadonlyMap<string, string>, known: ReadonlySet<string>): ParsedOptions {
    const more = [...defaults].filter(([name]) => known.has(name));
    return new ParsedOptions(new Map([...more, ...this.#values]), this.words, this.#typed);
  }

  /** Whether it stands in the call: what a configuration says may do nothing in some calls. */
  isTyped(name: string): boolean {
    return this.#typed.has(name);
  }

  has(name: string): boolean {
    return this.#values.has(name);
  }

  text(name: string): string | undefined {
    const value = this.#values.get(name);
    return typeof value === "string" ? value : undefined;
  }

  /** The parts between the commas; none where it was left out. @throws UsageError where there are only commas. */
  list(name: string): readonly string[] {
    const text = this.text(name);
    if (text === undefined) return [];
    const parts = listed(text);
    if (parts.length === 0) throw new UsageError(`--${name} "${plainText(text)}" names nothing`);
    return parts;
  }

  /** @throws UsageError unless the value is a number in the range. */
  number(name: string, range: Range): number | undefined {
    const text = this.text(name);
    return text === undefined ? undefined : numberIn(name, text, range);
  }

  /** Several integers with commas, each once. @throws UsageError unless all are in the range. */
  integers(name: string, range: Omit<Range, "integer">): readonly number[] | undefined {
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

/** The parts between the commas of a text, without empty ones. */
export function listed(text: string): readonly string[] {
  return text
    .split(",")
    .map((part) => part.trim())
    .filter((part) => part !== "");
}

function numberIn(name: string, text: string, range: Range): number {
  const value = text.trim() === "" ? NaN : Number(text);
  if (!(value >= range.min && value <= range.max) || (range.integer && !Number.isInteger(value))) {
    const kind = range.integer ? "an integer" : "a number";
    const because = range.why === undefined ? "" : ` (${range.why})`;
    throw new UsageError(
      `--${name} must be ${kind} from ${range.min} to ${range.max}${because}, got "${plainText(text)}"`,
    );
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

/** @throws UsageError for an option that does nothing without one of its partners, and is given alone. */
export function refuseAlone(parsed: ParsedOptions, option: string, partners: readonly string[]): void {
  if (parsed.isTyped(option) && !partners.some((partner) => parsed.has(partner)))
    throw new UsageError(`--${option} goes with ${partners.map((partner) => `--${partner}`).join(" or ")}`);
}

/** @throws UsageError for an option that is given beside one that makes it do nothing. */
export function refuseBeside(parsed: ParsedOptions, mode: string, idle: readonly string[]): void {
  const found = parsed.has(mode) ? idle.find((name) => parsed.isTyped(name)) : undefined;
  if (found !== undefined) throw new UsageError(`--${found} does nothing with --${mode}`);
}

/** @throws UsageError for an unknown option (with near names), a missing value, or a word where none is taken. */
export function parseOptions(
  { options: own, takesWords = false, moved = {} }: Omit<Command, "usage">,
  args: readonly string[],
): ParsedOptions {
  const specs = new Map(Object.entries({ ...own, help: HELP }));
  const options: NonNullable<ParseArgsConfig["options"]> = Object.fromEntries(
    [...specs].map(([name, { value }]) => [name, { type: value === undefined ? "boolean" : "string" }] as const),
  );
  const { tokens, positionals } = parseArgs({
    args: args.map((argument) => (argument === "-h" ? "--help" : argument)),
    options,
    strict: false,
    allowPositionals: true,
    tokens: true,
  });
  const values = new Map<string, string | true>();
  for (const token of tokens) {
    if (token.kind !== "option") continue;
    const spec = specs.get(token.name);
    if (spec === undefined) throw unknownOption(token, [...specs.keys()], moved);
    if (spec.value === undefined) {
      if (token.value !== undefined)
        throw new UsageError(`--${token.name} takes no value, got "${plainText(token.value)}"`);
      values.set(token.name, true);
    } else {
      // Where the value is missing, parseArgs takes the next option; a shell's unset variable leaves an empty value.
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
  if (!takesWords && positionals.length > 0) {
    throw new UsageError(`"${plainText(positionals[0] ?? "")}" is not an option; --help lists the options`);
  }
  return new ParsedOptions(values, positionals);
}

function unknownOption(
  { name, rawName }: { readonly name: string; readonly rawName: string },
  known: readonly string[],
  moved: Readonly<Record<string, string>>,
): UsageError {
  const command = Object.hasOwn(moved, name) ? moved[name] : undefined;
  if (command !== undefined) return new UsageError(`--${name} is a command of its own now: ${command}`);
  const near = nearNames(name, known);
  const hint =
    near.length > 0 ? `did you mean ${near.map((one) => `--${one}`).join(" or ")}?` : "--help lists the options";
  return new UsageError(`there is no option ${plainText(rawName)}; ${hint}`);
}

/** The help of a command, one option a line: its options in groups, and examples. */
export function helpText({ usage, options, groups = {}, examples = [] }: Command): string {
  const rows = Object.entries({ ...options, help: HELP }).map(
    ([name, spec]) => [name, `--${name}${spec.value === undefined ? "" : ` ${spec.value}`}`, spec.help] as const,
  );
  const width = Math.max(...rows.map(([, left]) => left.length)) + 2;
  const linesOf = (isWanted: (name: string) => boolean): string =>
    rows.flatMap(([name, left, right]) => (isWanted(name) ? [`  ${left.padEnd(width)}${right}\n`] : [])).join("");
  const grouped = Object.values(groups).flat();
  const sections = [
    ...Object.entries(groups).map(([heading, names]) => `${heading}\n${linesOf((name) => names.includes(name))}`),
    `${grouped.length === 0 ? "" : "More\n"}${linesOf((name) => !grouped.includes(name))}`,
    ...(examples.length === 0
      ? []
      : [`Examples\n${examples.map(([call, what]) => `  ${call}\n      ${what}\n`).join("")}`]),
  ];
  return `${usage}\n\n${sections.join("\n")}`;
}
