import type { Channel } from "./channel.ts";

/**
 * One process for all implementations of a plugin file, one after the other: a library that takes long to load is loaded once.
 * A WebAssembly trap leaves the library unusable, so that the process is renewed after it.
 */
export class FamilyProcess {
  readonly #start: () => Channel;
  #process: Channel | undefined;

  constructor(start: () => Channel) {
    this.#start = start;
  }

  /** The process, as one session sees it: the session's end is not the process's. */
  channel(): Channel {
    if (this.#process?.alive !== true) this.#process = this.#start();
    const process = this.#process;
    return {
      get alive() {
        return process.alive;
      },
      request: async (request, limitMs, tensors) => {
        const outcome = await process.request(request, limitMs, tensors);
        if (outcome.kind === "threw" && /^RuntimeError\b/.test(outcome.reason)) await process.stop();
        return outcome;
      },
      stop: async () => {},
      endProcess: () => process.stop(),
    };
  }

  async stop(): Promise<void> {
    await this.#process?.stop();
  }
}
