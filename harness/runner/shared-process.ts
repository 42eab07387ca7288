import type { CallChannel } from "./channel.ts";
import { isTrap } from "./error-text.ts";

/**
 * One process for several implementations of a plugin file, one after the other: a library that takes long to load is
 * loaded once. A WebAssembly trap leaves the library unusable, so that a new process is started after it.
 */
export class SharedProcess {
  readonly #start: () => CallChannel;
  #process: CallChannel | undefined;

  constructor(start: () => CallChannel) {
    this.#start = start;
  }

  /** The process as one session sees it: when the session stops, the process goes on. */
  channel(): CallChannel {
    if (this.#process?.alive !== true) this.#process = this.#start();
    const process = this.#process;
    return {
      get alive() {
        return process.alive;
      },
      request: async (request, limitMs, tensors) => {
        const outcome = await process.request(request, limitMs, tensors);
        if (outcome.kind === "threw" && isTrap(outcome.reason)) await process.stop();
        return outcome;
      },
      calls: async (request, limitMs, operands) => {
        const outcomes = await process.calls(request, limitMs, operands);
        if (outcomes.some((outcome) => outcome.kind === "threw" && isTrap(outcome.error))) await process.stop();
        return outcomes;
      },
      stop: async () => {},
      endProcess: () => process.stop(),
    };
  }

  async stop(): Promise<void> {
    await this.#process?.stop();
  }
}
