import { commandLine } from "../core/command-line.ts";
import { userPath } from "../core/paths.ts";
import { plainText } from "../core/plain-text.ts";
import { UsageError } from "../core/usage-error.ts";
import { EXIT, main } from "./cli/main.ts";
import { oneOf } from "./cli/options.ts";
import { LANGUAGES } from "./new/languages.ts";
import { stepsOf, writeKernel } from "./new/write-kernel.ts";

const NAMES = LANGUAGES.map(({ name }) => name);
const OPTIONS = {
  lang: { value: "LANGUAGE", help: `what it is written in: ${NAMES.join(", ")} (default js)` },
} as const;

const USAGE = `${commandLine("new", ["NAME [--lang LANGUAGE]"])}
Makes the folder NAME with a right, readable convolution, how to build it, and the commands that check and time it.`;

await main({ usage: USAGE, options: OPTIONS, takesWords: true }, (parsed) => {
  const [name, ...more] = parsed.words;
  if (name === undefined || more.length > 0)
    throw new UsageError(`one name is needed: ${commandLine("new", ["my-conv --lang c"])}`);
  if (!/^[a-z][a-z0-9-]*$/.test(name))
    throw new UsageError(`a name is in kebab-case, such as my-conv; got "${plainText(name)}"`);
  const wanted = oneOf("language", parsed.text("lang") ?? "js", NAMES);
  const language = LANGUAGES.find((each) => each.name === wanted) ?? LANGUAGES[0]!;
  writeKernel(userPath(name), name, language);
  process.stdout.write([`cd ${name}`, ...stepsOf(language)].map((line) => `${line}\n`).join(""));
  if (language.needs !== undefined) process.stderr.write(`it needs ${language.needs}\n`);
  return EXIT.ok;
});
