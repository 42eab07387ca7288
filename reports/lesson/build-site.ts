import { fileURLToPath } from "node:url";
import { rolldown, type Plugin } from "rolldown";
import { CHAPTERS } from "../../suites/lectures/chapters.ts";
import { CHAPTER_PAGES } from "./chapters/index.ts";
import { formulaStyle } from "./formulas.ts";
import { chapterPage, indexPage, testsPage, type PageParts } from "./render-page.ts";

const CLIENT = fileURLToPath(new URL("client/", import.meta.url));
const ROOT = fileURLToPath(new URL("../../", import.meta.url));

/**
 * Every page of the lesson, by its file's name. Each needs nothing but itself. `worker` is the script that times
 * layers for
 * the last chapter: reports may not import implementations.
 */
export async function buildSite(worker: string): Promise<ReadonlyMap<string, string>> {
  const style = formulaStyle();
  const frame = await bundled("contents.ts", worker);
  const pages = new Map<string, string>();
  for (const { name } of CHAPTERS) {
    const parts: PageParts = { formulaStyle: style, script: await bundled(`chapters/${name}.ts`, worker) };
    pages.set(`${name}.html`, chapterPage(name, CHAPTER_PAGES[name], parts));
  }
  pages.set("index.html", indexPage({ formulaStyle: "", script: frame }, CHAPTER_PAGES));
  pages.set("tests.html", testsPage({ formulaStyle: "", script: frame }, CHAPTER_PAGES));
  return pages;
}

/** A page's script with all that it uses, importing nothing. */
async function bundled(entry: string, worker: string): Promise<string> {
  await using bundle = await rolldown({
    input: `${CLIENT}${entry}`,
    platform: "browser",
    treeshake: { moduleSideEffects: (id) => id.startsWith(CLIENT) },
    external: /^node:/,
    plugins: [standIns(worker)],
    onLog: (level, { message }) => {
      if (level === "warn") throw new Error(`the lesson's script: ${message}`);
    },
  });
  const { output } = await bundle.generate({ format: "iife", minify: true, codeSplitting: false });
  return output[0].code;
}

/**
 * `NAME.browser.ts` of the reference stands in for `NAME.ts`, and the worker's script for the file that is to
 * hold it.
 */
function standIns(worker: string): Plugin {
  const text = "\0worker-text";
  return {
    name: "lesson-stand-ins",
    resolveId(source) {
      if (source.endsWith("/worker-text.ts")) return text;
      return source.endsWith("/fast-product.ts") ? `${ROOT}reference/fast-product.browser.ts` : null;
    },
    load: (id) => (id === text ? `export const workerText = ${JSON.stringify(worker)};` : null),
  };
}
