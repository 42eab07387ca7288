import type { ElementArray } from "../../core/element-types.ts";
import type { Lengths } from "./expected-outputs.ts";
import { poisonedTensor, type AnyTensorName, type AnyTensors, type Poison } from "../../core/tensors.ts";
import { LentTensor, type PluginRealm } from "./plugin-realm.ts";

/** Outputs that were read are watched for later writes until this many others were read. */
const WATCHED_OUTPUTS = 4;

export type OutputSet = ReadonlyMap<AnyTensorName, LentTensor>;

/** The outputs that a plan is lent: poisoned before, and watched for writes after they were read. */
export class OutputWatch {
  readonly #outputs: Lengths;
  readonly #realm: PluginRealm;
  #watched: readonly { readonly name: AnyTensorName; readonly lent: LentTensor; readonly copy: ElementArray }[] = [];
  readonly #late = new Set<AnyTensorName>();

  constructor(outputs: Lengths, realm: PluginRealm) {
    this.#outputs = outputs;
    this.#realm = realm;
  }

  poisoned(poison: Poison): OutputSet {
    return new Map(
      this.#outputs.map(([name, elements, type = "f32"]) => {
        const lent = new LentTensor(this.#realm, elements, type);
        lent.elements?.set(poisonedTensor(elements, poison, type));
        return [name, lent];
      }),
    );
  }

  /** What outputs hold now, in the plugin's own layout, and which buffers were taken away; from here on they are watched. */
  results(given: OutputSet, poison: Poison): { readonly outputs: AnyTensors; readonly lost: readonly string[] } {
    const outputs: Partial<Record<AnyTensorName, ElementArray>> = {};
    const lost: string[] = [];
    for (const [name, lent] of given) {
      const { elements } = lent;
      const own = elements?.slice() ?? poisonedTensor(lent.length, poison, lent.type);
      if (elements === undefined) lost.push(`took away the buffer of its output ${name}`);
      else this.#watched = [...this.#watched, { name, lent, copy: own }].slice(-WATCHED_OUTPUTS);
      outputs[name] = own;
    }
    return { outputs, lost };
  }

  /** Outputs that may be written again; what was written before is known. */
  release(outputs: OutputSet): void {
    this.#look();
    const current = new Set(outputs.values());
    this.#watched = this.#watched.filter(({ lent }) => !current.has(lent));
  }

  /** The outputs that were written after they were read, up to now. */
  writtenLate(): readonly AnyTensorName[] {
    this.#look();
    return [...this.#late];
  }

  #look(): void {
    for (const { name, lent, copy } of this.#watched) {
      if (lent.elements === undefined || !haveSameBits(this.#realm, lent.elements, copy)) this.#late.add(name);
    }
  }
}

/** NaN equals NaN, and zeros differ by their sign. */
export function haveSameBits(realm: PluginRealm, one: ElementArray, other: ElementArray): boolean {
  return realm.haveSameBytes(bytesOf(one), bytesOf(other));
}

function bytesOf({ buffer, byteOffset, byteLength }: ElementArray): Uint8Array {
  return new Uint8Array(buffer, byteOffset, byteLength);
}
