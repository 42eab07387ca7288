/** The installed command: picks the command of its first word; without one, says what there is. */
import manifest from "../package.json" with { type: "json" };
import { nearNames } from "../core/near-names.ts";
import { plainText } from "../core/plain-text.ts";
import { COMMANDS, commandsText } from "./cli/commands.ts";
import { EXIT } from "./cli/main.ts";

const [name, ...rest] = process.argv.slice(2);
const command = COMMANDS.find((candidate) => candidate.name === name);
if (name === undefined || name === "help" || name === "-h" || name === "--help") {
  process.stdout.write(commandsText());
  process.exitCode = name === undefined ? EXIT.usage : EXIT.ok;
} else if (name === "--version" || name === "-v") {
  process.stdout.write(`${manifest.version}\n`);
} else if (command === undefined) {
  const names = COMMANDS.map((each) => each.name);
  const near = nearNames(name, names);
  const hint = near.length > 0 ? `did you mean ${near.join(" or ")}?` : `the commands are ${names.join(", ")}`;
  process.stderr.write(`benchconv: there is no command "${plainText(name)}"; ${hint}\n`);
  process.exitCode = EXIT.usage;
} else {
  process.argv = [...process.argv.slice(0, 2), ...rest];
  await command.run();
}
