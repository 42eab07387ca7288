import { globSync, readFileSync } from "node:fs";
import { join, sep } from "node:path";
import { compileAssemblyScript } from "./compiler.ts";
import { UsageError } from "../../harness/usage-error.ts";

/** A compiled module and where it lies in the repository, with `/` between folders. */
export interface CompiledModule {
  readonly path: string;
  readonly bytes: Uint8Array;
}

/** What a source may be built for: the instructions that the engine has to have. */
const FEATURES: Readonly<Record<string, readonly string[]>> = {
  scalar: [],
  simd: ["simd"],
  "relaxed-simd": ["simd", "relaxed-simd"],
};
const FOLDERS = "{harness,impls,reference,suites}/**/assembly";
/** No allocator and no collector: the kernels work on offsets of a memory that the host makes and hands over. */
const OPTIONS = ["--optimizeLevel", "3", "--noAssert", "--runtime", "stub", "--importMemory", "--noExportMemory"];

/**
 * Compiles all AssemblyScript of the repository. A file in a folder `assembly` that begins with `// Builds: simd, relaxed-simd` is a module, built once for
 * each of these words (or `scalar`) into `NAME.simd.wasm`, `NAME.relaxed-simd.wasm` beside it; other files there are parts that modules import.
 * @throws {UsageError} what the compiler said, or that a source asks for a build that there is none of.
 */
export async function compileModules(root: string): Promise<readonly CompiledModule[]> {
  const modules: CompiledModule[] = [];
  for (const source of filesIn(root, "*.ts")) {
    const builds = /^\/\/ Builds: *(.*)$/m.exec(firstLine(join(root, source)))?.[1] ?? "";
    for (const build of builds.split(",").map((word) => word.trim())) {
      if (build !== "") modules.push(await compile(root, source, build));
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

async function compile(root: string, source: string, build: string): Promise<CompiledModule> {
  const features = FEATURES[build];
  if (features === undefined)
    throw new UsageError(`${source}: there is no build "${build}"; known: ${Object.keys(FEATURES).join(", ")}`);
  const path = source.replace(/\.ts$/, `.${build}.wasm`);
  const enabled = features.flatMap((feature) => ["--enable", feature]);
  const { bytes, complaint } = await compileAssemblyScript([source, "--baseDir", root, ...OPTIONS, ...enabled]);
  if (bytes === undefined) throw new UsageError(`${source} does not compile for ${build}:\n${complaint}`);
  return { path, bytes };
}

function filesIn(root: string, pattern: string): string[] {
  return globSync(`${FOLDERS}/${pattern}`, { cwd: root })
    .map((path) => path.replaceAll(sep, "/"))
    .sort();
}

function firstLine(path: string): string {
  return readFileSync(path, "utf8").split("\n", 1)[0] ?? "";
}
