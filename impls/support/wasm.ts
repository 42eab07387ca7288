import { readBytes } from "./platform.ts";

/** The instruction sets that a module may be compiled for, the best first. Relaxed SIMD has the fused multiply-add. */
export const INSTRUCTION_SETS = ["relaxed-simd", "simd", "scalar"] as const;
export type InstructionSet = (typeof INSTRUCTION_SETS)[number];

/** The functions of a module. */
export type Kernels = Readonly<Record<string, (...values: readonly number[]) => unknown>>;

const PAGE_BYTES = 2 ** 16;
/** All that an address of 32 bits can name. */
const MAXIMUM_PAGES = 2 ** 16;
/** At most this many closed instances, of at most this many bytes each, are kept for the next plans. */
const KEPT_INSTANCES = 2;
const KEPT_BYTES = 2 ** 26;
/**
 * A layout begins after this many bytes, so that no address is 0 and a kernel may read a little before what it needs.
 */
const FIRST_BYTE = 1024;
const ALIGNMENT = 64;

/**
 * Assigns addresses, one after the other, before the memory is made. Each begins a cache line and is followed by 64
 * bytes that may be read.
 */
export class WasmLayout {
  #end = FIRST_BYTE;

  get bytes(): number {
    return this.#end;
  }

  /** The address of `bytes` bytes. */
  take(bytes: number): number {
    const at = this.#end;
    this.#end = Math.ceil((at + bytes) / ALIGNMENT) * ALIGNMENT + ALIGNMENT;
    return at;
  }
}

/** An instance of a module and its memory, which initially holds whatever its last user left. */
export interface WasmInstance {
  readonly memory: WebAssembly.Memory;
  readonly kernels: Kernels;
  floats(address: number, length: number): Float32Array;
  integers(address: number, length: number): Int32Array;
}

/** A module `NAME.INSTRUCTIONS.wasm` and its instances, which plans reuse. */
export class WasmLibrary {
  readonly instructions: InstructionSet;
  readonly module: WebAssembly.Module;
  readonly #idle: WasmInstance[] = [];

  /**
   * Loads the module for the best instruction set that this engine has, or for the one that `BENCHCONV_WASM` names.
   * @throws {Error} when there is no such instruction set.
   */
  constructor(base: URL, wanted = process.env["BENCHCONV_WASM"]) {
    const named = INSTRUCTION_SETS.filter((name) => wanted === undefined || wanted === "" || name === wanted);
    if (named.length === 0)
      throw new Error(`BENCHCONV_WASM is "${wanted}"; the instruction sets are ${INSTRUCTION_SETS.join(", ")}`);
    const candidates = named.map((instructions) => ({
      instructions,
      bytes: readBytes(new URL(`${base.href}.${instructions}.wasm`)),
    }));
    const found = candidates.find(({ bytes }) => WebAssembly.validate(bytes));
    if (found === undefined) throw new Error(`this engine takes no module of ${named.join(", ")}`);
    this.instructions = found.instructions;
    this.module = new WebAssembly.Module(found.bytes);
  }

  /**
   * An instance with at least that many bytes of memory: one that was given back, or a new one.
   * @throws {RangeError} beyond 4 GiB, or when the machine has no more.
   */
  open(bytes: number): WasmInstance {
    const pages = Math.ceil(bytes / PAGE_BYTES);
    if (pages > MAXIMUM_PAGES) throw new RangeError(`a plan of ${bytes} bytes is more than WebAssembly's 4 GiB`);
    const kept = this.#idle.pop();
    if (kept !== undefined) {
      const missing = pages - kept.memory.buffer.byteLength / PAGE_BYTES;
      if (missing > 0) kept.memory.grow(missing);
      return kept;
    }
    const memory = new WebAssembly.Memory({ initial: pages, maximum: MAXIMUM_PAGES, shared: true });
    const { exports } = new WebAssembly.Instance(this.module, { env: { memory } });
    return {
      memory,
      kernels: exports,
      floats: (address, length) => new Float32Array(memory.buffer, address, length),
      integers: (address, length) => new Int32Array(memory.buffer, address, length),
    };
  }

  /** Takes an instance back. */
  close(instance: WasmInstance): void {
    if (this.#idle.length < KEPT_INSTANCES && instance.memory.buffer.byteLength <= KEPT_BYTES)
      this.#idle.push(instance);
  }
}

export function roundUp(value: number, multiple: number): number {
  return Math.ceil(value / multiple) * multiple;
}

/**
 * A distance between matrices of at least `bytes`: an odd number of cache lines, so that equal positions in many
 * matrices do not share a cache set.
 */
export function oddLines(bytes: number): number {
  return (Math.ceil(bytes / 64) | 1) * 64;
}
