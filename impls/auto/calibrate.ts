/**
 * Measures the candidates' costs on this machine and stores them, as a process of its own; with `--if-missing` only if
 * none are stored.
 */
import { calibrate, keepCosts, knownCosts } from "./calibration.ts";

if (!process.argv.includes("--if-missing") || !knownCosts().isOfThisMachine)
  process.stdout.write(`${keepCosts(await calibrate())}\n`);
