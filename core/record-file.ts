import { readFileSync } from "node:fs";
import { writeAtomically } from "./atomic-file.ts";
import { statusOf } from "./file-status.ts";
import { plainText } from "./plain-text.ts";
import {
  RECORD_SCHEMA,
  type CheckEntry,
  type Failure,
  type LayerOf,
  type RunRecord,
  type TimingEntry,
} from "./record.ts";
import { validate, type SchemaError } from "./record.validator.mjs";
import { UsageError } from "./usage-error.ts";

/** A number as JSON can hold it: non-finite numbers and −0 are strings. */
type JsonNumber = number | "NaN" | "Infinity" | "-Infinity" | "-0";
type ElementNumbers = "got" | "expected" | "bound";
type FailureJson = Omit<Failure, ElementNumbers> & { readonly [Name in ElementNumbers]?: JsonNumber };
type CheckJson = Omit<CheckEntry, "margin" | "failure" | "moreFailures"> & {
  margin: JsonNumber | null;
  failure?: FailureJson;
  moreFailures?: FailureJson[];
};
/** Old records say `contender` of a layer that the implementation computed. */
type TimingJson = Omit<TimingEntry, "margin" | "layerOf"> & {
  margin: JsonNumber | null;
  layerOf?: LayerOf | "contender";
};
type RecordJson = Omit<RunRecord, "checks" | "timings" | "anchors"> & {
  checks: CheckJson[];
  timings: TimingJson[];
  anchors?: TimingJson[];
};

/** A value as JSON text, non-finite numbers and −0 as the strings "NaN", "Infinity", "-Infinity" and "-0". */
export function encodeJson(value: unknown, indent?: number): string {
  return JSON.stringify(value, (_key, part: unknown) => (typeof part === "number" ? encodeNumber(part) : part), indent);
}

/** A record as the text of its JSON file: see core/record.schema.json. */
export function encodeRecord(record: RunRecord): string {
  return `${encodeJson(record, 1)}\n`;
}

/**
 * The text of a record's file, which was read back.
 * @throws UsageError for what `readRecord` would refuse
 */
export function encodeReadableRecord(record: RunRecord): string {
  const text = encodeRecord(record);
  recordOf("the record", JSON.parse(text));
  return text;
}

/**
 * Writes a record's file atomically; what `readRecord` would refuse is never written.
 * @throws UsageError when the path cannot be written, or nobody could read the record.
 */
export function writeRecord(path: string, record: RunRecord): void {
  writeAtomically(path, readableText(path, record));
}

function readableText(path: string, record: RunRecord): string {
  try {
    return encodeReadableRecord(record);
  } catch (error) {
    if (!(error instanceof UsageError)) throw error;
    throw new UsageError(`cannot write ${plainText(path)}: nobody could read it (${error.message})`);
  }
}

/**
 * Reads a record's file and checks it against the published schema.
 * @throws UsageError, one line, when the file cannot be read, is not whole JSON, or is not a record of this version.
 */
export function readRecord(path: string): RunRecord {
  const name = plainText(path);
  return parseRecord(name, readText(name, path));
}

/**
 * The record in a text that came from elsewhere; `name` is what a message calls it.
 * @throws UsageError for what `readRecord` would refuse
 */
export function parseRecord(name: string, text: string): RunRecord {
  return recordOf(name, parse(name, text));
}

/**
 * The record in the text of a file, for the page, which has no room for the schema: only that it is a record of this
 * version is checked. What else is wrong in it is found by who draws it.
 * @throws UsageError for what is no record of this version
 */
export function recordOfText(path: string, text: string): RunRecord {
  const name = plainText(path);
  const value = parse(name, text.replace(/^\ufeff/, ""));
  assertVersion(name, value);
  if (!hasParts(value)) throw new UsageError(`${name} is not a valid record: a part of it is missing`);
  return decodeRecord(value);
}

function hasParts(value: unknown): value is RecordJson {
  const lists = ["impls", "checks", "timings"];
  return isObject(value) && isObject(value["environment"]) && lists.every((list) => Array.isArray(value[list]));
}

