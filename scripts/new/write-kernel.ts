import { existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { commandLine, shellQuoted } from "../../core/command-line.ts";
import { plainText } from "../../core/plain-text.ts";
import { UsageError } from "../../core/usage-error.ts";
import type { Language } from "./languages.ts";

const EXAMPLES = fileURLToPath(new URL("../../examples/", import.meta.url));
const FOREIGN = fileURLToPath(new URL("../../harness/runner/foreign/", import.meta.url));

/**
 * Writes a right kernel in a language into a new folder, with what it needs beside it and how to go on.
 * @throws UsageError where the folder is there already, or cannot be written
 */
export function writeKernel(folder: string, name: string, language: Language): void {
  if (existsSync(folder)) throw new UsageError(`${plainText(folder)} is there already; name a new folder`);
  const { name: lang, file, beside } = language;
  const text = readFileSync(join(EXAMPLES, lang, file), "utf8").replaceAll(`example-${lang}`, name);
  try {
    mkdirSync(folder, { recursive: true });
    writeFileSync(join(folder, file), text);
    if (beside !== undefined) writeFileSync(join(folder, beside), readFileSync(join(FOREIGN, beside)));
    writeFileSync(join(folder, "README.md"), readme(name, language));
  } catch (error) {
    throw new UsageError(`${plainText(folder)} cannot be written: ${error instanceof Error ? error.message : "?"}`);
  }
}

/** The commands that build and check it, in its folder. */
export function stepsOf({ build, selector }: Language): readonly string[] {
  return [
    ...(build === undefined ? [] : [build.command]),
    commandLine("verify", [`--impl ${shellQuoted(selector)}`]),
    commandLine("bench", [`--impl ${shellQuoted(selector)} --quick`]),
  ];
}

function readme(name: string, language: Language): string {
  const needs = language.needs === undefined ? "" : `It needs ${language.needs}.\n\n`;
  return `# ${name}

A convolution in \`${language.file}\`, right and slow: make it fast, and see that it stays right.

${needs}\`\`\`sh
${stepsOf(language).join("\n")}
\`\`\`
`;
}
