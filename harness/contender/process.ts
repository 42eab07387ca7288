import { spawn, type ChildProcess } from "node:child_process";
import { Duplex } from "node:stream";
import { fileURLToPath } from "node:url";
import type { Tensors } from "../plugin.ts";
import { readFrames, writeFrame, type Frame } from "./frames.ts";
import type { Channel, Outcome } from "./channel.ts";
import type { Answers, Reply, Request } from "./messages.ts";

const CHILD = fileURLToPath(new URL("./child.ts", import.meta.url));
/** What a contender prints is kept only so far: enough to say why it died. */
const KEPT_OUTPUT_BYTES = 8192;

const living = new Set<ContenderProcess>();
process.on("exit", () => {
  for (const contender of living) contender.kill();
});

/** A process of its own that has loaded one plugin file, under a watchdog. */
export class ContenderProcess implements Channel {
  readonly #child: ChildProcess;
  readonly #channel: Duplex;
  readonly #frames: AsyncGenerator<Frame<unknown>, void, undefined>;
  readonly #ended: Promise<string>;
  #output = "";
  #alive = true;

  constructor(pluginUrl: string, threads: number) {
    this.#child = spawn(process.execPath, ["--disable-warning=ExperimentalWarning", CHILD, pluginUrl], {
      // A process group of its own: Ctrl-C reaches the harness alone, and the kill reaches what the plugin started.
      detached: process.platform !== "win32",
      stdio: ["ignore", "pipe", "pipe", "pipe"],
      env: { ...process.env, BENCHCONV_THREADS: String(threads) },
    });
    const channel = this.#child.stdio[3];
    if (!(channel instanceof Duplex)) throw new Error("the contender's channel is not a duplex stream");
    this.#channel = channel;
    this.#channel.on("error", () => {}); // the process died: `#ended` says how
    this.#frames = readFrames(channel);
    for (const stream of [this.#child.stdout, this.#child.stderr]) {
      stream?.on("data", (chunk: Buffer) => {
        this.#output = (this.#output + chunk.toString()).slice(-KEPT_OUTPUT_BYTES);
      });
    }
    living.add(this);
    this.#ended = new Promise((resolve) => {
      this.#child.once("error", (error) => resolve(`the process did not start: ${error.message}`));
      // "close" comes after the last output was read, so that the reason is complete.
      this.#child.once("close", (code, signal) => resolve(this.#describeEnd(code, signal)));
    }).then((reason) => {
      this.#alive = false;
      living.delete(this);
      return String(reason);
    });
  }

  get alive(): boolean {
    return this.#alive;
  }

  /** Sends one request and waits for its answer, for at most `limitMs`; a process that does not answer is killed. */
  async request<R extends Request>(request: R, limitMs: number, tensors: Tensors = {}): Promise<Outcome<R["verb"]>> {
    if (!this.#alive) return { kind: "crashed", reason: await this.#ended };
    const start = performance.now();
    let timer: NodeJS.Timeout | undefined;
    const timeout = new Promise<"timeout">((resolve) => {
      timer = setTimeout(() => resolve("timeout"), limitMs);
    });
    const exchange = writeFrame(this.#channel, request, tensors)
      .then(() => this.#frames.next())
      .catch(() => ({ done: true as const, value: undefined }));
    const first = await Promise.race([exchange, timeout, this.#ended.then(() => "ended" as const)]);
    clearTimeout(timer);
    if (first === "timeout") {
      this.kill();
      await this.#ended;
      return { kind: "timed-out", reason: `no answer to ${request.verb} within ${(limitMs / 1000).toFixed(1)} s` };
    }
    if (first === "ended" || first.done === true) {
      this.kill();
      return { kind: "crashed", reason: `${await this.#ended} during ${request.verb}` };
    }
    const wallMs = performance.now() - start;
    const reply = first.value.message as Reply; // oxlint-disable-line typescript/no-unsafe-type-assertion -- both ends are this version's own code
    if (reply.kind === "threw") return { kind: "threw", reason: reply.error };
    const answer = reply.answer as Answers[R["verb"]]; // oxlint-disable-line typescript/no-unsafe-type-assertion -- the child answers the verb it was asked
    return { kind: "answer", answer, tensors: first.value.tensors, wallMs };
  }

  /** Ends the process and everything that it started. */
  kill(): void {
    const { pid } = this.#child;
    if (pid === undefined) return;
    try {
      process.kill(process.platform === "win32" ? pid : -pid, "SIGKILL");
    } catch {
      // It was gone already.
    }
  }

  /** Ends the process and waits until it is gone. */
  async stop(): Promise<void> {
    if (this.#alive) this.kill();
    await this.#ended;
  }

  #describeEnd(code: number | null, signal: NodeJS.Signals | null): string {
    const lines = this.#output.split("\n").map((line) => line.trim());
    const error = lines.findLast((line) => /^(\w*Error|FATAL ERROR|RuntimeError|Aborted)\b/.test(line));
    const how = signal === null ? `the process ended with status ${code}` : `the process was ended by ${signal}`;
    return error === undefined ? how : `${how} (${error.slice(0, 200)})`;
  }
}
