/** A program that computes convolutions, asked by frames on its standard input and output, as a plugin. */
import { spawn, type ChildProcess } from "node:child_process";
import { delimiter } from "node:path";
import { fileURLToPath } from "node:url";
import type { Plan, PlanOptions } from "../../../core/plugin.ts";
import type { ConvProblem, Pass } from "../../../core/problem.ts";
import { userPath } from "../../../core/paths.ts";
import { operandNames, outputNames, shapeOf } from "../../../core/tensors.ts";
import { nameOfFile, readDescription } from "./description.ts";
import { encodeFrame, FrameReader, NoFrame, type TensorFrame } from "./safetensors.ts";

const VERSION = "1";
/** Characters of what a program prints on standard error that are kept. */
const KEPT_OUTPUT = 4096;

type Answer = { readonly frame: TensorFrame } | { readonly failure: string };

/** A program that runs. A request is answered before the next is sent. */
class Program {
  readonly #child: ChildProcess;
  readonly #reader = new FrameReader();
  #waiting: ((answer: Answer) => void) | undefined;
  #last: Promise<unknown> = Promise.resolve();
  #failure: string | undefined;
  #stderr = "";

  constructor(command: string) {
    this.#child = spawn(command, {
      shell: true,
      // Where the user typed it.
      cwd: userPath("."),
      env: { ...process.env, BENCHCONV_CHANNEL: VERSION, PYTHONPATH: pythonPath(), PYTHONDONTWRITEBYTECODE: "1" },
      stdio: ["pipe", "pipe", "pipe"],
    });
    this.#child.stdin?.on("error", () => {}); // it is gone: its end says how
    this.#child.stdout?.on("data", (chunk: Buffer) => this.#receive(chunk));
    this.#child.stderr?.on("data", (chunk: Buffer) => {
      this.#stderr = (this.#stderr + chunk.toString()).slice(-KEPT_OUTPUT);
    });
    this.#child.on("error", (error) => this.#fail(`the command does not start: ${error.message}`));
    // When all that it wrote is read.
    this.#child.on("close", (status, signal) => {
      const last = this.#stderr.trim().split("\n").at(-1)?.trim() ?? "";
      const how = signal === null ? `ended with status ${status ?? 0}` : `was ended by ${signal}`;
      this.#fail(`the command ${how}${last === "" ? "" : ` (${last.slice(0, 200)})`}`);
    });
  }

  get hasFailed(): boolean {
    return this.#failure !== undefined;
  }

  /** @throws Error with what the program says is wrong, or with how it ended */
  request(metadata: TensorFrame["metadata"], tensors: Parameters<typeof encodeFrame>[1] = []): Promise<TensorFrame> {
    const asked = this.#last.then(() => this.#ask(metadata, tensors));
    this.#last = asked.catch(() => {});
    return asked;
  }

  async #ask(metadata: TensorFrame["metadata"], tensors: Parameters<typeof encodeFrame>[1]): Promise<TensorFrame> {
    const answer = await new Promise<Answer>((resolve) => {
      if (this.#failure !== undefined) return resolve({ failure: this.#failure });
      this.#waiting = resolve;
      for (const part of encodeFrame({ benchconv: VERSION, ...metadata }, tensors)) this.#child.stdin?.write(part);
    });
    if ("failure" in answer) throw new Error(answer.failure);
    const { benchconv: version, error } = answer.frame.metadata;
    if (version !== VERSION)
      throw new Error(`the command speaks version ${version ?? "none"} of the frames, this benchconv ${VERSION}`);
    if (error !== undefined) throw new Error(error);
    return answer.frame;
  }

  #receive(chunk: Buffer): void {
    try {
      for (const frame of this.#reader.take(chunk)) {
        const waiting = this.#waiting;
        this.#waiting = undefined;
        if (waiting === undefined) this.#fail("the command answered what was not asked");
        waiting?.({ frame });
      }
    } catch (error) {
      if (!(error instanceof NoFrame)) throw error;
      const shown = JSON.stringify(error.message);
      this.#fail(`the command wrote ${shown} where a frame was expected; what it prints goes to standard error`);
    }
  }

  #fail(failure: string): void {
    this.#failure ??= failure;
    this.#waiting?.({ failure: this.#failure });
    this.#waiting = undefined;
    this.#child.kill("SIGKILL");
  }
}

/** Where Python finds benchconv.py, unless the program has one of its own beside it. */
function pythonPath(): string {
  return [process.env["PYTHONPATH"], fileURLToPath(new URL(".", import.meta.url))].filter(Boolean).join(delimiter);
}

/** The program of a command line as a plugin. @throws Error where it does not say what it is */
export async function commandPlugin(command: string): Promise<object> {
  let program = new Program(command);
  let plans = 0;
  const { metadata } = await program.request({ request: "describe" });
  const described = readDescription(metadata["describe"] ?? "{}", "the command");
  const { unavailable } = metadata;
  return {
    name: nameOfFile(command.split(/\s+/).at(-1) ?? command),
    ...described,
    unavailable: () => unavailable,
    async plan(problem: ConvProblem, pass: Pass, { threads }: PlanOptions): Promise<Plan | { unsupported: string }> {
      // One that has died of an earlier problem gets another chance.
      if (program.hasFailed) program = new Program(command);
      const plan = String(plans++);
      const settings = { pass, problem: JSON.stringify(problem), threads: String(threads) };
      const answer = await program.request({ request: "plan", plan, ...settings });
      const { unsupported } = answer.metadata;
      return unsupported === undefined ? planOf(program, plan, problem, pass) : { unsupported };
    },
  };
}

function planOf(program: Program, plan: string, problem: ConvProblem, pass: Pass): Plan {
  let ownMs: number | undefined;
  return {
    async load(operands) {
      const tensors = operandNames(problem, pass).flatMap((name) => {
        const elements = operands[name];
        return elements === undefined ? [] : [{ name, shape: shapeOf(problem, name), elements }];
      });
      await program.request({ request: "load", plan }, tensors);
    },
    async run() {
      const { metadata } = await program.request({ request: "run", plan });
      ownMs = metadata["ms"] === undefined ? undefined : Number(metadata["ms"]);
    },
    async read(outputs) {
      const { tensors } = await program.request({ request: "read", plan });
      for (const name of outputNames(problem, pass)) {
        const [given, wanted] = [tensors.get(name), outputs[name]];
        if (given === undefined) throw new Error(`the command gave no ${name}`);
        if (given.length !== wanted?.length)
          throw new Error(`the command gave ${given.length} elements of ${name}, ${wanted?.length ?? 0} were expected`);
        wanted.set(given);
      }
    },
    deviceMs: () => ownMs,
    async dispose() {
      if (!program.hasFailed) await program.request({ request: "dispose", plan });
    },
  };
}
