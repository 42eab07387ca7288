/** The process of an implementation, as the harness sees it: start, requests and answers, limits, and the end. */
import { type ElementArray } from "../../core/element-types.ts";
import { spawn, type ChildProcess } from "node:child_process";
import { once } from "node:events";
import { Duplex } from "node:stream";
import { setTimeout as delay } from "node:timers/promises";
import type { AnyTensorName, AnyTensors } from "../../core/tensors.ts";
import {
  ask,
  askCalls,
  type CallChannel,
  type CallOutcome,
  type Exchanged,
  type NoAnswer,
  type Outcome,
  type ResidentChannel,
  type Transport,
} from "./channel.ts";
import { ExpectedOutputs } from "./expected-outputs.ts";
import { encodeFrame, LONGEST_HEADER_BYTES, readFrames, type Frame, type FrameLimit, type Sent } from "./frames.ts";
import { launchOf } from "./launch.ts";
import { killsForMemory, memoryInAll } from "./machine.ts";
import {
  firstGrandchild,
  forgetPeak,
  isPaused,
  memoryLimitBytes,
  outOfMemoryText,
  peakResidentBytes,
  residentBytesOfTree,
  volunteerToDie,
} from "./memory.ts";
import type { CallsRequest, Request } from "./messages.ts";
import { excessText, lastWords, signalOf } from "./process-end.ts";
import { ProcessReaper } from "./process-reaper.ts";
import { killsInGroups } from "./sandbox/limits.ts";
import type { Sandbox } from "./sandbox/sandbox.ts";

/** No answer but that of what has run of large scripts comes near it. */
const ANSWER_HEADER_BYTES = 2 ** 22;
/** This much of what an implementation prints is kept: enough to say why it died. */
const KEPT_OUTPUT_BYTES = 8192;
/** How long the last output of a process is waited for when it has ended: a foreign process may hold it open. */
const LAST_OUTPUT_MS = 500;

const living = new Set<ImplementationProcess>();
process.on("exit", () => {
  for (const implementation of living) implementation.kill();
});

/** A process of its own that has loaded one plugin file, under a watchdog for time and memory. */
export class ImplementationProcess implements ResidentChannel, CallChannel {
  isEndedFromOutside = false;
  readonly #child: ChildProcess;
  /**
   * A stream that fails is lost with all that it still holds: answers have one of their own, to which nothing is
   * written.
   */
  readonly #requests: Duplex;
  readonly #answers: Duplex;
  readonly #frames: AsyncGenerator<Frame<unknown>, void, undefined>;
  readonly #ended: Promise<string>;
  /** The same, with what the harness knows of it. */
  readonly #howEnded: Promise<string>;
  readonly #limitBytes: number;
  readonly #killsBefore = killsForMemory();
  /** Whether a sandbox's processes stand between it and the harness. */
  readonly #isWrapped: boolean;
  #innerPid: number | undefined;
  readonly #expected = new ExpectedOutputs();
  #headerBytes = ANSWER_HEADER_BYTES;
  #output = "";
  #alive = true;
  #excess: string | undefined;
  /** By the harness, for what it did. */
  #isKilled = false;
  /** Its channel is closed: what is killed after that has mostly ended already. */
  #isClosed = false;
  /** The last request that was sent is answered. */
  #answered: Promise<unknown> = Promise.resolve();

