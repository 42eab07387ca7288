import { spawnSync } from "node:child_process";
import { fileURLToPath } from "node:url";
import { commandLine } from "../core/command-line.ts";
import { moduleUrl } from "../core/module-url.ts";
import { UsageError } from "../core/usage-error.ts";
import { COMMANDS } from "./cli/commands.ts";
import { EXIT, main } from "./cli/main.ts";
import { oneOf } from "./cli/options.ts";
import { completionScript, SHELLS, type CompletedCommand } from "./completion/scripts.ts";

const USAGE = `${commandLine("completion", [SHELLS.join("|")])}
Prints a shell's completion of commands and options. In bash: source <(benchconv completion bash).`;

await main({ usage: USAGE, options: {}, takesWords: true }, (parsed) => {
  const [shell, ...more] = parsed.words;
  if (shell === undefined || more.length > 0)
    throw new UsageError(`one shell is needed: ${commandLine("completion", [SHELLS.join("|")])}`);
  process.stdout.write(completionScript(oneOf("shell", shell, SHELLS), COMMANDS.map(completed)));
  return EXIT.ok;
});

/** A command with the options that its help lists. */
function completed({ name, help }: (typeof COMMANDS)[number]): CompletedCommand {
  const script = fileURLToPath(moduleUrl("./benchconv.ts", import.meta.url));
  const { stdout } = spawnSync(process.execPath, [script, name, "--help"], { encoding: "utf8" });
  const options = [...stdout.matchAll(/^ {2}--([\w-]+)/gm)].map(([, option = ""]) => option);
  return { name, help, options };
}
