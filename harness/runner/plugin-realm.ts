import type { ScriptCoverage } from "./messages.ts";

/**
 * What the host needs of the realm (the set of built-in objects) that a plugin lives in, and of the platform under it:
 * Node (node-realm.ts) or a browser (browser/realm.ts). A plugin may patch any of it: in Node the host's own code runs
 * in another realm (see realm-loader.ts), and this is taken before the plugin is loaded.
 */
export interface PluginRealm {
  /** A clock in milliseconds. */
  readonly now: () => number;
  /** The clock's steps are no longer. */
  readonly clockGrainMs: number;
  /** Frees what is not used any more, now. */
  readonly collectGarbage: () => void;
  readonly haveSameBytes: (one: Uint8Array, other: Uint8Array) => boolean;
  readonly import: (url: string) => Promise<unknown>;
  /** Calls back after whatever the plugin has left to be done right after its call: its timers and rejections. */
  readonly afterTurn: (callback: () => void) => void;
  /** A buffer of zeros, and a tensor over the whole of it. */
  readonly buffer: (bytes: number) => ArrayBuffer;
  readonly float32: (buffer: ArrayBuffer) => Float32Array;
  readonly objectPrototype: object;
  readonly arrayPrototype: object;
  /** Begins to count the blocks that run, where the platform can; what it gives says what ran since the last time. */
  readonly startCoverage?: () => Promise<() => readonly ScriptCoverage[]>;
}

/** The built-in objects of this code's realm, as they are now. */
export function builtInsOfThisRealm(): Omit<
  PluginRealm,
  "clockGrainMs" | "collectGarbage" | "haveSameBytes" | "afterTurn"
> {
  const Buffer = ArrayBuffer;
  const Tensor = Float32Array;
  return {
    now: performance.now.bind(performance),
    import: (url): Promise<unknown> => import(url),
    buffer: (bytes) => new Buffer(bytes),
    float32: (buffer) => new Tensor(buffer),
    objectPrototype: Object.prototype,
    arrayPrototype: Array.prototype,
  };
}

/**
 * Makes an object or list of ours one of the plugin's realm, whose methods the plugin knows and may change without harm
 * to us.
 */
export function adopt<T extends object>(value: T, realm: PluginRealm): T {
  Object.setPrototypeOf(value, Array.isArray(value) ? realm.arrayPrototype : realm.objectPrototype);
  return value;
}

/** A tensor in a plugin's hands, and the host's own view of the same elements. */
export class LentTensor {
  readonly tensor: Float32Array;
  readonly length: number;
  readonly #view: Float32Array;

  constructor(realm: PluginRealm, elements: number) {
    const buffer = realm.buffer(elements * Float32Array.BYTES_PER_ELEMENT);
    this.tensor = realm.float32(buffer);
    this.#view = new Float32Array(buffer);
    this.length = elements;
  }

  /** The elements as they are now; undefined where the plugin took the buffer away (a transfer leaves nothing). */
  get elements(): Float32Array | undefined {
    return this.#view.length === this.length ? this.#view : undefined;
  }
}
