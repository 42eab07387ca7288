import { once } from "node:events";
import { Worker } from "node:worker_threads";
import type { Ceilings } from "../../../core/record.ts";
import type { CallLog } from "./window-rate.ts";
import { moduleUrl } from "../../../core/module-url.ts";

/** What a measuring thread is started with. */
export interface ThreadSettings {
  readonly instructions: Ceilings["wasmInstructions"];
  /** Bytes of its share of the arrays that exceed the cache. */
  readonly arrayBytes: number;
}

/** What the calls of a task run; all but the last two stay in registers. */
const TASKS = ["additions", "twelve-chains", "twenty-four-chains", "triad", "copy"] as const;

export interface Task {
  readonly kind: (typeof TASKS)[number];
  readonly timeMs: number;
}

/** A task that has not ended this long after its time has hung. */
const LATE_MS = 10_000;

/** Threads of this process that measure, all at once; they end with `stop`. */
export class MeasuringThreads {
  readonly #workers: readonly Worker[];
  /** Those that died: they answer no task. */
  readonly #dead = new Set<Worker>();

  private constructor(workers: readonly Worker[]) {
    this.#workers = workers;
    // One that dies between two tasks must not end this process; the next task finds out.
    for (const worker of workers) worker.on("error", () => this.#dead.add(worker));
  }

  /** @throws {Error} when a thread cannot be started, for lack of memory say */
  static async start(count: number, settings: ThreadSettings): Promise<MeasuringThreads> {
    const workers = Array.from(
      { length: count },
      () => new Worker(moduleUrl("./thread.ts", import.meta.url), { workerData: settings, execArgv: [] }),
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
   * @throws {Error} what a thread threw, or that it gave no answer
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

export function isThreadSettings(value: unknown): value is ThreadSettings {
  return isRecord(value) && typeof value["instructions"] === "string" && typeof value["arrayBytes"] === "number";
}

export function isTask(value: unknown): value is Task {
  return isRecord(value) && TASKS.some((kind) => kind === value["kind"]) && typeof value["timeMs"] === "number";
}

function isCallLog(value: unknown): value is CallLog {
  return isRecord(value) && Array.isArray(value["endsMs"]) && typeof value["startMs"] === "number";
}

function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === "object" && value !== null;
}
