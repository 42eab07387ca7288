/** Whether what a plugin file exports, and what its functions return, is what the plugin contract says. */
import { LARGEST_WINOGRAD_TILE } from "../../reference/bounds.ts";
import { nameFault } from "./implementation-name.ts";
import { LAYER_KINDS } from "../../reference/graph/layer-problem.ts";
import { PROBLEM_TYPE_NAMES } from "../../core/element-types.ts";
import { POST_KINDS } from "../../core/posts.ts";
import type { Algorithm, FunctionImpl, Impl, Layers, Plan, PlanImpl } from "../../core/plugin.ts";
import { PASSES } from "../../core/problem.ts";

/** A plan plugin gives `plan` in place of the three functions. */
export function isPlanImpl(impl: Impl): impl is PlanImpl {
  return "plan" in impl;
}

/** Every field of the contract: a new one that is missing here does not compile. */
const FIELDS: Readonly<Record<keyof FunctionImpl | keyof PlanImpl, true>> = {
  name: true,
  description: true,
  version: true,
  source: true,
  algorithm: true,
  precision: true,
  types: true,
  posts: true,
  accumulator: true,
  arithmetic: true,
  device: true,
  software: true,
  layout: true,
  layers: true,
  model: true,
  unavailable: true,
  unsupported: true,
  forward: true,
  backwardData: true,
  backwardWeights: true,
  plan: true,
};
export const KNOWN_FIELDS: readonly string[] = Object.keys(FIELDS);

/** The fields of an implementation that the contract does not know: its own, or misspelt. */
export function unknownFields(impl: Impl): readonly string[] {
  return Object.keys(impl).filter((field) => !KNOWN_FIELDS.includes(field));
}

const FUNCTION_FIELDS = [
  "forward",
  "backwardData",
  "backwardWeights",
  "plan",
  "model",
  "unavailable",
  "software",
  "unsupported",
] as const;
export const CHOICES = {
  layout: ["nchw", "nhwc"],
  precision: ["float32", "tf32", "f16", "bf16"],
  accumulator: ["f32", "f16", "f64"],
  arithmetic: ["ieee", "flushes-subnormals", "finite-only"],
  device: ["cpu", "gpu"],
} as const;
const ALGORITHM = /^(direct|gemm|fft|winograd\(\d+,\d+\))$/;

/** The implementations in a module's default export; throws with the rule that the export breaks. */
export function implsOfModule(module: object): readonly Impl[] {
  const exported: unknown = "default" in module ? module.default : undefined;
  if (exported === undefined)
    throw new Error("it has no default export; write `export default { name, forward(…) { … } }`");
  // Copied by index: the list's own methods are the plugin's to patch.
  const list: readonly unknown[] = Array.isArray(exported) ? exported : [exported];
  const candidates = Array.from({ length: list.length }, (_, index) => list[index]);
  if (candidates.length === 0) throw new Error("its default export is an empty array; an implementation was expected");
  const impls = candidates.map((candidate) => {
    assertImpl(candidate);
    return candidate;
  });
  const seen = new Set<string>();
  for (const { name } of impls) {
    if (seen.has(name)) throw new Error(`the name "${name}" stands twice in its default export; names are unique`);
    seen.add(name);
  }
  return impls;
}

function assertImpl(candidate: unknown): asserts candidate is FunctionImpl | PlanImpl {
  if (typeof candidate !== "object" || candidate === null) {
    throw new Error(`its default export is ${describe(candidate)}; a plain object (or an array of them) was expected`);
  }
  const fields: Partial<Record<string, unknown>> = { ...candidate };
  const { name, algorithm, layers } = fields;
  if (typeof name !== "string") throw new Error(`field "name" must be a non-empty string, got ${describe(name)}`);
  const wrongName = nameFault(name);
  if (wrongName !== undefined) throw new Error(`field "name" ${wrongName}`);
  for (const field of FUNCTION_FIELDS) {
    const value: unknown = field in candidate ? Reflect.get(candidate, field) : undefined;
    if (value !== undefined && typeof value !== "function") {
      throw new Error(`${name}: field "${field}" must be a function, got ${describe(value)}`);
    }
  }
  const has = (field: string): boolean => typeof Reflect.get(candidate, field) === "function";
  if (!has("plan") && !has("forward")) {
    throw new Error(`${name}: it has neither "forward" nor "plan"; one of them is needed`);
  }
  if (has("plan") && (has("forward") || has("backwardData") || has("backwardWeights"))) {
    throw new Error(
      `${name}: "plan" stands in place of forward, backwardData and backwardWeights; give one form, not both`,
    );
  }
  for (const [field, allowed] of Object.entries(CHOICES)) {
    const value = fields[field];
    if (value !== undefined && !allowed.some((choice) => choice === value)) {
      throw new Error(`${name}: field "${field}" must be one of ${allowed.join(", ")}, got ${describe(value)}`);
    }
  }
  assertListOf(name, "types", fields["types"], PROBLEM_TYPE_NAMES);
  assertListOf(name, "posts", fields["posts"], POST_KINDS);
  if (layers !== undefined) assertLayers(name, layers);
  if (typeof algorithm !== "function" && algorithm !== undefined) {
    assertAlgorithm(name, algorithm);
    const fault = unsupportedBound(algorithm);
    if (fault !== undefined) throw new Error(`${name}: ${fault}`);
  }
  for (const field of ["description", "version", "source"]) {
    const value = fields[field];
    if (value !== undefined && typeof value !== "string") {
      throw new Error(`${name}: field "${field}" must be a string, got ${describe(value)}`);
    }
  }
}

