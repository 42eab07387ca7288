/**
 * Measures the costs of the candidates on this machine and keeps them, in a process of its own; with `--if-missing`
 * only where there are none.
 */
import { mkdirSync } from "node:fs";
import { dirname } from "node:path";
import { calibrate, costsFile, keepCosts, knownCosts } from "./calibration.ts";

if (!process.argv.includes("--if-missing") || !knownCosts().isOfThisMachine) {
  // A folder that cannot be made is known before anything is measured.
  mkdirSync(dirname(costsFile()), { recursive: true });
  process.stdout.write(`${keepCosts(await calibrate())}\n`);
}
