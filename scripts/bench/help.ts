/** How the help of bench is ordered. */
import { commandLine } from "../../core/command-line.ts";

export const GROUPS = {
  "What is timed": ["impl", "suite", "shape", "pass", "layer", "mb", "whole", "table", "list"],
  "How it is timed": ["threads", "cache", "time", "quick", "seed", "browser"],
  "How it is held": ["sandbox", "allow-addons"],
  "What it is compared with": ["against", "baseline", "threshold", "force", "resume"],
  "What is written": ["layers", "identified", "keep", "json", "html", "csv", "markdown", "junit", "machine"],
} as const;

export const EXAMPLES = [
  [
    commandLine("bench", ["--impl ./my-conv.mjs,wasm-gemm --quick"]),
    "a first look at AlexNet's layers, beside another",
  ],
  [commandLine("bench", ["--impl ./new.mjs --against ./old.mjs"]), "is it slower than it was? exit status 3 if so"],
  [commandLine("bench", ["--suite resnet50 --mb 8 --threads 1,2 --json run.json"]), "a network, and the record of it"],
] as const;
