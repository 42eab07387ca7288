import type { WasmInstance, WasmLibrary } from "./wasm.ts";
import { startWorker, type PoolWorker } from "./workers.ts";
import { moduleUrl } from "../../core/module-url.ts";

/** What one thread does between two barriers: `count` jobs of a kernel, which lie at an address. */
export interface Task {
  readonly address: number;
  readonly count: number;
}

/** A plan's memory, whose kernels may run on several threads. */
export interface ThreadedInstance extends Pick<WasmInstance, "kernels" | "floats" | "integers"> {
  /** Runs a kernel with one task a thread; returns when all are done. */
  run(kernel: string, tasks: readonly Task[]): void;
  /** To be called once, when the plan is disposed. */
  close(): Promise<void>;
}

/**
 * The thread pools of a library's plans: one for each number of threads, which starts with the first plan that uses it
 * and stops with the last.
 */
export class ThreadPools {
  readonly #library: WasmLibrary;
  readonly #kernels: readonly string[];
  readonly #pools = new Map<number, { readonly pool: Promise<ThreadPool>; plans: number }>();

  /** `kernels` are the functions that tasks may name. */
  constructor(library: WasmLibrary, kernels: readonly string[]) {
    this.#library = library;
    this.#kernels = kernels;
  }

  /** @throws {RangeError} as {@link WasmLibrary.open} does. */
  async open(bytes: number, threads: number): Promise<ThreadedInstance> {
    try {
      const pool = threads === 1 ? undefined : await this.#join(threads);
      const instance = this.#library.open(bytes);
      return {
        ...instance,
        run(kernel, tasks) {
          if (pool !== undefined) pool.run(instance, kernel, tasks);
          else for (const { address, count } of tasks) instance.kernels[kernel]?.(address, count);
        },
        close: async () => {
          pool?.forget(instance);
          this.#library.close(instance);
          await this.#leave(threads);
        },
      };
    } catch (error) {
      await this.#leave(threads);
      throw error;
    }
  }

  async #join(threads: number): Promise<ThreadPool> {
    const entry = this.#pools.get(threads) ?? {
      pool: ThreadPool.start(this.#library, threads, this.#kernels),
      plans: 0,
    };
    this.#pools.set(threads, entry);
    entry.plans++;
    return entry.pool;
  }

  async #leave(threads: number): Promise<void> {
    const entry = this.#pools.get(threads);
    if (entry === undefined || --entry.plans > 0) return;
    this.#pools.delete(threads);
    await (await entry.pool).stop();
  }
}

/**
 * Positions in the shared array: how often work was handed out, how many workers are still busy, whether one failed,
 * the kernel, the memory, and a task for each worker.
 */
export const SHARED = { sequence: 0, busy: 1, failed: 2, kernel: 3, memory: 4, tasks: 5, taskLength: 2 } as const;

/** The kernel number at which a worker takes a message; −1 is a kernel that is not known. */
export const LISTEN = -2;

/** A worker's first message. */
export interface WorkerStart {
  readonly shared: Int32Array;
  readonly index: number;
  readonly module: WebAssembly.Module;
  readonly kernels: readonly string[];
}

/** Every later message: a memory for tasks, or undefined when it is no longer used. */
export interface MemoryMessage {
  readonly id: number;
  readonly memory: WebAssembly.Memory | undefined;
}

/**
 * Threads that run kernels over one shared memory: the caller's, and workers that sleep (Atomics.wait) until there is a
 * task. The caller decides which thread does what, so that results depend on the number of threads and not on their
 * speed.
 */
class ThreadPool {
  readonly #kernels: readonly string[];
  readonly #shared: Int32Array;
  readonly #workers: readonly PoolWorker[];
  readonly #ids = new Map<WasmInstance, number>();
  #lastId = 0;

  private constructor(kernels: readonly string[], shared: Int32Array, workers: readonly PoolWorker[]) {
    this.#kernels = kernels;
    this.#shared = shared;
    this.#workers = workers;
  }

  static async start(library: WasmLibrary, threads: number, kernels: readonly string[]): Promise<ThreadPool> {
    const shared = new Int32Array(new SharedArrayBuffer((SHARED.tasks + threads * SHARED.taskLength) * 4));
    const workers = Array.from({ length: threads - 1 }, (_, index) => {
      const start: WorkerStart = { shared, index, module: library.module, kernels };
      return startWorker(moduleUrl("./thread-pool-worker.ts", import.meta.url), start);
    });
    return new ThreadPool(kernels, shared, await Promise.all(workers));
  }

  run(instance: WasmInstance, kernel: string, [own, ...others]: readonly Task[]): void {
    this.#shared[SHARED.memory] = this.#ids.get(instance) ?? this.#announce(instance);
    for (let index = 0; index < this.#workers.length; index++) {
      const at = SHARED.tasks + index * SHARED.taskLength;
      this.#shared[at] = others[index]?.address ?? 0;
      this.#shared[at + 1] = others[index]?.count ?? 0;
    }
    this.#handOut(this.#kernels.indexOf(kernel));
    try {
      if (own !== undefined && own.count > 0) instance.kernels[kernel]?.(own.address, own.count);
    } finally {
      this.#barrier(`in the kernel ${kernel}`);
    }
  }

  /** Lets go of an instance's memory. */
  forget(instance: WasmInstance): void {
    const id = this.#ids.get(instance);
    if (id !== undefined) this.#tell({ id, memory: undefined });
    this.#ids.delete(instance);
  }

  async stop(): Promise<void> {
    await Promise.all(this.#workers.map((worker) => worker.stop()));
  }

  #announce(instance: WasmInstance): number {
    const id = ++this.#lastId;
    this.#tell({ id, memory: instance.memory });
    this.#ids.set(instance, id);
    return id;
  }

  /** Workers receive messages only while they do not sleep, so they are told to listen. */
  #tell(message: MemoryMessage): void {
    for (const worker of this.#workers) worker.send(message);
    this.#handOut(LISTEN);
    this.#barrier("when it was told of a memory");
  }

  #handOut(kernel: number): void {
    this.#shared[SHARED.kernel] = kernel;
    Atomics.store(this.#shared, SHARED.busy, this.#workers.length);
    Atomics.add(this.#shared, SHARED.sequence, 1);
    Atomics.notify(this.#shared, SHARED.sequence);
  }

  /** Waits until all workers are done. */
  #barrier(what: string): void {
    for (;;) {
      const busy = Atomics.load(this.#shared, SHARED.busy);
      if (busy === 0) break;
      Atomics.wait(this.#shared, SHARED.busy, busy);
    }
    if (Atomics.exchange(this.#shared, SHARED.failed, 0) !== 0) throw new Error(`a thread failed ${what}`);
  }
}

/** A thread's part of a range: from `first` to before `end`. */
export type Share = readonly [first: number, end: number];

/** Cuts `total` into nearly equal shares of whole units; with more threads than units some shares are empty. */
export function sharesOf(total: number, threads: number, unit: number): readonly Share[] {
  const units = Math.ceil(total / unit);
  const cut = (thread: number): number => Math.min(total, Math.floor((thread * units) / threads) * unit);
  return Array.from({ length: threads }, (_, thread): Share => [cut(thread), cut(thread + 1)]);
}
