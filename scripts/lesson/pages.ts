import { mkdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { writeAtomically } from "../../core/atomic-file.ts";
import { rolldown, type Plugin } from "rolldown";
import { buildSite } from "../../reports/lesson/build-site.ts";

const ROOT = fileURLToPath(new URL("../../", import.meta.url));

/** Every page of the lesson, by its file's name. */
export async function lessonPages(): Promise<ReadonlyMap<string, string>> {
  return buildSite(await workerScript());
}

/** Writes every page into a folder. @throws UsageError where one cannot be written */
export async function writeLesson(folder: string): Promise<void> {
  mkdirSync(folder, { recursive: true });
  for (const [name, html] of await lessonPages()) writeAtomically(join(folder, name), html);
}

/** The breakdown's worker with all that it imports, WebAssembly included, as one script. */
async function workerScript(): Promise<string> {
  await using bundle = await rolldown({
    input: `${ROOT}scripts/lesson/breakdown-worker.ts`,
    platform: "browser",
    treeshake: { moduleSideEffects: (id) => id.endsWith("/breakdown-worker.ts") },
    plugins: [standIns()],
    transform: { define: { "process.env": "({})", "import.meta.url": '"file:///lesson/module.js"' } },
    onLog: (level, { message }) => {
      if (level === "warn") throw new Error(`the lesson's worker: ${message}`);
    },
  });
  const { output } = await bundle.generate({ format: "iife", minify: true, codeSplitting: false });
  return output[0].code;
}

/** What a page has in place of files, of Node, and of a native library. */
function standIns(): Plugin {
  const modules: Readonly<Record<string, string>> = {
    "support/platform.ts": platformModule(),
    "gpu/dawn.ts": `export const openDawn = async () => ({ missing: "no WebGPU for a page from a file" });`,
  };
  const files: Readonly<Record<string, string>> = {
    "node:crypto": `${ROOT}scripts/lesson/sha256.ts`,
    "fast-product.ts": `${ROOT}reference/fast-product.browser.ts`,
    "support/workers.ts": `${ROOT}impls/support/workers.browser.ts`,
  };
  const nameIn = (names: object, source: string): string | undefined =>
    Object.keys(names).find((name) => source === name || source.endsWith(`/${name}`));
  return {
    name: "lesson-worker-stand-ins",
    resolveId(source, importer) {
      // `./platform.ts` is named from its own folder.
      const from = importer?.includes("/impls/support/gpu/") ? `gpu/${source.replace(/^\.\//, "")}` : source;
      const full = importer?.includes("/impls/support/") === true ? `support/${from.replace(/^\.\//, "")}` : from;
      for (const candidate of [source, from, full]) {
        const module = nameIn(modules, candidate);
        if (module !== undefined) return `\0stand-in:${module}`;
        const file = nameIn(files, candidate);
        if (file !== undefined) return files[file] ?? null;
      }
      return null;
    },
    load(id) {
      return id.startsWith("\0stand-in:") ? (modules[id.slice("\0stand-in:".length)] ?? null) : null;
    },
  };
}

/** `impls/support/platform.ts` with the kernels' bytes inside. */
function platformModule(): string {
  const names = ["relaxed-simd", "simd", "scalar"].map((instructions) => `gemm.${instructions}.wasm`);
  const bytes = names.map((name) => {
    const text = readFileSync(`${ROOT}impls/wasm-gemm/assembly/${name}`).toString("base64");
    return `${JSON.stringify(name)}: "${text}"`;
  });
  return `const files = { ${bytes.join(", ")} };
export function readBytes(url) {
  return Uint8Array.from(atob(files[url.pathname.split("/").at(-1)]), (character) => character.charCodeAt(0));
}
export function packageFolder(name) { throw new Error(name + " is not in this page"); }
export function readText(path) { throw new Error(path + " is not in this page"); }`;
}
