import { fileURLToPath } from "node:url";
import { rolldown } from "rolldown";

/**
 * The page's script, which render.ts reads: the output of `bundledScript`, part of the repository so that no report has
 * to build it.
 */
export const SCRIPT_FILE = new URL("page.min.js", import.meta.url);

const CLIENT = fileURLToPath(new URL("client/", import.meta.url));

/**
 * The code of client/, what it uses of the reports and of Chart.js, as one script that imports nothing.
 * @throws Error where a module is not found, or the bundler warns of anything else
 */
export async function bundledScript(): Promise<string> {
  await using bundle = await rolldown({
    input: `${CLIENT}page.ts`,
    platform: "browser",
    // Of the reports' modules the page takes functions: what else these import, Node's own modules too, is left out.
    treeshake: { moduleSideEffects: (id) => id.startsWith(CLIENT) },
    external: /^node:/,
    onLog: (level, { message }) => {
      if (level === "warn") throw new Error(`the page's script: ${message}`);
    },
  });
  const { output } = await bundle.generate({ format: "esm", minify: true, codeSplitting: false });
  return output[0].code;
}
