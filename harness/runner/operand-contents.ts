import type { AnyTensorName } from "../../core/tensors.ts";
import type { LentTensor } from "./plugin-realm.ts";

/** Which operands of a plan are others, or have other contents, than at its last load. */
export class OperandContents {
  readonly #versions = new WeakMap<LentTensor, number>();
  #last: ReadonlyMap<AnyTensorName, { readonly lent: LentTensor; readonly version: number }> = new Map();

  /** A tensor has new contents. */
  renew(lent: LentTensor): void {
    this.#versions.set(lent, this.#versionOf(lent) + 1);
  }

  /** The names of those that are new to a plan that is loaded now. */
  changedSinceLast(operands: readonly (readonly [AnyTensorName, LentTensor])[]): AnyTensorName[] {
    const now = new Map(operands.map(([name, lent]) => [name, { lent, version: this.#versionOf(lent) }]));
    const before = this.#last;
    this.#last = now;
    return [...now].flatMap(([name, { lent, version }]) => {
      const known = before.get(name);
      return known?.lent === lent && known.version === version ? [] : [name];
    });
  }

  #versionOf(lent: LentTensor): number {
    return this.#versions.get(lent) ?? 0;
  }
}
