import { PROBLEM_TYPE_NAMES, type ProblemType } from "../../core/element-types.ts";
import { plainText } from "../../core/plain-text.ts";
import { readPosts, type Post } from "../../core/posts.ts";
import { PASSES, type Pass } from "../../core/problem.ts";
import { UsageError } from "../../core/usage-error.ts";

/** What benchdnn's options say of the problems that follow them. */
export interface Settings {
  /** The batch sizes in which each problem is meant; 0 leaves its own. */
  readonly batches: readonly number[];
  /** None where no option says it: the user does. */
  readonly directions: readonly Direction[];
  /** The types that each problem is meant in; float32 is none. */
  readonly types: readonly (ProblemType | undefined)[];
  /** Operations that are fused into each problem. */
  readonly post: readonly Post[] | undefined;
  /** Problems that it does not match are not meant. */
  readonly pattern: RegExp | undefined;
}

/** benchdnn's direction: a pass, and whether the layer has a bias where the pass has to do with one. */
interface Direction {
  readonly pass: Pass;
  readonly bias?: boolean;
}

const DIRECTIONS: Readonly<Record<string, readonly Direction[]>> = {
  FWD_B: [{ pass: "forward", bias: true }],
  FWD_D: [{ pass: "forward", bias: false }],
  FWD_I: [{ pass: "forward", bias: false }],
  BWD_D: [{ pass: "backwardData" }],
  BWD_W: [{ pass: "backwardWeights", bias: false }],
  BWD_WB: [{ pass: "backwardWeights", bias: true }],
  BWD_DW: [{ pass: "backwardData" }, { pass: "backwardWeights", bias: false }],
};

const LARGEST_BATCH = 2 ** 31 - 1;

export const DEFAULTS: Settings = {
  batches: [0],
  directions: [],
  types: [undefined],
  post: undefined,
  pattern: undefined,
};

/**
 * The settings after an option; undefined for one that does not change which problems there are.
 * @throws {UsageError} for a value that is wrong, without a place.
 * Source: oneDNN, tests/benchdnn/doc/driver_conv.md; tests/benchdnn/conv/bench_conv.cpp, `bench`.
 */
export function settingsAfter(settings: Settings, name: string, value: string): Settings | undefined {
  switch (name) {
    case "reset":
      return DEFAULTS;
    case "mb":
      return { ...settings, batches: value === "" ? DEFAULTS.batches : value.split(",").map(readBatch) };
    case "dir":
      return { ...settings, directions: value === "" ? [] : value.split(",").flatMap(readDirection) };
    case "match":
      return { ...settings, pattern: value === "" ? undefined : basicExpression(value) };
    default:
      return undefined;
  }
}

/**
 * The types of a list such as `f32,bf16,u8:s8:s32` (source, weights and destination where they differ), and those of it
 * that there is none for.
 */
export function readTypes(value: string): {
  readonly types: Settings["types"];
  readonly unknown: readonly string[];
} {
  const words = value === "" ? ["f32"] : value.toLowerCase().split(",");
  const typeOf = (word: string): ProblemType | undefined => {
    const parts = word.split(":");
    const name = parts.every((part) => part === parts[0]) ? parts[0] : parts.join("");
    return PROBLEM_TYPE_NAMES.find((known) => known === name);
  };
  const known = words.map(typeOf).filter((type) => type !== undefined);
  const unknown = words.filter((word) => typeOf(word) === undefined);
  const types = known.map((type) => (type === "f32" ? undefined : type));
  return { types: known.length === 0 ? DEFAULTS.types : [...new Set(types)], unknown };
}

/**
 * The operations of a list such as `relu+clip:0:6`; undefined where one of them is none of ours, or computes otherwise.
 * Source: oneDNN, tests/benchdnn/doc/knobs_attr.md, "--attr-post-ops".
 */
export function readPostOperations(value: string): readonly Post[] | undefined {
  const words = value.toLowerCase().split("+").map(postOf);
  const known = words.filter((word) => word !== undefined);
  if (known.length < words.length) return undefined;
  const posts = readPosts(known.join(","));
  return typeof posts === "string" ? undefined : posts;
}

function postOf(word: string): string | undefined {
  const [name, ...parameters] = word.split(":");
  const [a, b] = parameters.map(Number);
  switch (name) {
    case "relu":
      return a === undefined || a === 0 ? "relu" : `leaky(${a})`;
    case "clip":
    case "clip_v2":
      return `clip(${a},${b})`;
    case "hardswish":
      return Math.abs((a ?? 0) - 1 / 6) < 1e-3 && b === 0.5 ? "hardswish" : undefined;
    case "add":
      return parameters[1] === "per_tensor" ? "add" : undefined;
    default:
      return undefined;
  }
}

/** The passes that the settings name for a layer, with a bias and without. */
export function passesOf({ directions }: Settings, hasBias: boolean): ReadonlyMap<boolean, readonly Pass[]> {
  if (directions.length === 0) return new Map([[hasBias, PASSES]]);
  const withBias = (bias = false): boolean => bias && hasBias;
  const named = directions.filter(({ bias }) => bias !== undefined);
  // backwardData is the same with a bias and without: it is no problem of its own beside another pass.
  const [first] = (named.length > 0 ? named : directions).map(({ bias }) => withBias(bias));
  const ofBias = Map.groupBy(directions, ({ bias }) => (bias === undefined ? first! : withBias(bias)));
  return new Map(
    [...ofBias].map(([bias, some]) => [bias, PASSES.filter((pass) => some.some((one) => one.pass === pass))]),
  );
}

function readBatch(text: string): number {
  const batch = Number(text);
  if (/^\d+$/.test(text) && batch <= LARGEST_BATCH) return batch;
  throw new UsageError(`--mb takes batch sizes, such as --mb=2 or --mb=0,16; got "${plainText(text)}"`);
}

function readDirection(text: string): readonly Direction[] {
  const name = text.toUpperCase();
  if (Object.hasOwn(DIRECTIONS, name)) return DIRECTIONS[name]!;
  throw new UsageError(`--dir takes ${Object.keys(DIRECTIONS).join(", ")}; got "${plainText(text)}"`);
}

/**
 * A POSIX basic regular expression, in which `+`, `?`, `|`, braces and parentheses are special only after a backslash.
 */
function basicExpression(text: string): RegExp {
  const unquoted = text.replace(/^(['"])(.*)\1$/s, "$2");
  const special = unquoted.replaceAll(/\\(.)|[(){}|+?]/gs, (found, escaped: string | undefined) => {
    if (escaped === undefined) return `\\${found}`;
    return /[(){}|+?]/.test(escaped) ? escaped : found;
  });
  try {
    return new RegExp(special);
  } catch {
    throw new UsageError(`--match takes a regular expression; got "${plainText(text)}"`);
  }
}
