/** A language that a new kernel can be written in. */
export interface Language {
  readonly name: string;
  /** The kernel's file, in the folder of the example and in the new one. */
  readonly file: string;
  /** Of ours, what it needs beside it. */
  readonly beside?: "benchconv.h" | "benchconv.py";
  /** The command that builds it, where that is not done by benchconv, and what it makes. */
  readonly build?: { readonly command: string; readonly makes: string };
  /** How it is named for `--impl`, when it is built. */
  readonly selector: string;
  /** What it needs. */
  readonly needs?: string;
}

const WASM_FLAGS =
  "--target=wasm32 -O2 -nostdlib -fno-builtin -Wl,--no-entry -Wl,--export-dynamic -Wl,--export=__heap_base";

export const LANGUAGES: readonly Language[] = [
  { name: "js", file: "conv.mjs", selector: "./conv.mjs" },
  { name: "ts", file: "conv.ts", selector: "./conv.ts", needs: "npm install benchconv in its project, for the types" },
  { name: "c", file: "conv.c", beside: "benchconv.h", selector: "./conv.c", needs: "a C compiler (Debian: gcc)" },
  {
    name: "cpp",
    file: "conv.cpp",
    beside: "benchconv.h",
    selector: "./conv.cpp",
    needs: "a C++ compiler (Debian: g++)",
  },
  {
    name: "rust",
    file: "conv.rs",
    build: { command: "rustc --crate-type cdylib -O -o libconv.so conv.rs", makes: "libconv.so" },
    selector: "./libconv.so",
    needs: "Rust (Debian: rustc)",
  },
  {
    name: "zig",
    file: "conv.zig",
    build: { command: "zig build-lib -dynamic -O ReleaseFast -femit-bin=libconv.so conv.zig", makes: "libconv.so" },
    selector: "./libconv.so",
    needs: "Zig (https://ziglang.org/download)",
  },
  {
    name: "wasm",
    file: "conv.c",
    beside: "benchconv.h",
    build: { command: `clang ${WASM_FLAGS} -o conv.wasm conv.c`, makes: "conv.wasm" },
    selector: "./conv.wasm",
    needs: "clang and its linker for WebAssembly (Debian: clang lld)",
  },
  {
    name: "wgsl",
    file: "conv.wgsl",
    selector: "./conv.wgsl",
    needs: "npm install webgpu, and a GPU's driver or a software one",
  },
  {
    name: "python",
    file: "conv.py",
    beside: "benchconv.py",
    selector: "cmd:python3 conv.py",
    needs: "NumPy (Debian: python3-numpy)",
  },
];
