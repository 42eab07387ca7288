/** Code that exports the functions of benchconv.h, as a plugin: a shared library, or a WebAssembly module. */
import type { Plan, PlanOptions } from "../../../core/plugin.ts";
import type { ConvProblem, Pass } from "../../../core/problem.ts";
import { operandNames, outputNames, type Tensors } from "../../../core/tensors.ts";
import { readDescription } from "./description.ts";
import { passNumber, problemStruct } from "./problem-struct.ts";

/** benchconv.h's own, as this version of the package knows it. */
const VERSION = 1;

const FUNCTIONS = { forward: "forward", backwardData: "backward_data", backwardWeights: "backward_weights" } as const;

/** The functions of benchconv.h, without `benchconv_`. */
export const NAMES = [
  ...Object.values(FUNCTIONS),
  "plan",
  "load",
  "load_changed",
  "run",
  "read",
  "dispose",
  "choice",
  "describe",
  "algorithm",
  "unavailable",
  "unsupported",
  "error",
  "version",
] as const;
export type Name = (typeof NAMES)[number];

/** The tensors of a call, where the code can reach them. */
export interface ReachableTensors {
  /** What the code is given for each, in their order. */
  readonly passed: readonly unknown[];
  /** Lets the harness see what was made of them. @throws Error where something was written beside one */
  copyBack(): void;
  /** Copies back; the code has no use of them any more. */
  release(): void;
}

/** Code that is loaded: what it exports, and how it is given memory. */
export interface NativeCode {
  readonly exported: ReadonlySet<Name>;
  call(name: Name, ...args: readonly unknown[]): unknown;
  /** The text at an address that it returned; undefined for NULL. */
  text(address: unknown): string | undefined;
  tensors(arrays: readonly (Float32Array | undefined)[]): ReachableTensors;
  /** Calls with the address of a problem. */
  withProblem<R>(struct: Int32Array<ArrayBuffer>, call: (address: unknown) => R): R;
}

/** The code as a plugin; `name` is its name unless it says another. @throws Error with what is wrong with it */
export function pluginOf(code: NativeCode, name: string): object {
  const missing = missingOf(code.exported);
  if (missing !== undefined) throw new Error(missing);
  const said = (function_: Name, ...args: readonly unknown[]): string | undefined =>
    code.exported.has(function_) ? code.text(code.call(function_, ...args)) : undefined;
  const version = code.exported.has("version") ? Number(code.call("version")) : VERSION;
  if (version !== VERSION)
    throw new Error(
      `it was compiled with version ${version} of benchconv.h, and this benchconv calls version ${VERSION}`,
    );
  const json = said("describe");
  return {
    name,
    ...(json === undefined ? {} : readDescription(json, "benchconv_describe")),
    unavailable: () => said("unavailable"),
    unsupported: (problem: ConvProblem, pass: Pass) =>
      code.withProblem(problemStruct(problem, 1), (address) => said("unsupported", address, passNumber(pass))),
    ...(code.exported.has("algorithm")
      ? {
          algorithm: (problem: ConvProblem, pass: Pass) =>
            code.withProblem(problemStruct(problem, 1), (address) => said("algorithm", address, passNumber(pass))),
        }
      : {}),
    ...(code.exported.has("plan")
      ? { plan: (problem: ConvProblem, pass: Pass, options: PlanOptions) => planOf(code, problem, pass, options) }
      : functionForm(code)),
  };
}

function missingOf(exported: ReadonlySet<Name>): string | undefined {
  if (!exported.has("forward") && !exported.has("plan"))
    return 'it exports neither benchconv_forward nor benchconv_plan (C++ needs extern "C"); see benchconv.h';
  const missing = (["load", "run", "read"] as const).filter((name) => exported.has("plan") && !exported.has(name));
  return missing.length === 0
    ? undefined
    : `it exports benchconv_plan, but not ${missing.map((one) => `benchconv_${one}`).join(", ")}; see benchconv.h`;
}

/** @throws Error with the code's own words where a function returns anything but 0 */
function checked(code: NativeCode, name: Name, ...args: readonly unknown[]): void {
  const status = Number(code.call(name, ...args));
  if (status !== 0) throw failure(code, name, `returned ${status}`);
}

function failure(code: NativeCode, name: Name, what: string): Error {
  const words = code.exported.has("error") ? code.text(code.call("error")) : undefined;
  return new Error(`benchconv_${name} ${what}${words === undefined ? "" : `: ${words}`}`);
}

/** The functions that the code exports; their arguments are those of a plugin's functions, in the same order. */
function functionForm(code: NativeCode): object {
  const callOf =
    (name: Name) =>
    (problem: ConvProblem, ...rest: readonly (Float32Array | undefined | PlanOptions)[]): void => {
      const last = rest.at(-1);
      const threads = isOptions(last) ? last.threads : 1;
      const tensors = code.tensors(rest.flatMap((each) => (isOptions(each) ? [] : [each])));
      try {
        code.withProblem(problemStruct(problem, threads), (address) => checked(code, name, address, ...tensors.passed));
      } finally {
        tensors.release();
      }
    };
  return Object.fromEntries(
    Object.entries(FUNCTIONS).flatMap(([pass, name]) => (code.exported.has(name) ? [[pass, callOf(name)]] : [])),
  );
}

function planOf(code: NativeCode, problem: ConvProblem, pass: Pass, { threads }: PlanOptions): Plan {
  const state = code.withProblem(problemStruct(problem, threads), (address) =>
    code.call("plan", address, passNumber(pass)),
  );
  if (state === null || state === 0 || state === 0n) throw failure(code, "plan", "returned NULL");
  let loaded: ReachableTensors | undefined;
  const [output, ofBias] = outputNames(problem, pass);
  const choice = code.exported.has("choice") ? code.text(code.call("choice", state)) : undefined;
  return {
    ...(choice === undefined ? {} : { choice }),
    load(operands, changed) {
      const names = operandNames(problem, pass);
      const next = code.tensors([operands[names[0]], operands[names[1]], namedOf(operands, names[2])]);
      if (loaded === undefined || changed === undefined || !code.exported.has("load_changed")) {
        checked(code, "load", state, ...next.passed);
      } else {
        const bits = names.reduce((sum, name, index) => sum + (changed.includes(name) ? 2 ** index : 0), 0);
        checked(code, "load_changed", state, ...next.passed, bits);
      }
      loaded?.release();
      loaded = next;
    },
    run() {
      checked(code, "run", state);
    },
    read(outputs) {
      const tensors = code.tensors([namedOf(outputs, output), namedOf(outputs, ofBias)]);
      try {
        checked(code, "read", state, ...tensors.passed);
      } finally {
        tensors.release();
        loaded?.copyBack();
      }
    },
    dispose() {
      if (code.exported.has("dispose")) code.call("dispose", state);
      loaded?.release();
    },
  };
}

function namedOf(tensors: Tensors, name: keyof Tensors | undefined): Float32Array | undefined {
  return name === undefined ? undefined : tensors[name];
}

function isOptions(value: Float32Array | undefined | PlanOptions): value is PlanOptions {
  return value !== undefined && "threads" in value;
}
