/**
 * The part of the WebAssembly JavaScript interface that is used here: Node has it, but neither its types nor those of
 * the language declare it.
 * Source: https://www.w3.org/TR/wasm-js-api-2/.
 */
declare namespace WebAssembly {
  /** The bytes are not a valid module, or use instructions that the engine does not have. */
  class CompileError extends Error {}
  class Memory {
    /** A shared memory needs a maximum; its buffer is a SharedArrayBuffer, which typed arrays take as well. */
    constructor(descriptor: { readonly initial: number; readonly maximum?: number; readonly shared?: boolean });
    /** Detached by `grow` (a shared one stays, and is too short). */
    readonly buffer: ArrayBuffer;
    /** By `pages` of 64 KiB; returns the number before. Throws a RangeError when there is no memory. */
    grow(pages: number): number;
  }
  class Module {
    constructor(bytes: Uint8Array<ArrayBuffer>);
    static imports(module: Module): { readonly module: string; readonly name: string }[];
    readonly [Symbol.toStringTag]: "WebAssembly.Module";
  }
  class Instance {
    constructor(module: Module, imports: Readonly<Record<string, Readonly<Record<string, unknown>>>>);
    /** Functions only, as in our modules. */
    readonly exports: Readonly<Record<string, (...values: readonly number[]) => unknown>>;
  }
  class Global {
    readonly value: unknown;
  }
  function validate(bytes: Uint8Array<ArrayBuffer>): boolean;
}
