import { spawnSync } from "node:child_process";
import { findPackageJSON } from "node:module";
import { isGuardable } from "../../harness/runner/foreign/memory.ts";

/** Something that a kind of kernel needs: whether it is here, and its version or what installs it. */
export interface Tool {
  readonly what: string;
  readonly found: boolean;
  readonly detail: string;
}

/** What kernels that are not JavaScript need. */
export function toolsOf(): readonly Tool[] {
  return [
    packaged("shared libraries (koffi)", "koffi"),
    {
      what: "guard pages around tensors",
      found: isGuardable(),
      detail: isGuardable() ? "" : "on Linux and macOS only: a read past the end of a tensor may go unseen here",
    },
    program("C", process.env["CC"] ?? "cc", ["--version"], "Debian: apt-get install gcc"),
    program("C++", process.env["CXX"] ?? "c++", ["--version"], "Debian: apt-get install g++"),
    program("CUDA", process.env["NVCC"] ?? "nvcc", ["--version"], "Debian: apt-get install nvidia-cuda-toolkit"),
    program("Rust", "rustc", ["--version"], "Debian: apt-get install rustc"),
    program("Zig", "zig", ["version"], "https://ziglang.org/download"),
    program("C for WebAssembly (clang)", "clang", ["--version"], "Debian: apt-get install clang lld"),
    program("linker for WebAssembly", "wasm-ld", ["--version"], "Debian: apt-get install clang lld"),
    python("numpy", "Debian: apt-get install python3-numpy"),
    python("scipy", "Debian: apt-get install python3-scipy"),
    python("torch", "Debian: apt-get install python3-torch"),
    packaged("WGSL (webgpu)", "webgpu"),
    packaged("browsers (playwright-core)", "playwright-core"),
    packaged("browsers (rolldown)", "rolldown"),
  ];
}

function packaged(what: string, name: string): Tool {
  let found = false;
  try {
    found = findPackageJSON(name, import.meta.url) !== undefined;
  } catch {
    // It is not installed.
  }
  return { what, found, detail: found ? "" : `npm install ${name}` };
}

function program(what: string, command: string, args: readonly string[], install: string): Tool {
  const [name = "", ...words] = command.split(/\s+/);
  const { status, stdout } = spawnSync(name, [...words, ...args], { encoding: "utf8" });
  const found = status === 0;
  return { what: `${what}: ${name}`, found, detail: found ? (stdout.split("\n")[0] ?? "") : install };
}

function python(library: string, install: string): Tool {
  // Importing it may take seconds.
  const code = `import importlib.util, sys; sys.exit(importlib.util.find_spec("${library}") is None)`;
  return program(`Python with ${library}`, process.env["PYTHON"] ?? "python3", ["-c", code], install);
}