  /**
   * `limitBytes` is how much memory it may use, `environment` what its environment has besides the harness's; without a
   * sandbox it may do what the user may.
   */
  constructor(
    pluginUrl: string,
    threads: number,
    limitBytes = memoryLimitBytes(),
    environment: Readonly<Record<string, string>> = {},
    sandbox?: Sandbox,
  ) {
    this.#limitBytes = limitBytes;
    this.#isWrapped = sandbox !== undefined && sandbox.tool.kind !== "permission-model";
    const processReaper = new ProcessReaper();
    const launch = launchOf({ pluginUrl, threads, limitBytes, environment, sandbox }, processReaper);
    this.#child = spawn(launch.command, launch.args, {
      // A process group of its own: Ctrl-C reaches the harness alone, and the kill reaches what the plugin started.
      detached: process.platform !== "win32",
      stdio: ["ignore", "pipe", "pipe", "pipe", "pipe"],
      env: launch.environment,
    });
    const { pid } = this.#child;
    if (pid !== undefined) {
      processReaper.watch(pid, launch.groups);
      volunteerToDie(pid);
    }
    const [, , , answers, requests] = this.#child.stdio;
    if (!(answers instanceof Duplex && requests instanceof Duplex))
      throw new Error("the implementation's channels are not duplex streams");
    this.#answers = answers;
    this.#requests = requests;
    for (const channel of [answers, requests]) channel.on("error", () => {}); // the process died: `#ended` says how
    requests.resume(); // what comes back on it is not read
    this.#frames = readFrames(answers, () => this.#frameLimit());
    for (const stream of [this.#child.stdout, this.#child.stderr]) {
      stream?.on("data", (chunk: Buffer) => {
        this.#output = (this.#output + chunk.toString("utf8", Math.max(0, chunk.length - KEPT_OUTPUT_BYTES))).slice(
          -KEPT_OUTPUT_BYTES,
        );
      });
    }
    living.add(this);
    this.#ended = this.#watchEnd(processReaper, launch.groups);
    this.#howEnded = this.#ended.then((how) => this.#excess ?? how);
  }

  get alive(): boolean {
    return this.#alive;
  }

  /** Of the process that computes; a sandbox's own two stand above it. */
  get pid(): number | undefined {
    const { pid } = this.#child;
    if (!this.#isWrapped || pid === undefined) return pid;
    return (this.#innerPid ??= firstGrandchild(pid)) ?? pid;
  }

  get pids(): readonly number[] {
    return this.pid === undefined ? [] : [this.pid];
  }

  /** The most memory that was resident since {@link forgetPeakMemory}; undefined where the system does not say. */
  peakMemoryBytes(): number | undefined {
    return this.pid === undefined ? undefined : peakResidentBytes(this.pid);
  }

  forgetPeakMemory(): void {
    if (this.pid !== undefined) forgetPeak(this.pid);
  }

  /** Sends one request and waits for its answer, for at most `limitMs`; a process that does not answer is killed. */
  async request<R extends Request>(request: R, limitMs: number, tensors: AnyTensors = {}): Promise<Outcome<R["verb"]>> {
    if (!this.#alive) return { kind: "crashed", reason: await this.#ended };
    const exchange = (envelope: unknown): Exchanged => this.#exchange(envelope, tensors, 1)[0]!;
    if (request.verb === "take-coverage") this.#headerBytes = LONGEST_HEADER_BYTES;
    const answered = ask({ ...this.#transport(), exchange }, request, limitMs, this.#expected.of(request));
    this.#answered = answered;
    const outcome = await answered;
    return outcome.kind === "threw" && this.#lacksMemory(outcome.reason) ? this.#endForMemory() : outcome;
  }

  async calls(
    request: CallsRequest,
    limitMs: number,
    operands: readonly ElementArray[],
  ): Promise<readonly CallOutcome[]> {
    if (!this.#alive) {
      const reason = await this.#ended;
      return request.calls.map((_, index) => (index === 0 ? { kind: "crashed", reason } : { kind: "not-run" }));
    }
    const exchange = (envelope: unknown, frames: number): readonly Exchanged[] =>
      this.#exchange(envelope, { x: operands }, frames);
    const transport = { ...this.#transport(), exchange, before: this.#answered };
    const answered = askCalls(transport, request, limitMs, this.#expected.ofCalls(request));
    this.#answered = answered;
    const outcomes = await answered;
    const lacking = outcomes.findIndex((outcome) => outcome.kind === "threw" && this.#lacksMemory(outcome.error));
    if (lacking < 0) return outcomes;
    const end = await this.#endForMemory();
    return outcomes.map((outcome, index) =>
      index < lacking ? outcome : index === lacking ? end : { kind: "not-run" },
    );
  }

  /** Whether what it threw is that the system has ended a process that it started, for want of memory. */
  #lacksMemory(thrown: string): boolean {
    return thrown.includes("was ended by SIGKILL") && killsForMemory() > this.#killsBefore;
  }

  async #endForMemory(): Promise<NoAnswer> {
    this.isEndedFromOutside = true;
    await this.stop();
    return { kind: "crashed", reason: outOfMemoryText(memoryInAll()) };
  }

  /** Ends the process and everything in its group. */
  kill(): void {
    this.#isKilled ||= !this.#isClosed;
    this.#endGroup();
  }

  #endGroup(): void {
    const { pid } = this.#child;
    if (pid === undefined) return;
    try {
      process.kill(process.platform === "win32" ? pid : -pid, "SIGKILL");
    } catch {
      // It was gone already.
    }
  }

  /** Ends the process and everything that it started, and waits until they are gone. */
  async stop(): Promise<void> {
    if (this.#alive) {
      this.isEndedFromOutside ||= isPaused(this.pid);
      this.kill();
    }
    await this.#ended;
  }

  endProcess(): Promise<void> {
    return this.stop();
  }

  /** Of the next answer: no more than what was asked for is ever waited for and held. */
  #frameLimit(): FrameLimit {
    return { headerBytes: this.#headerBytes, tensorBytes: this.#expected.mostBytes };
  }

  #transport(): Transport {
    return {
      ended: this.#howEnded,
      checkMemory: () => this.#checkMemory(),
      stop: () => this.stop(),
    };
  }

  /** Sends a message, and gives so many of the frames that come next. */
  #exchange(
    message: unknown,
    tensors: Readonly<Partial<Record<AnyTensorName, Sent>>>,
    frames: number,
  ): readonly Exchanged[] {
    // Whether a write went out is known late, together with the next: what was answered counts all the same. A process
    // that takes no request any more is ended, and its frames with it.
    for (const bytes of encodeFrame(message, tensors))
      this.#requests.write(bytes, (error) => error && this.#endGroup());
    // Asked for at once: frames are given in the order in which they were asked for.
    return Array.from({ length: frames }, () => this.#nextFrame());
  }

  async #nextFrame(): Exchanged {
    try {
      const frame = await this.#frames.next();
      if (frame.done !== true) return frame.value;
    } catch (error) {
      // The system's error is of a channel that is gone; any other is of bytes that are not the harness's.
      if (!(error instanceof Error && "syscall" in error)) return { message: {}, tensors: {} };
    }
    this.#isClosed = true;
    return "ended";
  }

  #checkMemory(): void {
    const { pid } = this.#child;
    if (pid === undefined || (residentBytesOfTree(pid) ?? 0) <= this.#limitBytes) return;
    this.#excess ??= excessText(this.#limitBytes);
    this.isEndedFromOutside = true;
    this.kill();
  }

  async #watchEnd(processReaper: ProcessReaper, groups: readonly string[]): Promise<string> {
    const closed = once(this.#child, "close").catch(() => {});
    let how: string;
    let isSignalled = false;
    try {
      const end: readonly unknown[] = await once(this.#child, "exit");
      // A sandbox's own process gives a signal as a shell does.
      const signal = end[1] ?? (this.#isWrapped ? signalOf(Number(end[0])) : undefined);
      isSignalled = typeof signal === "string" && !this.#isKilled;
      const isByMemory = signal === "SIGKILL" && isSignalled;
      if (isByMemory && killsInGroups(groups) > 0) how = excessText(this.#limitBytes);
      else if (isByMemory && killsForMemory() > this.#killsBefore) how = outOfMemoryText(memoryInAll());
      else if (typeof signal === "string") how = `the process was ended by ${signal}`;
      else how = `the process ended with status ${String(end[0])}`;
    } catch (error) {
      how = `the process did not start: ${error instanceof Error ? error.message : String(error)}`;
    }
    await processReaper.finish();
    const waited = new AbortController();
    await Promise.race([closed, delay(LAST_OUTPUT_MS, undefined, { signal: waited.signal }).catch(() => {})]);
    waited.abort();
    this.#alive = false;
    living.delete(this);
    for (const stream of [this.#child.stdout, this.#child.stderr, this.#answers, this.#requests]) stream?.destroy();
    const error = lastWords(this.#output);
    this.isEndedFromOutside ||= isSignalled && error === undefined;
    return error === undefined ? how : `${how} (${error})`;
  }
}
