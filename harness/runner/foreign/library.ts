/** A shared library that exports the functions of benchconv.h, called through koffi. */
import { closeSync, openSync, readSync } from "node:fs";
import { arch } from "node:process";
import type Koffi from "koffi";
import { NAMES, type Name, type NativeCode } from "./c-interface.ts";
import { guardedMemory } from "./memory.ts";
import { PassedTensors } from "./passed-tensors.ts";

/** An address is a bigint, `null` is NULL; a typed array is passed as it is. */
const PROTOTYPES: Readonly<Record<Name, string>> = {
  forward: "int benchconv_forward(void *, void *, void *, void *, void *)",
  backward_data: "int benchconv_backward_data(void *, void *, void *, void *)",
  backward_weights: "int benchconv_backward_weights(void *, void *, void *, void *, void *)",
  plan: "void *benchconv_plan(void *, int32_t)",
  load: "int benchconv_load(void *, void *, void *, void *)",
  load_changed: "int benchconv_load_changed(void *, void *, void *, void *, int32_t)",
  run: "int benchconv_run(void *)",
  read: "int benchconv_read(void *, void *, void *)",
  dispose: "void benchconv_dispose(void *)",
  choice: "const char *benchconv_choice(void *)",
  describe: "const char *benchconv_describe()",
  algorithm: "const char *benchconv_algorithm(void *, int32_t)",
  unavailable: "const char *benchconv_unavailable()",
  unsupported: "const char *benchconv_unsupported(void *, int32_t)",
  error: "const char *benchconv_error()",
  version: "int32_t benchconv_version()",
};

/** ELF's e_machine of the processors that Node is made for. */
const MACHINES: Readonly<Partial<Record<number, string>>> = {
  3: "ia32",
  40: "arm",
  62: "x64",
  183: "arm64",
  243: "riscv64",
};

/** Says of an ELF file of another processor what it is; the system's own message is that there is no such file. */
function otherMachineOf(path: string): string | undefined {
  const file = openSync(path, "r");
  const head = Buffer.alloc(20);
  const count = readSync(file, head, 0, head.length, 0);
  closeSync(file);
  if (count < head.length || head.toString("latin1", 0, 4) !== "\u007fELF") return undefined;
  const machine = head[5] === 2 ? head.readUInt16BE(18) : head.readUInt16LE(18);
  const name = MACHINES[machine] ?? `ELF machine ${machine}`;
  return name === arch ? undefined : `it is a library for ${name}, and this machine is ${arch}`;
}

/** Loads the library at a path. @throws Error where it is none, or where koffi is not installed */
export async function loadLibrary(path: string): Promise<NativeCode> {
  let koffi: typeof Koffi;
  try {
    ({ default: koffi } = await import("koffi"));
  } catch {
    throw new Error("shared libraries are called through the package koffi, which is not installed: npm install koffi");
  }
  const otherMachine = otherMachineOf(path);
  if (otherMachine !== undefined) throw new Error(otherMachine);
  const library = koffi.load(path);
  const functions = new Map<Name, (...args: readonly unknown[]) => unknown>();
  for (const name of NAMES) {
    try {
      functions.set(name, library.func(PROTOTYPES[name]));
    } catch {
      // It does not export that one.
    }
  }
  const memory = guardedMemory(koffi);
  return {
    exported: new Set(functions.keys()),
    call: (name, ...args) => functions.get(name)?.(...args),
    // koffi makes a string of `const char *`.
    text: (value) => (typeof value === "string" && value !== "" ? value : undefined),
    tensors: (arrays) => new PassedTensors(arrays, memory),
    withProblem: (struct, call) => call(struct),
  };
}
