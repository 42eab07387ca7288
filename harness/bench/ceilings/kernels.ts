import { readFileSync } from "node:fs";
import type { Ceilings } from "../../../core/record.ts";

type Instructions = Ceilings["wasmInstructions"];

/** The kernels of assembly/peak.ts; offsets and lengths are bytes of the memory that they were loaded with. */
export interface PeakKernels {
  readonly instructions: Instructions;
  readonly twelveChains: (operands: number, chains: number, steps: number) => void;
  readonly twentyFourChains: (operands: number, chains: number, steps: number) => void;
  readonly additions: (first: number, second: number, rounds: number) => number;
  readonly triad: (a: number, b: number, c: number, scale: number, bytes: number) => void;
}

/**
 * The best instructions that this engine has. Relaxed SIMD fuses the multiply-add; an engine without it refuses the
 * whole module.
 */
export function availableInstructions(): Instructions {
  return WebAssembly.validate(moduleBytes("relaxed-simd")) ? "relaxed-simd" : "simd";
}

/**
 * The kernels, over `memory`.
 * @throws {WebAssembly.CompileError} when the engine does not have these instructions
 */
export function loadKernels(memory: WebAssembly.Memory, instructions: Instructions): PeakKernels {
  const module = new WebAssembly.Module(moduleBytes(instructions));
  const { exports } = new WebAssembly.Instance(module, { env: { memory } });
  const kernels = { ...exports, instructions };
  if (!isPeakKernels(kernels)) throw new Error("the module of the peak kernels lacks one of them");
  return kernels;
}

function moduleBytes(instructions: Instructions): Uint8Array<ArrayBuffer> {
  return new Uint8Array(readFileSync(new URL(`./assembly/peak.${instructions}.wasm`, import.meta.url)));
}

function isPeakKernels(value: object): value is PeakKernels {
  const named: Readonly<Record<string, unknown>> = { ...value };
  return ["twelveChains", "twentyFourChains", "additions", "triad"].every((name) => typeof named[name] === "function");
}
