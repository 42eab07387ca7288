import { readBytes } from "./platform.ts";

/** The instructions that a module was compiled for, the best first. Relaxed SIMD has the fused multiply-add. */
export const WASM_VARIANTS = ["relaxed-simd", "simd", "scalar"] as const;
export type WasmVariant = (typeof WASM_VARIANTS)[number];

/** The functions of a module. */
export type Kernels = Readonly<Record<string, (...values: readonly number[]) => unknown>>;

const PAGE_BYTES = 2 ** 16;
/** All that 32 bits reach. */
const MAXIMUM_PAGES = 2 ** 16;
/** Memories that plans gave back are kept for the next ones, so many and so large; others are the collector's. */
const KEPT_ROOMS = 2;
const KEPT_BYTES = 2 ** 26;
/** A room begins after this many bytes, so that no address is 0 and a kernel may read a little before what it needs. */
const FIRST_BYTE = 1024;
const ALIGNMENT = 64;

/** Places in a memory, taken one after the other before it is made. Each begins a cache line and is followed by 64 bytes that may be read. */
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

/** A memory and the kernels over it. What lies in it at first is what its last user left. */
export interface WasmRoom {
  readonly memory: WebAssembly.Memory;
  readonly kernels: Kernels;
  floats(address: number, length: number): Float32Array;
  integers(address: number, length: number): Int32Array;
}

/** A module `NAME.VARIANT.wasm` and the rooms of its plans, which go from one plan to the next. */
export class WasmLibrary {
  readonly variant: WasmVariant;
  readonly module: WebAssembly.Module;
  readonly #idle: WasmRoom[] = [];

  /**
   * Loads the best variant that this engine takes, or the one that `BENCHCONV_WASM` names.
   * @throws {Error} when there is no such variant.
   */
  constructor(base: URL, wanted = process.env["BENCHCONV_WASM"]) {
    const named = WASM_VARIANTS.filter((variant) => wanted === undefined || wanted === "" || variant === wanted);
    if (named.length === 0)
      throw new Error(`BENCHCONV_WASM is "${wanted}"; there are the variants ${WASM_VARIANTS.join(", ")}`);
    const candidates = named.map((variant) => ({
      variant,
      bytes: readBytes(new URL(`${base.href}.${variant}.wasm`)),
    }));
    const found = candidates.find(({ bytes }) => WebAssembly.validate(bytes));
    if (found === undefined) throw new Error(`this engine takes no module of ${named.join(", ")}`);
    this.variant = found.variant;
    this.module = new WebAssembly.Module(found.bytes);
  }

  /**
   * A room of at least so many bytes: one that was given back, if one is large enough or can grow, or a new one.
   * @throws {RangeError} beyond 4 GiB, or when the machine has no more.
   */
  open(bytes: number): WasmRoom {
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

  /** Takes a room back. */
  close(room: WasmRoom): void {
    if (this.#idle.length < KEPT_ROOMS && room.memory.buffer.byteLength <= KEPT_BYTES) this.#idle.push(room);
  }
}
