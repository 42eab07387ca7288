/** Measures the costs of the candidates on this machine and keeps them, in a process of its own; with `--if-missing` only where there are none. */
import { calibrate, keepCosts, knownCosts } from "./calibration.ts";

if (!process.argv.includes("--if-missing") || !knownCosts().isOfThisMachine)
  process.stdout.write(`${keepCosts(await calibrate())}\n`);
