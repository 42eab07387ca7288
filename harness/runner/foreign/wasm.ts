/** A WebAssembly module that exports the functions of benchconv.h. */
import { readFileSync } from "node:fs";
import { WASI } from "node:wasi";
import { NAMES, type Name, type NativeCode, type ReachableTensors } from "./c-interface.ts";

const PAGE_BYTES = 2 ** 16;
const WASI_MODULE = "wasi_snapshot_preview1";
/** Before and after a tensor, this many bytes are looked at. As float32 they are NaN. */
const MARGIN_BYTES = 64;
/** Of address 0 that are looked at. */
const NULL_BYTES = 8;
const MARGIN = 0xff;
const ALIGNMENT = 16;

type WasmFunction = (...args: readonly number[]) => unknown;

/** Loads the module at a path. @throws Error where it is none, or imports more than WASI */
export async function loadWasm(path: string): Promise<NativeCode> {
  const module = new WebAssembly.Module(new Uint8Array(readFileSync(path)));
  const foreign = WebAssembly.Module.imports(module).filter((one) => one.module !== WASI_MODULE);
  if (foreign.length > 0) {
    const names = foreign.map((one) => `${one.module}.${one.name}`).join(", ");
    throw new Error(`it imports ${names}; a module may import ${WASI_MODULE} and nothing else`);
  }
  const wasi = new WASI({ version: "preview1", returnOnExit: false });
  const instance = new WebAssembly.Instance(module, { [WASI_MODULE]: wasiImports(wasi) });
  // Any exports, not only functions.
  const exports: Readonly<Record<string, unknown>> = instance.exports;
  const { memory, _start: start } = exports;
  if (!(memory instanceof WebAssembly.Memory)) throw new Error('it exports no memory under the name "memory"');
  if (start !== undefined)
    throw new Error("it is a program (_start); a library is linked with -mexec-model=reactor or --no-entry");
  wasi.initialize(instance);
  const functions = new Map<Name, WasmFunction>();
  for (const name of NAMES) {
    const exported = exports[`benchconv_${name}`];
    if (isFunction(exported)) functions.set(name, exported);
  }
  const heap = heapOf(exports, memory);
  return {
    exported: new Set(functions.keys()),
    call: (name, ...args) => functions.get(name)?.(...args.map(Number)),
    text: (address) => textAt(memory, Number(address)),
    tensors: (arrays) => new WasmTensors(arrays, heap, memory),
    withProblem(struct, call) {
      const address = heap.take(struct.byteLength);
      try {
        new Int32Array(memory.buffer, address, struct.length).set(struct);
        return call(address);
      } finally {
        heap.give(address);
      }
    },
  };
}

/** A function that a module exports takes numbers. */
function isFunction(value: unknown): value is WasmFunction {
  return typeof value === "function";
}

function wasiImports(wasi: WASI): Readonly<Record<string, unknown>> {
  const imports: unknown = wasi.wasiImport;
  return Object.fromEntries(Object.entries(typeof imports === "object" && imports !== null ? imports : {}));
}

/** Memory in the module, aligned to 16 bytes. */
interface Heap {
  take(bytes: number): number;
  give(address: number): void;
}

/** The module's own malloc and free; without these all beyond `__heap_base`, as a stack. */
function heapOf(exports: Readonly<Record<string, unknown>>, memory: WebAssembly.Memory): Heap {
  const { malloc, free, __heap_base: base } = exports;
  if (isFunction(malloc) && isFunction(free)) {
    return {
      take(bytes) {
        const address = Number(malloc(bytes)) >>> 0;
        if (address === 0) throw new Error(`its malloc gives no ${bytes} bytes`);
        return address;
      },
      give: (address) => void free(address),
    };
  }
  if (!(base instanceof WebAssembly.Global))
    throw new Error("it exports neither malloc and free nor __heap_base: there is no memory for tensors");
  const floor = Number(base.value);
  /** The end of each piece that is in use, by its address. */
  const taken = new Map<number, number>();
  return {
    take(bytes) {
      const top = Math.max(floor, ...taken.values());
      const address = Math.ceil(top / ALIGNMENT) * ALIGNMENT;
      const lacking = address + bytes - memory.buffer.byteLength;
      if (lacking > 0) memory.grow(Math.ceil(lacking / PAGE_BYTES));
      taken.set(address, address + bytes);
      return address;
    },
    give: (address) => void taken.delete(address),
  };
}

function textAt(memory: WebAssembly.Memory, address: number): string | undefined {
  if (address === 0) return undefined;
  const bytes = new Uint8Array(memory.buffer, address);
  const text = new TextDecoder().decode(bytes.subarray(0, bytes.indexOf(0)));
  return text === "" ? undefined : text;
}

interface Placed {
  readonly array: Float32Array;
  readonly start: number;
}

/** Tensors in the module's memory, each between margins that are looked at. */
class WasmTensors implements ReachableTensors {
  readonly #placed: readonly (Placed | undefined)[];
  readonly #heap: Heap;
  readonly #memory: WebAssembly.Memory;
  /** What is at address 0, where no compiler puts anything. */
  readonly #null: Uint8Array;

  constructor(arrays: readonly (Float32Array | undefined)[], heap: Heap, memory: WebAssembly.Memory) {
    this.#heap = heap;
    this.#memory = memory;
    this.#null = new Uint8Array(memory.buffer, 0, NULL_BYTES).slice();
    this.#placed = arrays.map((array) => {
      if (array === undefined) return undefined;
      const start = heap.take(array.byteLength + 2 * MARGIN_BYTES);
      new Uint8Array(memory.buffer, start, array.byteLength + 2 * MARGIN_BYTES).fill(MARGIN);
      new Float32Array(memory.buffer, start + MARGIN_BYTES, array.length).set(array);
      return { array, start };
    });
  }

  get passed(): readonly number[] {
    return this.#placed.map((placed) => (placed === undefined ? 0 : placed.start + MARGIN_BYTES));
  }

  copyBack(): void {
    const isNull = new Uint8Array(this.#memory.buffer, 0, NULL_BYTES).every((byte, at) => byte === this.#null[at]);
    if (!isNull) throw new Error("it wrote to address 0, which is NULL");
    for (const [index, placed] of this.#placed.entries()) {
      if (placed === undefined) continue;
      const { array, start } = placed;
      const inside = start + MARGIN_BYTES;
      array.set(new Float32Array(this.#memory.buffer, inside, array.length));
      if (!this.#isUnharmed(start)) throw new Error(`it wrote before the beginning of tensor ${index + 1} of the call`);
      if (!this.#isUnharmed(inside + array.byteLength))
        throw new Error(`it wrote past the end of tensor ${index + 1} of the call`);
    }
  }

  release(): void {
    try {
      this.copyBack();
    } finally {
      for (const placed of this.#placed.toReversed()) if (placed !== undefined) this.#heap.give(placed.start);
    }
  }

  #isUnharmed(start: number): boolean {
    return new Uint8Array(this.#memory.buffer, start, MARGIN_BYTES).every((byte) => byte === MARGIN);
  }
}
