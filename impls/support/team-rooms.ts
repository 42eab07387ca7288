import { BOARD, type TeamMessage, type TeamStart } from "./wasm-team.ts";
import type { Kernels } from "./wasm.ts";

/** The memories that a team's worker was told of, and its orders in them. */
export class TeamRooms {
  readonly #start: TeamStart;
  readonly #rooms = new Map<number, Kernels>();

  constructor(start: TeamStart) {
    this.#start = start;
  }

  take(message: TeamMessage): void {
    if (message.kind === "close") this.#rooms.delete(message.room);
    else {
      const { exports } = new WebAssembly.Instance(this.#start.module, { env: { memory: message.memory } });
      this.#rooms.set(message.room, exports);
    }
  }

  /** Does this worker's order. Throws an Error where the kernel or the room is not known. */
  run(kernel: number): void {
    const { board, index, kernels } = this.#start;
    const at = BOARD.first + index * BOARD.orderLength;
    const count = board[at + 1] ?? 0;
    if (count === 0) return;
    const name = kernels[kernel] ?? "";
    const run = this.#rooms.get(board[BOARD.room] ?? 0)?.[name];
    if (run === undefined) throw new Error(`there is no kernel ${name}`);
    run(board[at] ?? 0, count);
  }
}
