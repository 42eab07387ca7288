/** How the help of verify is ordered. */
import { commandLine } from "../../core/command-line.ts";

export const GROUPS = {
  "What is checked": ["impl", "pass", "law", "problem", "batch", "shape", "type", "post", "no-bias", "data"],
  "How long and how": ["time", "cases", "seed", "threads", "bail", "sanitize", "watch", "inspect"],
  "How it is held": ["sandbox", "allow-addons"],
  "What is written": ["layers", "keep", "json", "junit", "npy", "machine"],
} as const;

export const EXAMPLES = [
  [commandLine("verify", ["--impl ./my-conv.mjs"]), "checks a plugin for 20 seconds"],
  [commandLine("verify", ["--impl ./conv.c --sanitize"]), "compiles a kernel in C with sanitizers, and checks it"],
  [
    commandLine("verify", [`--impl ./libconv.so --problem 'g1mb2_ic8ih9oc4kh3ph1' --pass forward`]),
    "checks one problem",
  ],
] as const;
