/** A program that runs, and the frames that go to it and back. */
import { spawn, type ChildProcess } from "node:child_process";
import { delimiter } from "node:path";
import { fileURLToPath } from "node:url";
import { userPath } from "../../../core/paths.ts";
import { Echo } from "./echo.ts";
import {
  decodeFile,
  encodeFrame,
  FrameReader,
  LENGTH_BYTES,
  LONGEST_HEADER,
  NoFrame,
  type TensorFrame,
} from "./safetensors.ts";
import { SharedFile } from "./shared-file.ts";

const VERSION = "1";
/** Characters of what a program prints on standard error that are kept. */
const KEPT_OUTPUT = 4096;

type Answer = { readonly frame: TensorFrame } | { readonly failure: string };

/** Where a program finds the memory that it shares with us: the descriptor after standard error. */
const SHARED_DESCRIPTOR = 3;
const SHARED_PATH = `/dev/fd/${SHARED_DESCRIPTOR}`;

/** A program that runs. A request is answered before the next is sent. */
export class Program {
  readonly #child: ChildProcess;
  readonly #reader = new FrameReader();
  readonly #shared = SharedFile.make();
  #echo: Echo | undefined;
  #waiting: ((answer: Answer) => void) | undefined;
  #last: Promise<unknown> = Promise.resolve();
  #failure: string | undefined;
  #stderr = "";

  constructor(command: string) {
    this.#child = spawn(command, {
      shell: true,
      // Where the user typed it.
      cwd: userPath("."),
      env: {
        ...process.env,
        BENCHCONV_CHANNEL: VERSION,
        ...(this.#shared === undefined ? {} : { BENCHCONV_SHARED: SHARED_PATH }),
        PYTHONPATH: pythonPath(),
        PYTHONDONTWRITEBYTECODE: "1",
      },
      stdio: ["pipe", "pipe", "pipe", ...(this.#shared === undefined ? [] : [this.#shared.descriptor])],
    });
    this.#child.stdin?.on("error", () => {}); // it is gone: its end says how
    this.#child.stdout?.on("data", (chunk: Buffer) => this.#receive(chunk));
    this.#child.stderr?.on("data", (chunk: Buffer) => {
      this.#stderr = (this.#stderr + chunk.toString()).slice(-KEPT_OUTPUT);
    });
    this.#child.on("error", (error) => this.#fail(`the command does not start: ${error.message}`));
    // When all that it wrote is read.
    this.#child.on("close", (status, signal) => {
      this.#shared?.close();
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

  /** A request whose tensors go through shared memory, where they have room there. */
  requestWithFile(metadata: TensorFrame["metadata"], tensors: Parameters<typeof encodeFrame>[1]): Promise<TensorFrame> {
    const [head = new Uint8Array(0), ...rest] = encodeFrame({}, tensors);
    return this.#shared?.write([head.subarray(LENGTH_BYTES), ...rest])
      ? this.request({ ...metadata, file: SHARED_PATH })
      : this.request(metadata, tensors);
  }

  /** A request that is answered with so many elements in shared memory, or in the frame of the answer. */
  async requestFile(metadata: TensorFrame["metadata"], elements: number): Promise<TensorFrame> {
    const answer = await this.request({ ...metadata, file: SHARED_PATH });
    const bytes = Number(answer.metadata["bytes"] ?? 0);
    if (bytes === 0 || this.#shared === undefined) return answer;
    const most = LENGTH_BYTES + LONGEST_HEADER + elements * Float32Array.BYTES_PER_ELEMENT;
    if (!(bytes > 0 && bytes <= most))
      throw new Error(`the command wrote ${bytes} bytes, at most ${most} were expected`);
    try {
      return decodeFile(this.#shared.read(bytes));
    } catch (error) {
      if (!(error instanceof NoFrame)) throw error;
      const shown = JSON.stringify(error.message);
      throw new Error(`the command wrote no safetensors file but ${shown}`, { cause: error });
    }
  }

  /** How long a frame without tensors takes to another program and back: the shortest seen. */
  roundTripMs(): Promise<number | undefined> {
    this.#echo ??= new Echo();
    const echo = this.#echo;
    return echo.roundTripMs(encodeFrame({ benchconv: VERSION, request: "run", plan: "0" }, []));
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
    this.#echo?.end();
  }
}

/** Where Python finds benchconv.py, unless the program has one of its own beside it. */
function pythonPath(): string {
  return [process.env["PYTHONPATH"], fileURLToPath(new URL(".", import.meta.url))].filter(Boolean).join(delimiter);
}
