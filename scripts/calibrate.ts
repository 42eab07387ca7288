import { commandLine } from "../core/command-line.ts";
import { calibrate } from "./cli/calibrate-auto.ts";
import { EXIT, main } from "./cli/main.ts";

const USAGE = `${commandLine("calibrate", [])}
Measures anew what the parts of the implementation auto cost on this machine, and keeps it in the user's cache folder:
auto picks by these costs. bench does the same by itself where it was never done.`;

await main({ usage: USAGE, options: {} }, () => {
  process.stdout.write(`auto is calibrated: ${calibrate()}\n`);
  return EXIT.ok;
});
