/** Parsers of single values that come from an implementation's process: nothing that it says is believed. */
import { plainText } from "../../core/plain-text.ts";

/** What is wrong with a value: which field, what it is, and what would be right. */
export interface WrongValue {
  readonly wrong: string;
}

/** Ends the parsing of a message from deep inside. Thrown by parsers alone, and caught by `parse` alone. */
class Wrong extends Error {
  override readonly name = "Wrong";
}

/** Takes a value as what it should be; `field` is its place in the message. */
export type Parser<T> = (value: unknown, field: string) => T;

/** The value by a parser, or what is wrong with it. */
export function parse<T>(parser: Parser<T>, value: unknown, field: string): { readonly value: T } | WrongValue {
  try {
    return { value: parser(value, field) };
  } catch (error) {
    if (error instanceof Wrong) return { wrong: error.message };
    throw error;
  }
}

/** Text is cut at so many characters where it is not an error's. */
const LONGEST_TEXT = 300;

export function wrong(field: string, value: unknown, expected: string): never {
  throw new Wrong(`${field} is ${shown(value)}; ${expected} was expected`);
}

function shown(value: unknown): string {
  switch (typeof value) {
    case "string":
      return JSON.stringify(cut(plainText(value.slice(0, LONGEST_TEXT)), 40));
    case "object":
      return value === null ? "null" : Array.isArray(value) ? `a list of ${value.length}` : "an object";
    case "undefined":
      return "missing";
    default:
      return String(value);
  }
}

function cut(text: string, most: number): string {
  return text.length > most ? `${text.slice(0, most)}…` : text;
}

/** A finite number that is not negative: a time, a size. */
export const amount: Parser<number> = (value, field) =>
  typeof value === "number" && value >= 0 && value < Infinity
    ? value
    : wrong(field, value, "a finite number that is not negative");

export function count(least = 0, most = Number.MAX_SAFE_INTEGER): Parser<number> {
  return (value, field) =>
    typeof value === "number" && Number.isSafeInteger(value) && value >= least && value <= most
      ? value
      : wrong(field, value, `a whole number from ${least} to ${most}`);
}

export const boolean: Parser<boolean> = (value, field) =>
  typeof value === "boolean" ? value : wrong(field, value, "true or false");

/** One line that is safe to print, cut where it is long. */
export const text: Parser<string> = (value, field) =>
  typeof value === "string"
    ? cut(plainText(value.slice(0, 4 * LONGEST_TEXT)), LONGEST_TEXT)
    : wrong(field, value, "text");

/** Text as it is, cut where it is long: reports clean it. */
export function longText(most: number): Parser<string> {
  return (value, field) => (typeof value === "string" ? cut(value, most) : wrong(field, value, "text"));
}

export function oneOf<const T extends string>(choices: readonly T[]): Parser<T> {
  return (value, field) =>
    choices.find((choice) => choice === value) ?? wrong(field, value, `one of ${choices.join(", ")}`);
}

export function orNull<T>(parser: Parser<T>): Parser<T | null> {
  return (value, field) => (value === null ? null : parser(value, field));
}

/** The items of a list, whatever they are. */
export const itemsOf: Parser<readonly unknown[]> = (value, field) =>
  Array.isArray(value) ? value : wrong(field, value, "a list");

/** A list of at most `most`. */
export function list<T>(parser: Parser<T>, most: number): Parser<readonly T[]> {
  return (value, field) => {
    const items = itemsOf(value, field);
    if (items.length > most) return wrong(field, value, `a list of at most ${most}`);
    return items.map((item, index) => parser(item, `${field}[${index}]`));
  };
}

type ParserOf = Readonly<Record<string, Parser<unknown>>>;
type Parsed<Fields extends ParserOf> = { readonly [Name in keyof Fields]: ReturnType<Fields[Name]> };

/** An object with these fields; others are left behind. */
export function fields<Fields extends ParserOf>(parsers: Fields): Parser<Parsed<Fields>> {
  return (value, field) => {
    if (typeof value !== "object" || value === null) return wrong(field, value, "an object");
    const parsed = Object.entries(parsers).map(([name, parser]) => [name, parser(Reflect.get(value, name), name)]);
    // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- field by field what its parser gave
    return Object.fromEntries(parsed) as Parsed<Fields>;
  };
}

/** The fields of an object that are there, by the parser of each. */
export function present<Fields extends ParserOf>(parsers: Fields): Parser<Partial<Parsed<Fields>>> {
  return (value, field) => {
    if (typeof value !== "object" || value === null) return wrong(field, value, "an object");
    const parsed = Object.entries(parsers).flatMap(([name, parser]) => {
      const item: unknown = Reflect.get(value, name);
      return item === undefined ? [] : [[name, parser(item, name)]];
    });
    // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- field by field what its parser gave
    return Object.fromEntries(parsed) as Partial<Parsed<Fields>>;
  };
}
