import { WasmCrews } from "./wasm-crew.ts";
import type { WasmLayout, WasmLibrary, WasmRoom } from "./wasm.ts";

/** A step's number and up to fifteen arguments. */
const STEP_NUMBERS = 16;

/** The steps of a module, by their numbers, which its function `runSteps(address, count)` does one after the other. */
export interface Steps<Name extends string> {
  readonly names: readonly Name[];
  open(layout: WasmLayout, threads: number, rounds: readonly (readonly number[])[][]): Promise<ProgramRoom>;
}

/** A plan's memory, and the steps that are done in it. */
export interface ProgramRoom extends Pick<WasmRoom, "kernels" | "floats" | "integers"> {
  run(): void;
  close(): Promise<void>;
}

export function stepsOf<const Name extends string>(library: WasmLibrary, names: readonly Name[]): Steps<Name> {
  const crews = new WasmCrews(library, ["runSteps"]);
  return {
    names,
    async open(layout, threads, rounds) {
      const orders = rounds.map((lists) =>
        lists.map((numbers) => ({ address: layout.take(numbers.length * 4), count: numbers.length / STEP_NUMBERS })),
      );
      const crew = await crews.join(threads);
      try {
        const room = library.open(layout.bytes);
        rounds.forEach((lists, round) =>
          lists.forEach((numbers, thread) =>
            room.integers(orders[round]![thread]!.address, numbers.length).set(numbers),
          ),
        );
        return {
          ...room,
          run: () => orders.forEach((round) => crew.run(room, "runSteps", round)),
          async close() {
            await crew.leave(room);
            library.close(room);
          },
        };
      } catch (error) {
        await crew.leave();
        throw error;
      }
    },
  };
}

/** What a plan does, as lists of steps: in every round each thread does its own, and the next round begins when all have. */
export class Program<Name extends string> {
  readonly threads: number;
  readonly #steps: Steps<Name>;
  readonly #rounds: number[][][] = [];

  constructor(steps: Steps<Name>, threads: number) {
    this.#steps = steps;
    this.threads = threads;
  }

  /** Begins a round. */
  meet(): void {
    this.#rounds.push(Array.from({ length: this.threads }, () => []));
  }

  /** Appends a step to what a thread does in this round. */
  step(thread: number, name: Name, ...values: readonly number[]): void {
    const numbers = [this.#steps.names.indexOf(name), ...values];
    this.#rounds.at(-1)?.[thread]?.push(...numbers, ...Array<number>(STEP_NUMBERS - numbers.length).fill(0));
  }

  /** Takes room for the steps, makes the memory and writes them. */
  open(layout: WasmLayout): Promise<ProgramRoom> {
    return this.#steps.open(layout, this.threads, this.#rounds);
  }
}
