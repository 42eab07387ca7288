import { commandLine } from "../../core/command-line.ts";

/** A command of the installed tool. */
export interface InstalledCommand {
  readonly name: string;
  readonly help: string;
  /** Runs it on `process.argv`. */
  readonly run: () => Promise<unknown>;
}

/** In the order of their use. */
export const COMMANDS: readonly InstalledCommand[] = [
  { name: "verify", help: "check implementations: outputs and gradients", run: () => import("../verify.ts") },
  { name: "bench", help: "time them, every output checked, into one page", run: () => import("../bench.ts") },
  { name: "report", help: "draw a record again: terminal, Markdown, CSV, HTML", run: () => import("../report.ts") },
  {
    name: "identify",
    help: "name how an implementation computes, from its outputs alone",
    run: () => import("../identify.ts"),
  },
  { name: "lesson", help: "the lectures, alive: a site that teaches convolution", run: () => import("../lesson.ts") },
  { name: "new", help: "start a kernel in any language: a folder with a right one", run: () => import("../new.ts") },
  { name: "fleet", help: "many machines, many months: units, workers, history", run: () => import("../fleet.ts") },
  { name: "selftest", help: "test the checker, or the clock", run: () => import("../selftest.ts") },
  {
    name: "doctor",
    help: "what this machine has, and the command that installs the rest",
    run: () => import("../doctor.ts"),
  },
  { name: "completion", help: "a shell's completion of commands and options", run: () => import("../completion.ts") },
  {
    name: "onnx-conformance",
    help: "run ONNX's own conformance cases",
    run: () => import("../onnx-conformance.ts"),
  },
  {
    name: "network-gradients",
    help: "check the reference's gradients of whole networks",
    run: () => import("../network-gradients.ts"),
  },
  {
    name: "expected-failure",
    help: "reproduce a known defect of a library",
    run: () => import("../expected-failure.ts"),
  },
  {
    name: "calibrate",
    help: "measure this machine for the implementation auto",
    run: () => import("../calibrate.ts"),
  },
];

/** What the command says of itself. */
export function commandsText(): string {
  const width = Math.max(...COMMANDS.map(({ name }) => name.length)) + 2;
  const rows = COMMANDS.map(({ name, help }) => `  ${name.padEnd(width)}${help}\n`).join("");
  const examples = [
    commandLine("verify", ["--impl ./my-conv.mjs"]),
    commandLine("bench", ["--impl ./my-conv.mjs,wasm-gemm --quick"]),
    commandLine("verify", ["--help"]),
  ];
  return `benchconv COMMAND [options]
Is your convolution right, and how fast is it really?

${rows}
Examples
${examples.map((example) => `  ${example}\n`).join("")}`;
}
