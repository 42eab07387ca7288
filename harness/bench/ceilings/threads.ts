import { once } from "node:events";
import { Worker } from "node:worker_threads";
import { isCallLog, type Task, type ThreadSettings } from "./messages.ts";
import type { CallLog } from "./window-rate.ts";

/** A task that has not ended so long after its time never will. */
const LATE_MS = 10_000;

/** Threads of this process that measure, all at once; they end with `stop`. */
export class MeasuringThreads {
  readonly #workers: readonly Worker[];
  /** Those that died: nobody answers there. */
  readonly #dead = new Set<Worker>();

  private constructor(workers: readonly Worker[]) {
    this.#workers = workers;
    // One that dies while nobody waits for it must not take this process along; the next task meets it.
    for (const worker of workers) worker.on("error", () => this.#dead.add(worker));
  }

  /** @throws {Error} when a thread cannot be started, such as for want of memory. */
  static async start(count: number, settings: ThreadSettings): Promise<MeasuringThreads> {
    const workers = Array.from(
      { length: count },
      () => new Worker(new URL("./thread.ts", import.meta.url), { workerData: settings, execArgv: [] }),
    );
    const threads = new MeasuringThreads(workers);
    try {
      // They answer once they are loaded, so that the first task that counts starts in all of them at once.
      await threads.run({ kind: "additions", timeMs: 0 });
    } catch (error) {
      await threads.stop();
      throw error;
    }
    return threads;
  }

  /**
   * Runs a task in the first `count` threads at once, all when left out.
   * @throws {Error} what a thread threw, or that it gave no answer.
   */
  async run(task: Task, count = this.#workers.length): Promise<readonly CallLog[]> {
    const logs = this.#workers.slice(0, count).map(async (worker) => {
      if (this.#dead.has(worker)) throw new Error("a measuring thread has ended");
      worker.postMessage(task);
      const signal = AbortSignal.timeout(Math.ceil(task.timeMs) + LATE_MS);
      const answers: readonly unknown[] = await once(worker, "message", { signal });
      const [answer] = answers;
      if (!isCallLog(answer)) throw new Error("a measuring thread gave no log");
      return answer;
    });
    return Promise.all(logs);
  }

  async stop(): Promise<void> {
    await Promise.all(this.#workers.map((worker) => worker.terminate()));
  }
}
