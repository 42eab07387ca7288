import { spawn } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { createRequire } from "node:module";
import { tmpdir } from "node:os";
import { join } from "node:path";

/** What the compiler gave, or what it said instead. */
export interface Compiled {
  readonly bytes: Uint8Array | undefined;
  readonly complaint: string;
}

const COMPILER = createRequire(import.meta.url).resolve("assemblyscript/bin/asc.js");

/**
 * Runs AssemblyScript's compiler, as a command: importing it would bring its own declarations of Array and others over
 * those of JavaScript. The module goes to a file that is read and removed.
 */
export async function compileAssemblyScript(args: readonly string[]): Promise<Compiled> {
  const folder = mkdtempSync(join(tmpdir(), "benchconv-wasm-"));
  const path = join(folder, "module.wasm");
  try {
    const child = spawn(process.execPath, [COMPILER, ...args, "--outFile", path, "--noColors"], {
      stdio: ["ignore", "pipe", "pipe"],
    });
    let complaint = "";
    for (const stream of [child.stdout, child.stderr])
      stream.on("data", (text: Buffer) => (complaint += text.toString()));
    const status = await new Promise<number | null>((resolve) => child.on("close", resolve));
    return { bytes: status === 0 ? readFileSync(path) : undefined, complaint: complaint.trim() };
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}
