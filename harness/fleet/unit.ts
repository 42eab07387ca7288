/** A unit: the smallest piece of work that is handed out, done once, and never split. */
import { createHash } from "node:crypto";
import { PASSES, type Pass } from "../../core/problem.ts";
import { amount, count, fields, list, oneOf, present, wrong, type Parser } from "../runner/parsing.ts";

/** A plugin file among those that were submitted, by the hash of each. */
export interface SubmittedFiles {
  readonly entry: string;
  readonly files: readonly { readonly path: string; readonly hash: string }[];
}

/** An implementation that comes with benchconv, by its name, or a plugin that was submitted. */
export type PluginSource =
  { readonly kind: "own"; readonly name: string } | (SubmittedFiles & { readonly kind: "files" });

interface Common {
  readonly version: string;
  /** What a worker that does it must be. */
  readonly label: string;
  readonly seed: number;
}

/** One law of one pass of one plugin, a number of cases and never a time. */
export interface VerifyUnit extends Common {
  readonly kind: "verify";
  readonly plugin: PluginSource;
  readonly pass: Pass;
  readonly law: string;
  readonly cases: number;
}

/** One round of all implementations on one machine, interleaved as in any bench. */
export interface BenchUnit extends Common {
  readonly kind: "bench";
  readonly plugins: readonly PluginSource[];
  readonly suite: string;
  readonly layer?: string;
  readonly passes: readonly Pass[];
  readonly threads: number;
  /** Of samples per cell. */
  readonly cellMs: number;
  readonly round: number;
}

export type Unit = VerifyUnit | BenchUnit;

/** Names become names of queues and files: no separators, no dots at the start. */
export const name = matching(/^[A-Za-z0-9][A-Za-z0-9_.-]{0,63}$/, "a name of letters, digits, dots, dashes");
export const hash = matching(/^[0-9a-f]{64}$/, "a SHA-256 in hexadecimal");
const selector = matching(/^[A-Za-z0-9][A-Za-z0-9_.:-]{0,79}$/, "the name of an implementation");
const path = matching(
  /^[A-Za-z0-9_][A-Za-z0-9_.-]{0,99}(?:\/[A-Za-z0-9_][A-Za-z0-9_.-]{0,99}){0,9}$/,
  "a relative path of letters, digits, dots, dashes",
);
const glob = matching(/^[^\p{C}]{1,200}$/u, "a glob of at most 200 characters");

const pass = oneOf(PASSES);
const seed = count(0, 2 ** 31 - 1);
const file = fields({ path, hash });

const plugin: Parser<PluginSource> = (value, field) => {
  const { kind } = fields({ kind: oneOf(["own", "files"]) })(value, field);
  if (kind === "own") return { kind, ...fields({ name: selector })(value, field) };
  const given = fields({ entry: path, files: list(file, 1000) })(value, field);
  if (!given.files.some((one) => one.path === given.entry)) wrong(`${field}.entry`, given.entry, "one of its files");
  return { kind, ...given };
};

/** A unit as it came from outside. */
export const unit: Parser<Unit> = (value, field) => {
  const common = fields({ kind: oneOf(["verify", "bench"]), version: name, label: name, seed })(value, field);
  if (common.kind === "verify")
    return { ...common, kind: "verify", ...fields({ plugin, pass, law: name, cases: count(1, 1e6) })(value, field) };
  const rest = fields({
    plugins: list(plugin, 200),
    suite: name,
    passes: list(pass, 3),
    threads: count(1, 1024),
    cellMs: amount,
    round: count(1, 10_000),
  })(value, field);
  return { ...common, kind: "bench", ...rest, ...present({ layer: glob })(value, field) };
};

export function contentHash(content: Uint8Array | string): string {
  return createHash("sha256").update(content).digest("hex");
}

/** The hash of all that a unit's result depends on: the same work has the same id, whoever submits it. */
export function unitId(value: Unit): string {
  return contentHash(JSON.stringify(sorted(value)));
}

/** The id as pg-boss wants it. */
export function jobId(id: string): string {
  return [id.slice(0, 8), id.slice(8, 12), id.slice(12, 16), id.slice(16, 20), id.slice(20, 32)].join("-");
}

/** With the keys of every object in order. */
function sorted(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(sorted);
  if (typeof value !== "object" || value === null) return value;
  const entries = Object.entries(value).map(([key, part]) => [key, sorted(part)] as const);
  return Object.fromEntries(entries.toSorted(([a], [b]) => (a < b ? -1 : 1)));
}

function matching(pattern: RegExp, expected: string): Parser<string> {
  return (value, field) => (typeof value === "string" && pattern.test(value) ? value : wrong(field, value, expected));
}
