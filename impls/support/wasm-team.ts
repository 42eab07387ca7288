import { startThread, type TeamThread } from "./team-threads.ts";
import type { WasmLibrary, WasmRoom } from "./wasm.ts";

/**
 * Threads that run a kernel over one shared memory: thread 0 is the caller's, the others are workers that sleep (Atomics.wait) until there is something to
 * do. Who does what is said by the caller, so that results depend on the number of threads and not on their speed.
 */

/** Where the numbers of the shared board are: the round, how many workers are still at it, whether one failed; then for each worker its orders. */
export const BOARD = { round: 0, busy: 1, failed: 2, kernel: 3, room: 4, first: 5, orderLength: 2 } as const;

/** What a worker is told in a round of its own, in which it listens. */
export type TeamMessage =
  | { readonly kind: "open"; readonly room: number; readonly memory: WebAssembly.Memory }
  | { readonly kind: "close"; readonly room: number };

export interface TeamStart {
  readonly board: Int32Array;
  readonly index: number;
  readonly module: WebAssembly.Module;
  readonly kernels: readonly string[];
}

/** A kernel that does `count` jobs at an address. */
export interface ThreadOrder {
  readonly address: number;
  readonly count: number;
}

/** The kernel number that ends a worker, and the one at which it takes a message. */
export const QUIT = -1;
export const LISTEN = -2;

export class WasmTeam {
  readonly #kernels: readonly string[];
  readonly #board: Int32Array;
  readonly #workers: readonly TeamThread[];
  readonly #rooms = new Map<WasmRoom, number>();
  #roomsSeen = 0;

  private constructor(kernels: readonly string[], board: Int32Array, workers: readonly TeamThread[]) {
    this.#kernels = kernels;
    this.#board = board;
    this.#workers = workers;
  }

  /** Starts `threads` − 1 workers, which do not keep the process alive. `kernels` are the functions that they may be told to run. */
  static async start(library: WasmLibrary, threads: number, kernels: readonly string[]): Promise<WasmTeam> {
    const board = new Int32Array(new SharedArrayBuffer((BOARD.first + threads * BOARD.orderLength) * 4));
    const workers = Array.from({ length: threads - 1 }, (_, index) =>
      startThread({ board, index, module: library.module, kernels }),
    );
    return new WasmTeam(kernels, board, await Promise.all(workers));
  }

  /** Runs a kernel with one order a thread; returns when all are done. */
  run(room: WasmRoom, kernel: string, orders: readonly ThreadOrder[]): void {
    const [own, ...others] = orders;
    this.#announce(room);
    others.forEach(({ address, count }, index) => {
      this.#board[BOARD.first + index * BOARD.orderLength] = address;
      this.#board[BOARD.first + index * BOARD.orderLength + 1] = count;
    });
    for (let index = others.length; index < this.#workers.length; index++)
      this.#board[BOARD.first + index * BOARD.orderLength + 1] = 0;
    this.#board[BOARD.room] = this.#rooms.get(room) ?? 0;
    this.#begin(this.#kernels.indexOf(kernel));
    if (own !== undefined && own.count > 0) room.kernels[kernel]?.(own.address, own.count);
    this.#finish(`in the kernel ${kernel}`);
  }

  /** Lets go of a room's memory. */
  forget(room: WasmRoom): void {
    const number = this.#rooms.get(room);
    if (number === undefined) return;
    this.#rooms.delete(room);
    this.#tell({ kind: "close", room: number });
  }

  /** Ends the workers. */
  async stop(): Promise<void> {
    this.#begin(QUIT);
    await Promise.all(this.#workers.map((worker) => worker.gone()));
  }

  #announce(room: WasmRoom): void {
    if (this.#rooms.has(room)) return;
    const number = ++this.#roomsSeen;
    this.#rooms.set(room, number);
    this.#tell({ kind: "open", room: number, memory: room.memory });
  }

  #tell(message: TeamMessage): void {
    for (const worker of this.#workers) worker.tell(message);
    this.#begin(LISTEN);
    this.#finish("when it was told of a memory");
  }

  /** Waits until all workers are done with a round. */
  #finish(what: string): void {
    for (;;) {
      const busy = Atomics.load(this.#board, BOARD.busy);
      if (busy === 0) break;
      Atomics.wait(this.#board, BOARD.busy, busy);
    }
    if (Atomics.exchange(this.#board, BOARD.failed, 0) !== 0) throw new Error(`a thread failed ${what}`);
  }

  #begin(kernel: number): void {
    this.#board[BOARD.kernel] = kernel;
    Atomics.store(this.#board, BOARD.busy, this.#workers.length);
    Atomics.add(this.#board, BOARD.round, 1);
    Atomics.notify(this.#board, BOARD.round);
  }
}