/** The record in a file's JSON. */
function recordOf(name: string, value: unknown): RunRecord {
  assertVersion(name, value);
  if (!isRecordJson(value)) throw new UsageError(`${name} is not a valid record: ${firstError(validate.errors)}`);
  const unlisted = unlistedImpl(value);
  if (unlisted !== undefined)
    throw new UsageError(
      `${name} is not a valid record: it holds results of "${plainText(unlisted)}", which its impls do not list`,
    );
  return decodeRecord(value);
}

function assertVersion(name: string, value: unknown): void {
  const version = isObject(value) ? value["schema"] : undefined;
  if (typeof version !== "string" || !version.startsWith("benchconv/")) {
    throw new UsageError(`${name} is not a benchconv record: it has no "schema": "${RECORD_SCHEMA}"`);
  }
  if (version !== RECORD_SCHEMA) {
    throw new UsageError(`${name} is a record of version ${plainText(version)}; this benchconv reads ${RECORD_SCHEMA}`);
  }
}

function unlistedImpl({ impls, checks, timings }: RecordJson): string | undefined {
  const listed = new Set(impls.map((impl) => impl.name));
  return [...checks, ...timings].find(({ impl }) => !listed.has(impl))?.impl;
}

function readText(name: string, path: string): string {
  const status = statusOf(path);
  // Nobody ends what a pipe or a device gives.
  if (status !== undefined && !status.isFile() && !status.isDirectory())
    throw new UsageError(`cannot read the record ${name}: it is a pipe or a device`);
  try {
    return readFileSync(path, "utf8").replace(/^\ufeff/, "");
  } catch (error) {
    const code = error instanceof Error && "code" in error ? error.code : undefined;
    const reason = code === "ENOENT" ? "there is no such file" : code === "EISDIR" ? "it is a folder" : String(error);
    throw new UsageError(`cannot read the record ${name}: ${plainText(reason)}`);
  }
}

function parse(name: string, text: string): unknown {
  try {
    return JSON.parse(text);
  } catch (error) {
    const reason =
      text.trim() === "" ? "it is empty" : plainText(error instanceof Error ? error.message : String(error));
    throw new UsageError(`${name} is not a record: it is not whole JSON (${reason})`);
  }
}

function isRecordJson(value: unknown): value is RecordJson {
  return validate(value);
}

function firstError(errors: readonly SchemaError[] | null | undefined): string {
  const error = errors?.[0];
  if (error === undefined) return "it does not fit the schema";
  const extra = error.keyword === "additionalProperties" ? ` ("${String(error.params["additionalProperty"])}")` : "";
  return plainText(
    `${error.instancePath === "" ? "the top level" : error.instancePath} ${error.message ?? ""}${extra}`,
  );
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

function decodeRecord(json: RecordJson): RunRecord {
  const { anchors, ...rest } = json;
  return {
    ...rest,
    checks: json.checks.map(({ failure, moreFailures, margin, ...check }) => ({
      ...check,
      margin: decodeNumber(margin),
      ...(failure && { failure: decodeFailure(failure) }),
      ...(moreFailures && { moreFailures: moreFailures.map(decodeFailure) }),
    })),
    timings: json.timings.map(decodeTiming),
    ...(anchors && { anchors: anchors.map(decodeTiming) }),
  };
}

function decodeTiming({ layerOf, margin, ...timing }: TimingJson): TimingEntry {
  return {
    ...timing,
    margin: decodeNumber(margin),
    ...(layerOf === undefined ? {} : { layerOf: layerOf === "contender" ? "implementation" : layerOf }),
  };
}

function decodeFailure({ got, expected, bound, ...failure }: FailureJson): Failure {
  return {
    ...failure,
    ...(got !== undefined && { got: Number(got) }),
    ...(expected !== undefined && { expected: Number(expected) }),
    ...(bound !== undefined && { bound: Number(bound) }),
  };
}

function encodeNumber(value: number): JsonNumber {
  if (Number.isNaN(value)) return "NaN";
  if (!Number.isFinite(value)) return value > 0 ? "Infinity" : "-Infinity";
  return Object.is(value, -0) ? "-0" : value;
}

/** `Number` reads all four strings, "-0" included. */
function decodeNumber(value: JsonNumber | null): number | null {
  return value === null ? null : Number(value);
}
