import { spawnSync } from "node:child_process";
import { cpSync, globSync, mkdirSync, mkdtempSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import { assertWritableFolder } from "../core/atomic-file.ts";
import { userPath } from "../core/paths.ts";
import { plainText } from "../core/plain-text.ts";
import manifest from "../package.json" with { type: "json" };
import { publishedManifest } from "./build/manifest.ts";
import { keepReachedDeclarations } from "./build/declarations.ts";
import { EXIT, main } from "./cli/main.ts";
import { writeLesson } from "./lesson/pages.ts";

const OPTIONS = {
  out: { value: "FOLDER", help: "write the package there (default dist)" },
} as const;

const USAGE = `npm run build -- [options]
Makes the published package: what tsc makes of the sources, what they read, and a manifest. \`npm pack ./dist\` packs it.`;

const ROOT = join(import.meta.dirname, "..");
/** What is published as it is in the repository. */
const AS_THEY_ARE = [
  "{core,harness,impls,reference,reports,suites}/**/*.{mjs,css,wasm}",
  "core/*.{json,d.mts}",
  "harness/runner/foreign/*.{h,py}",
  "impls/*/index.{c,py}",
  "reports/page/page.min.js",
  "bin/*",
  "examples/*/*",
  "{README.md,LICENSE,CHANGELOG.md}",
];
/** The record's schema as TypeBox, of which only the types are used; its types are in no declaration that is kept. */
const TYPES_ONLY = "core/record";
/** The modules that users import. */
const ENTRIES = ["index.d.ts", "harness/verify/conformance.d.ts"];

await main({ usage: USAGE, options: OPTIONS }, async (parsed) => {
  const out = userPath(parsed.text("out") ?? join(ROOT, "dist"));
  assertWritableFolder(out);
  // Made elsewhere and then renamed: what is there is whole.
  const made = mkdtempSync(join(dirname(out), ".benchconv-build-"));
  try {
    const failure = compile(made);
    if (failure !== undefined) {
      process.stderr.write(`benchconv: the sources do not compile: ${plainText(failure)}\n`);
      return EXIT.failed;
    }
    keepReachedDeclarations(made, ENTRIES);
    rmSync(join(made, TYPES_ONLY), { recursive: true });
    for (const path of AS_THEY_ARE.flatMap((pattern) => globSync(pattern, { cwd: ROOT }))) {
      mkdirSync(dirname(join(made, path)), { recursive: true });
      cpSync(join(ROOT, path), join(made, path));
    }
    // The lesson's pages are bundled here: where the package is used there is no bundler.
    await writeLesson(join(made, "lesson"));
    writeFileSync(join(made, "package.json"), `${JSON.stringify(publishedManifest(manifest), undefined, 2)}\n`);
    rmSync(out, { recursive: true, force: true });
    renameSync(made, out);
  } finally {
    rmSync(made, { recursive: true, force: true });
  }
  process.stdout.write(`${plainText(out)}\n`);
  return EXIT.ok;
});

/** Compiles into a folder; gives the compiler's first complaint. */
function compile(folder: string): string | undefined {
  const typescript = dirname(createRequire(import.meta.url).resolve("typescript/package.json"));
  const { status, stdout } = spawnSync(
    process.execPath,
    [join(typescript, "bin/tsc"), "-p", join(ROOT, "tsconfig.build.json"), "--outDir", folder],
    { encoding: "utf8" },
  );
  return status === 0 ? undefined : (stdout.split("\n")[0] ?? "");
}
