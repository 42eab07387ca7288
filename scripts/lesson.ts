import { cpSync, existsSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { assertWritableFolder } from "../core/atomic-file.ts";
import { commandLine } from "../core/command-line.ts";
import { userPath } from "../core/paths.ts";
import { plainText } from "../core/plain-text.ts";
import { EXIT, main } from "./cli/main.ts";
import { outputFolder } from "./cli/output-folder.ts";

const OPTIONS = {
  out: { value: "FOLDER", help: "write the site there (default benchconv-out/lesson)" },
} as const;

const USAGE = `${commandLine("lesson", ["[--out FOLDER]"])}
Writes the lesson: a page for each chapter on convolutional networks, every number computed in the reader's browser by
the tested reference. The pages need no network and no server: open index.html.`;

/** Where the published package and the bundle hold the pages, ready made. */
const MADE = fileURLToPath(new URL("../lesson/", import.meta.url));

await main({ usage: USAGE, options: OPTIONS }, async (parsed) => {
  const out = userPath(parsed.text("out") ?? join(outputFolder(), "lesson"));
  assertWritableFolder(out);
  if (existsSync(MADE)) cpSync(MADE, out, { recursive: true });
  else {
    const { writeLesson } = await import("./lesson/pages.ts");
    await writeLesson(out);
  }
  process.stdout.write(`${plainText(join(out, "index.html"))}\n`);
  return EXIT.ok;
});
