import { globSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join, posix } from "node:path";

/** What tsc leaves as it is in declarations: the endings of relative specifiers. */
const SPECIFIER = /(?<=\b(?:from |import\()")(\.{1,2}\/[^"]+)\.ts(?=")/g;

/**
 * Keeps the declarations that the entries reach, their specifiers naming what was built, and removes all others: they
 * describe modules that nobody can import.
 */
export function keepReachedDeclarations(folder: string, entries: readonly string[]): void {
  const reached = new Set<string>();
  const visit = (path: string): void => {
    if (reached.has(path)) return;
    reached.add(path);
    const file = join(folder, path);
    const text = readFileSync(file, "utf8");
    for (const [, specifier = ""] of text.matchAll(SPECIFIER))
      visit(posix.join(posix.dirname(path), `${specifier}.d.ts`));
    writeFileSync(file, text.replaceAll(SPECIFIER, "$1.js"));
  };
  for (const entry of entries) visit(entry);
  for (const path of globSync("**/*.d.ts", { cwd: folder })) {
    if (!reached.has(path.replaceAll("\\", "/"))) rmSync(join(folder, path));
  }
}
