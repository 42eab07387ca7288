import { globSync, readFileSync } from "node:fs";
import { join, sep } from "node:path";
import { compileAssemblyScript } from "./compiler.ts";
import { UsageError } from "../../core/usage-error.ts";

/** A compiled module and where it lies in the repository, with `/` between folders. */
export interface CompiledModule {
  readonly path: string;
  readonly bytes: Uint8Array;
}

/** The instruction sets that a source may be built for, with the features that the engine needs. */
const FEATURES: Readonly<Record<string, readonly string[]>> = {
  scalar: [],
  simd: ["simd"],
  "relaxed-simd": ["simd", "relaxed-simd"],
};
const FOLDERS = "{harness,impls,reference,suites}/**/assembly";
/**
 * No allocator and no collector: the kernels work on offsets of a memory that the host makes and hands over. Level 2,
 * because level 3 gives every assignment its own local and then groups the steps of an unrolled loop by accumulator:
 * twelve sums need four times the registers, and a micro-kernel runs at two thirds of its speed.
 */
const OPTIONS = ["--optimizeLevel", "2", "--noAssert", "--runtime", "stub", "--importMemory", "--noExportMemory"];
/**
 * The memory of a module with the line `// Memory: shared`: threads share it. At most 4 GiB, all that addresses of 32
 * bits can name.
 */
const SHARED = ["--enable", "threads", "--sharedMemory", "--initialMemory", "1", "--maximumMemory", "65536"];

/**
 * Compiles all AssemblyScript of the repository. A file in a folder `assembly` that begins with `// Builds: simd,
 * relaxed-simd` is a module, built once for each of these words (or `scalar`) into `NAME.simd.wasm`,
 * `NAME.relaxed-simd.wasm` beside it; other files there are parts that modules import. A second line `// Memory:
 * shared` asks for a memory that threads share.
 * @throws {UsageError} what the compiler said, or that a source names an unknown build.
 */
export async function compileModules(root: string): Promise<readonly CompiledModule[]> {
  const modules: CompiledModule[] = [];
  for (const source of filesIn(root, "*.ts")) {
    const [first = "", second = ""] = readFileSync(join(root, source), "utf8").split("\n", 2);
    const builds = /^\/\/ Builds: *(.*)$/.exec(first)?.[1] ?? "";
    const memory = second.trim() === "// Memory: shared" ? SHARED : [];
    for (const build of builds.split(",").map((word) => word.trim())) {
      if (build !== "") modules.push(await compile(root, source, build, memory));
    }
  }
  return modules;
}

/** The modules that lie in the repository. */
export function committedModules(root: string): readonly CompiledModule[] {
  return filesIn(root, "*.wasm").map((path) => ({ path, bytes: readFileSync(join(root, path)) }));
}

/** The paths of modules that are not what the sources give: changed, missing, or without a source. */
export function staleModules(compiled: readonly CompiledModule[], committed: readonly CompiledModule[]): string[] {
  const bytesAt = new Map(committed.map(({ path, bytes }) => [path, bytes]));
  const paths = new Set(compiled.map(({ path }) => path));
  return [
    ...compiled.filter(({ path, bytes }) => Buffer.compare(bytes, bytesAt.get(path) ?? Buffer.alloc(0)) !== 0),
    ...committed.filter(({ path }) => !paths.has(path)),
  ].map(({ path }) => path);
}

async function compile(
  root: string,
  source: string,
  build: string,
  memory: readonly string[],
): Promise<CompiledModule> {
  const features = FEATURES[build];
  if (features === undefined)
    throw new UsageError(`${source}: there is no build "${build}"; known: ${Object.keys(FEATURES).join(", ")}`);
  const path = source.replace(/\.ts$/, `.${build}.wasm`);
  const enabled = features.flatMap((feature) => ["--enable", feature]);
  const args = [source, "--baseDir", root, ...OPTIONS, ...enabled, ...memory];
  const { bytes, complaint } = await compileAssemblyScript(args);
  if (bytes === undefined) throw new UsageError(`${source} does not compile for ${build}:\n${complaint}`);
  return { path, bytes };
}

function filesIn(root: string, pattern: string): string[] {
  return globSync(`${FOLDERS}/${pattern}`, { cwd: root })
    .map((path) => path.replaceAll(sep, "/"))
    .sort();
}
