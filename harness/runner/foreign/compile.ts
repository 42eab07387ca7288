/** Compiles the source of a kernel, before any process loads it. */
import { spawnSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { basename, dirname, extname, join } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";
import { SANITIZE } from "../../../core/command-line.ts";
import { plainText } from "../../../core/plain-text.ts";

/** Where benchconv.h is. */
const HEADERS = fileURLToPath(new URL(".", import.meta.url));
/** A compiler may take this long. */
const LIMIT_MS = 120_000;
const SANITIZERS = "-fsanitize=address,undefined";

interface Compiler {
  /** The environment variable that names another. */
  readonly variable: string;
  readonly usual: string;
  readonly flags: readonly string[];
  /** What installs the usual one on Debian. */
  readonly install: string;
}

const POSITION_INDEPENDENT = ["-shared", "-fPIC", "-O2", "-g"];
const C: Compiler = { variable: "CC", usual: "cc", flags: POSITION_INDEPENDENT, install: "apt-get install gcc" };
const CXX: Compiler = { variable: "CXX", usual: "c++", flags: POSITION_INDEPENDENT, install: "apt-get install g++" };
const NVCC: Compiler = {
  variable: "NVCC",
  usual: "nvcc",
  flags: ["-shared", "-Xcompiler", "-fPIC", "-O2"],
  install: "apt-get install nvidia-cuda-toolkit",
};

let folder: string | undefined;
let libraries = 0;

/** The URL of a plugin that was compiled, or why it was not. */
export type Compiled = { readonly url: string } | { readonly failure: string };

/**
 * Compiles a source file into a library of its own, which is removed when this process ends. It fails with the
 * compiler's first error, or where there is no compiler.
 */
export function compile(path: string): Compiled {
  const compiler = compilerOf(path);
  const isSanitized = process.env[SANITIZE] !== undefined;
  const library = join(temporaryFolder(), `${basename(path, extname(path))}-${++libraries}.so`);
  const [program = "", ...words] = splitWords(process.env[compiler.variable]) ?? [compiler.usual];
  const own = [...flagsIn(readFileSync(path, "utf8")), ...(splitWords(process.env["BENCHCONV_CFLAGS"]) ?? [])];
  const checks = isSanitized ? [SANITIZERS, "-fno-sanitize-recover=undefined", "-fno-omit-frame-pointer"] : [];
  const args = [...words, ...compiler.flags, ...checks, `-I${HEADERS}`, "-o", library, path, ...own, "-lm"];
  const { error, status, stderr } = spawnSync(program, args, { encoding: "utf8", timeout: LIMIT_MS });
  if (error !== undefined) return { failure: whyNot(error, program, compiler) };
  if (status !== 0) return { failure: complaint(stderr) };
  const url = pathToFileURL(path);
  url.searchParams.set("library", library);
  if (isSanitized) {
    const preload = sanitizerLibrary(program);
    if (preload === undefined)
      return { failure: `--sanitize needs the library of AddressSanitizer, which ${program} lacks` };
    url.searchParams.set("preload", preload);
  }
  return { url: url.href };
}

/** What the process of a plugin has in its environment for the plugin's sake: the library of a sanitizer. */
export function environmentFor(url: string): Readonly<Record<string, string>> {
  const preload = url.startsWith("file:") ? new URL(url).searchParams.get("preload") : null;
  if (preload === null) return {};
  // Node keeps memory to its end; a report of the sanitizer ends the process, and is the reason.
  const options = "detect_leaks=0:handle_segv=2:exitcode=1:color=never";
  return { LD_PRELOAD: preload, ASAN_OPTIONS: options, UBSAN_OPTIONS: "print_stacktrace=0:color=never" };
}

function compilerOf(path: string): Compiler {
  const ending = extname(path).toLowerCase();
  if (ending === ".c") return C;
  return ending === ".cu" ? NVCC : CXX;
}

function temporaryFolder(): string {
  if (folder === undefined) {
    const made = mkdtempSync(join(tmpdir(), "benchconv-compiled-"));
    process.on("exit", () => rmSync(made, { recursive: true, force: true }));
    folder = made;
  }
  return folder;
}

function splitWords(text: string | undefined): readonly string[] | undefined {
  const words = text?.split(/\s+/).filter((word) => word !== "") ?? [];
  return words.length === 0 ? undefined : words;
}

function whyNot(error: Error, program: string, { variable, install }: Compiler): string {
  const isMissing = "code" in error && error.code === "ENOENT";
  const hint = `${variable} names another; on Debian: ${install}`;
  return isMissing ? `there is no compiler "${plainText(program)}" (${hint})` : `the compiler fails: ${error.message}`;
}

/** Flags of the compiler that the source names in a comment line: `// benchconv: flags=-lopenblas`. */
function flagsIn(source: string): readonly string[] {
  return splitWords(/^\s*\/[/*] benchconv: flags=(.*?)(?:\*\/)?\s*$/m.exec(source)?.[1]) ?? [];
}

/** The words of an `#error`, else the first line of a compiler that tells of an error, else its last. */
function complaint(stderr: string): string {
  const own = /error: #error "?(.*?)"?$/m.exec(stderr)?.[1];
  if (own !== undefined) return plainText(own);
  const lines = stderr.split("\n").filter((line) => line.trim() !== "");
  const first = lines.find((line) => /\b(?:error|undefined reference)\b/.test(line)) ?? lines.at(-1);
  return `it does not compile: ${plainText(first ?? "no reason given")}`;
}

/** The sanitizer's library has to be loaded before Node's own code: the compiler says where it is. */
function sanitizerLibrary(program: string): string | undefined {
  for (const name of ["libasan.so", "libclang_rt.asan-x86_64.so", "libclang_rt.asan.so"]) {
    const { stdout } = spawnSync(program, [`-print-file-name=${name}`], { encoding: "utf8" });
    const path = stdout?.trim() ?? "";
    if (path !== "" && dirname(path) !== ".") return path;
  }
  return undefined;
}
