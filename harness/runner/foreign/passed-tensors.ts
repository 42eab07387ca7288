import type { ReachableTensors } from "./c-interface.ts";
import type { GuardedMemory, GuardedTensor } from "./memory.ts";

/** What a tensor is before C: an array of JavaScript, an address, or NULL. */
type Passed = Float32Array | bigint | null;

/** The tensors of one call of C: as they are, or in guarded memory, which is copied back. */
export class PassedTensors implements ReachableTensors {
  readonly #arrays: readonly (Float32Array | undefined)[];
  readonly #guarded: readonly (GuardedTensor | undefined)[];

  constructor(arrays: readonly (Float32Array | undefined)[], memory: GuardedMemory | undefined) {
    this.#arrays = arrays;
    this.#guarded = arrays.map((array) => (array === undefined ? undefined : memory?.tensor(array)));
  }

  /** In the order of the arguments. */
  get passed(): readonly Passed[] {
    return this.#arrays.map((array, index) => this.#guarded[index]?.address ?? array ?? null);
  }

  /**
   * Lets the harness see what C made of them, operands too.
   * @throws Error where something was written before the beginning of one
   */
  copyBack(): void {
    for (const [index, guarded] of this.#guarded.entries()) {
      if (guarded === undefined) continue;
      this.#arrays[index]?.set(guarded.elements);
      if (!guarded.isUnharmedBefore())
        throw new Error(`it wrote before the beginning of tensor ${index + 1} of the call`);
    }
  }

  /** Copies back; from here on C may not touch them. */
  release(): void {
    try {
      this.copyBack();
    } finally {
      for (const guarded of this.#guarded) guarded?.release();
    }
  }
}
