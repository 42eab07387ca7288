import { ThreadPools, type ThreadedInstance } from "./thread-pool.ts";
import type { WasmLayout, WasmLibrary } from "./wasm.ts";

/** A step's number and up to fifteen arguments. */
const STEP_NUMBERS = 16;

/** The steps of a module, by their numbers, which its function `runSteps(address, count)` does one after the other. */
export interface Steps<Name extends string> {
  readonly names: readonly Name[];
  readonly pools: ThreadPools;
}

export function stepsOf<const Name extends string>(library: WasmLibrary, names: readonly Name[]): Steps<Name> {
  return { names, pools: new ThreadPools(library, ["runSteps"]) };
}

/** A plan's memory, and the steps that are done in it. */
export interface ProgramInstance extends Omit<ThreadedInstance, "run"> {
  run(): void;
}

/** What a plan does: lists of steps, one for each thread, with barriers between them. */
export class Program<Name extends string> {
  readonly threads: number;
  readonly #steps: Steps<Name>;
  /** For each part of the program that begins with a barrier each thread's steps. */
  readonly #parts: number[][][] = [];

  constructor(steps: Steps<Name>, threads: number) {
    this.#steps = steps;
    this.threads = threads;
  }

  /** What is appended after this begins when all threads have done what was appended before. */
  barrier(): void {
    this.#parts.push(Array.from({ length: this.threads }, () => []));
  }

  /** Appends a step to what a thread does. */
  step(thread: number, name: Name, ...values: readonly number[]): void {
    const numbers = [this.#steps.names.indexOf(name), ...values];
    this.#parts.at(-1)?.[thread]?.push(...numbers, ...Array<number>(STEP_NUMBERS - numbers.length).fill(0));
  }

  /** Takes space for the steps, makes the memory and writes them. */
  async open(layout: WasmLayout): Promise<ProgramInstance> {
    const parts = this.#parts.map((lists) =>
      lists.map((numbers) => ({
        numbers,
        address: layout.take(numbers.length * 4),
        count: numbers.length / STEP_NUMBERS,
      })),
    );
    const instance = await this.#steps.pools.open(layout.bytes, this.threads);
    for (const { address, numbers } of parts.flat()) instance.integers(address, numbers.length).set(numbers);
    return { ...instance, run: () => parts.forEach((tasks) => instance.run("runSteps", tasks)) };
  }
}
