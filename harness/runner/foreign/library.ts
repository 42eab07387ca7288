/** A shared library that exports the functions of benchconv.h, as a plugin. */
import type Koffi from "koffi";
import type { Plan, PlanOptions } from "../../../core/plugin.ts";
import type { ConvProblem, Pass } from "../../../core/problem.ts";
import { operandNames, outputNames, type Tensors } from "../../../core/tensors.ts";
import { readDescription } from "./description.ts";
import { GuardedMemory, isGuarded } from "./memory.ts";
import { PassedTensors } from "./passed-tensors.ts";
import { passNumber, problemStruct } from "./problem-struct.ts";

/** benchconv.h's own, as this version of the package knows it. */
const VERSION = 1;

/** Functions of benchconv.h. An address is a bigint, `null` is NULL; a typed array is passed as it is. */
const PROTOTYPES = {
  forward: "int benchconv_forward(void *, void *, void *, void *, void *)",
  backward_data: "int benchconv_backward_data(void *, void *, void *, void *)",
  backward_weights: "int benchconv_backward_weights(void *, void *, void *, void *, void *)",
  plan: "void *benchconv_plan(void *, int32_t)",
  load: "int benchconv_load(void *, void *, void *, void *)",
  run: "int benchconv_run(void *)",
  read: "int benchconv_read(void *, void *, void *)",
  dispose: "void benchconv_dispose(void *)",
  describe: "const char *benchconv_describe()",
  unavailable: "const char *benchconv_unavailable()",
  unsupported: "const char *benchconv_unsupported(void *, int32_t)",
  error: "const char *benchconv_error()",
  version: "int32_t benchconv_version()",
} as const;
type Name = keyof typeof PROTOTYPES;
type NativeFunction = (...args: readonly unknown[]) => unknown;

const FUNCTIONS = { forward: "forward", backwardData: "backward_data", backwardWeights: "backward_weights" } as const;

/** A library that is loaded. */
class Library {
  readonly #functions: ReadonlyMap<Name, NativeFunction>;
  readonly #memory: GuardedMemory | undefined;

  constructor(functions: ReadonlyMap<Name, NativeFunction>, memory: GuardedMemory | undefined) {
    this.#functions = functions;
    this.#memory = memory;
  }

  has(name: Name): boolean {
    return this.#functions.has(name);
  }

  call(name: Name, ...args: readonly unknown[]): unknown {
    return this.#functions.get(name)?.(...args);
  }

  /** @throws Error with the library's own words where the function returns anything but 0 */
  checked(name: Name, ...args: readonly unknown[]): void {
    const status = Number(this.call(name, ...args));
    if (status !== 0) throw this.failure(name, `returned ${status}`);
  }

  failure(name: Name, what: string): Error {
    const words = textOf(this.call("error"));
    return new Error(`benchconv_${name} ${what}${words === undefined ? "" : `: ${words}`}`);
  }

  passed(tensors: readonly (Float32Array | undefined)[]): PassedTensors {
    return new PassedTensors(tensors, this.#memory);
  }
}

/** The library at a path as a plugin; `name` is its name unless it says another. @throws Error with what is wrong */
export async function libraryPlugin(path: string, name: string): Promise<object> {
  const library = await opened(path);
  const version = library.has("version") ? Number(library.call("version")) : VERSION;
  if (version !== VERSION)
    throw new Error(
      `it was compiled with version ${version} of benchconv.h, and this benchconv calls version ${VERSION}`,
    );
  const json = textOf(library.call("describe"));
  return {
    name,
    ...(json === undefined ? {} : readDescription(json, "benchconv_describe")),
    unavailable: () => textOf(library.call("unavailable")),
    unsupported: (problem: ConvProblem, pass: Pass) =>
      textOf(library.call("unsupported", problemStruct(problem, 1), passNumber(pass))),
    ...(library.has("plan")
      ? { plan: (problem: ConvProblem, pass: Pass, options: PlanOptions) => planOf(library, problem, pass, options) }
      : functionForm(library)),
  };
}

async function opened(path: string): Promise<Library> {
  let koffi: typeof Koffi;
  try {
    ({ default: koffi } = await import("koffi"));
  } catch {
    throw new Error("shared libraries are called through the package koffi, which is not installed: npm install koffi");
  }
  const library = koffi.load(path);
  const functions = new Map<Name, NativeFunction>();
  for (const name of namesOf(PROTOTYPES)) {
    try {
      functions.set(name, library.func(PROTOTYPES[name]));
    } catch {
      // It does not export that one.
    }
  }
  const missing = missingOf(functions);
  if (missing !== undefined) throw new Error(missing);
  return new Library(functions, isGuarded() ? new GuardedMemory(koffi) : undefined);
}

function missingOf(functions: ReadonlyMap<Name, NativeFunction>): string | undefined {
  if (!functions.has("forward") && !functions.has("plan"))
    return 'it exports neither benchconv_forward nor benchconv_plan (a C++ library says extern "C"); see benchconv.h';
  const missing = (["load", "run", "read"] as const).filter((name) => functions.has("plan") && !functions.has(name));
  return missing.length === 0
    ? undefined
    : `it exports benchconv_plan, but not ${missing.map((one) => `benchconv_${one}`).join(", ")}; see benchconv.h`;
}

/** The functions that the library exports; their arguments are those of a plugin's functions, in the same order. */
function functionForm(library: Library): object {
  const call =
    (name: Name) =>
    (problem: ConvProblem, ...rest: readonly (Float32Array | undefined | PlanOptions)[]): void => {
      const last = rest.at(-1);
      const threads = isOptions(last) ? last.threads : 1;
      const tensors = library.passed(rest.flatMap((each) => (isOptions(each) ? [] : [each])));
      try {
        library.checked(name, problemStruct(problem, threads), ...tensors.passed);
      } finally {
        tensors.release();
      }
    };
  return Object.fromEntries(
    namesOf(FUNCTIONS).flatMap((pass) => (library.has(FUNCTIONS[pass]) ? [[pass, call(FUNCTIONS[pass])]] : [])),
  );
}

function planOf(library: Library, problem: ConvProblem, pass: Pass, { threads }: PlanOptions): Plan {
  const state: unknown = library.call("plan", problemStruct(problem, threads), passNumber(pass));
  if (state === null || state === 0n) throw library.failure("plan", "returned NULL");
  let loaded: PassedTensors | undefined;
  const [output, ofBias] = outputNames(problem, pass);
  return {
    load(operands) {
      const names = operandNames(problem, pass);
      const next = library.passed([operands[names[0]], operands[names[1]], namedOf(operands, names[2])]);
      library.checked("load", state, ...next.passed);
      loaded?.release();
      loaded = next;
    },
    run() {
      library.checked("run", state);
    },
    read(outputs) {
      const tensors = library.passed([namedOf(outputs, output), namedOf(outputs, ofBias)]);
      try {
        library.checked("read", state, ...tensors.passed);
      } finally {
        tensors.release();
        loaded?.copyBack();
      }
    },
    dispose() {
      library.call("dispose", state);
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

function namesOf<T extends object>(object: T): readonly (keyof T & string)[] {
  // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- the keys of that very object
  return Object.keys(object) as (keyof T & string)[];
}

function textOf(value: unknown): string | undefined {
  return typeof value === "string" && value !== "" ? value : undefined;
}