/** Throws unless a field that is there is a list of these words, one at least. */
function assertListOf(name: string, field: string, value: unknown, words: readonly string[]): void {
  if (value === undefined) return;
  const list: readonly unknown[] = Array.isArray(value) ? value : [];
  const unknown = list.find((item) => !words.some((word) => word === item));
  if (list.length > 0 && unknown === undefined) return;
  const got = describe(list.length === 0 ? value : unknown);
  throw new Error(`${name}: field "${field}" must be a list of ${words.join(", ")}; got ${got}`);
}

/** Throws unless every layer is an object with `plan`, or with functions for some of the passes. */
function assertLayers(name: string, layers: unknown): asserts layers is Layers {
  if (typeof layers !== "object" || layers === null)
    throw new Error(`${name}: field "layers" must be an object, got ${describe(layers)}`);
  for (const [kind, layer] of Object.entries(layers) as [string, unknown][]) {
    if (!LAYER_KINDS.includes(kind))
      throw new Error(`${name}: layers["${kind}"] is no kind of layer; the kinds are ${LAYER_KINDS.join(", ")}`);
    if (layer === undefined) continue;
    if (typeof layer !== "object" || layer === null)
      throw new Error(`${name}: layers["${kind}"] must be an object with plan or forward, got ${describe(layer)}`);
    for (const field of ["plan", "forward", "backwardData", "backwardWeights", "unsupported"]) {
      const value: unknown = Reflect.get(layer, field);
      if (value !== undefined && typeof value !== "function")
        throw new Error(`${name}: layers["${kind}"].${field} must be a function, got ${describe(value)}`);
    }
    const hasPlan = Reflect.get(layer, "plan") !== undefined;
    const hasPasses = PASSES.some((pass) => Reflect.get(layer, pass) !== undefined);
    if (!hasPlan && !hasPasses) throw new Error(`${name}: layers["${kind}"] has neither plan nor a pass`);
    if (hasPlan && hasPasses)
      throw new Error(`${name}: layers["${kind}"] has plan and passes; give one form, not both`);
  }
}

/** A text that a function of the plugin gave, or undefined; throws where it gave anything else. */
export function textOrNothing(name: string, asked: string, value: unknown): string | undefined {
  if (value === undefined || typeof value === "string") return value;
  throw new Error(`${name}: ${asked}(…) must return a string or undefined, got ${describe(value)}`);
}

/** Throws unless the value is what `plan` must return. */
export function assertPlan(name: string, plan: unknown): asserts plan is Plan {
  for (const method of ["load", "run", "read"]) {
    const value: unknown = typeof plan === "object" && plan !== null ? Reflect.get(plan, method) : undefined;
    if (typeof value !== "function")
      throw new Error(
        `${name}: plan(…) must return an object with load, run and read; ${method} is ${describe(value)}`,
      );
  }
  const bytes: unknown = Reflect.get(Object(plan), "workspaceBytes");
  if (bytes !== undefined && bytes !== null && !(typeof bytes === "number" && bytes >= 0 && bytes < Infinity))
    throw new Error(`${name}: workspaceBytes of its plan must be a number of bytes, got ${describe(bytes)}`);
}

export function isAlgorithm(value: unknown): value is Algorithm {
  return typeof value === "string" && ALGORITHM.test(value);
}

/** Throws unless the value names an algorithm that has a bound. */
export function assertAlgorithm(name: string, algorithm: unknown): asserts algorithm is Algorithm {
  if (!isAlgorithm(algorithm)) {
    throw new Error(`${name}: algorithm must be direct, gemm, fft or winograd(m,r), got ${describe(algorithm)}`);
  }
}

/** Why a result by the algorithm can be held to nothing, or undefined where it has a bound. */
export function unsupportedBound(algorithm: string): string | undefined {
  const [m = 1, r = 1] = algorithm.match(/\d+/g)?.map(Number) ?? [];
  if (m >= 1 && r >= 1 && m + r - 1 <= LARGEST_WINOGRAD_TILE) return undefined;
  const tiles = `m and r are at least 1, and m + r − 1 is at most ${LARGEST_WINOGRAD_TILE}`;
  return `unsupported bound: ${algorithm} has none that tells anything (${tiles})`;
}

/** Of a text in a message. */
const LONGEST_SHOWN = 60;

function describe(value: unknown): string {
  switch (typeof value) {
    case "string":
      return JSON.stringify(value.length > LONGEST_SHOWN ? `${value.slice(0, LONGEST_SHOWN)}…` : value);
    case "function":
      return "a function";
    case "object":
      return value === null ? "null" : Array.isArray(value) ? "an array" : "an object";
    default:
      return String(value);
  }
}
