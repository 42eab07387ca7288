/** `fleet serve|submit|work|status|regressions`: each its own command with its own help. */
import { commandLine } from "../core/command-line.ts";
import { nearNames } from "../core/near-names.ts";
import { plainText } from "../core/plain-text.ts";
import { EXIT } from "./cli/main.ts";

const COMMANDS = {
  serve: {
    help: "keep units, results and the history, and give units to workers",
    run: () => import("./fleet/serve.ts"),
  },
  submit: { help: "add units of verify or bench, or records to the history", run: () => import("./fleet/submit.ts") },
  work: { help: "do units of a server", run: () => import("./fleet/work.ts") },
  status: { help: "what is done, by whom, and what is left", run: () => import("./fleet/status.ts") },
  regressions: { help: "what got slower in the history; exit 3", run: () => import("./fleet/regressions.ts") },
} as const;

const [name, ...rest] = process.argv.slice(2);
const command = Object.entries(COMMANDS).find(([known]) => known === name)?.[1];
if (command !== undefined) {
  process.argv = [...process.argv.slice(0, 2), ...rest];
  await command.run();
} else if (name === undefined || name === "help" || name === "-h" || name === "--help") {
  const rows = Object.entries(COMMANDS).map(([known, { help }]) => `  ${known.padEnd(13)}${help}\n`);
  process.stdout.write(`${commandLine("fleet", ["COMMAND [options]"])}
Many machines, many months, one answer: docs/fleet.md.

${rows.join("")}`);
  process.exitCode = name === undefined ? EXIT.usage : EXIT.ok;
} else {
  const names = Object.keys(COMMANDS);
  const near = nearNames(name, names);
  const hint = near.length > 0 ? `did you mean ${near.join(" or ")}?` : `the commands are ${names.join(", ")}`;
  process.stderr.write(`benchconv: there is no command fleet "${plainText(name)}"; ${hint}\n`);
  process.exitCode = EXIT.usage;
}
