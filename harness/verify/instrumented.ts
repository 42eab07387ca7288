import type { ScriptCoverage } from "../runner/messages.ts";
import { ImplementationProcess } from "../runner/process.ts";
import type { Implementation } from "../runner/discovery.ts";
import type { Sandbox } from "../runner/sandbox/sandbox.ts";
import type { ConvCase } from "../../suites/laws/law.ts";
import { attempt, type Attempt } from "./attempt.ts";
import { Runner } from "./runner.ts";

const CALL_LIMIT_MS = 1_000;
const LOAD_LIMIT_MS = 60_000;

/** What came of a call, and what it ran of the plugin's own scripts. */
export interface Explored {
  readonly end: Attempt<unknown>;
  readonly scripts: readonly ScriptCoverage[];
}

/**
 * An implementation in a process of its own in which V8 counts the blocks that run. Its results are not looked at: what
 * is checked, and what is timed, runs in other processes, which are not slowed down.
 */
export class InstrumentedImplementation {
  readonly #runner: Runner;
  #loaded: Promise<readonly ScriptCoverage[]> | undefined;

  constructor({ url, description }: Pick<Implementation, "url" | "description">, threads: number, sandbox?: Sandbox) {
    this.#runner = new Runner(description, threads, () => {
      const process = new ImplementationProcess(url, threads, undefined, {}, sandbox);
      // Before the plugin is loaded.
      void process.request({ verb: "start-coverage" }, LOAD_LIMIT_MS);
      return process;
    });
  }

  /** Loads the plugin; gives what ran of its own scripts then, which is nothing where it has none. */
  start(): Promise<readonly ScriptCoverage[]> {
    this.#loaded ??= this.#runner.start().then(() => this.#take());
    return this.#loaded;
  }

  /** One call. Where the implementation dies of it, the next call has a new process. */
  async explore({ problem, pass, data, seed }: ConvCase): Promise<Explored> {
    const limits = { limitMs: CALL_LIMIT_MS, data };
    const ending = attempt(this.#runner, limits, (tools) =>
      tools.compute(problem, pass, tools.operands({ problem, pass, data, seed })),
    );
    // Requests may overtake each other: what ran is asked for when the call is done.
    const end = await ending;
    return { end, scripts: await this.#take() };
  }

  async #take(): Promise<readonly ScriptCoverage[]> {
    const reply = await this.#runner.send({ verb: "take-coverage" }, CALL_LIMIT_MS);
    return reply.kind === "answer" ? reply.answer.scripts : [];
  }

  async stop(): Promise<void> {
    await this.#runner.stop();
  }
}
