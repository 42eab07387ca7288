import { ELEMENTS, type ElementArray, type ElementType } from "../../core/element-types.ts";
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
  readonly tensor: (type: ElementType, buffer: ArrayBuffer) => ElementArray;
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
  const kinds = { Float32Array, Float64Array, Uint16Array, Int32Array, Int8Array, Uint8Array };
  // Older runtimes have none.
  const Half = typeof Float16Array === "undefined" ? undefined : Float16Array;
  return {
    now: performance.now.bind(performance),
    import: (url): Promise<unknown> => import(url),
    buffer: (bytes) => new Buffer(bytes),
    float32: (buffer) => new Tensor(buffer),
    tensor: (type, buffer) => {
      switch (type) {
        case "f32":
          return new kinds.Float32Array(buffer);
        case "f64":
          return new kinds.Float64Array(buffer);
        case "f16":
          if (Half === undefined) throw new TypeError("this runtime has no Float16Array");
          return new Half(buffer);
        case "bf16":
          return new kinds.Uint16Array(buffer);
        case "s32":
          return new kinds.Int32Array(buffer);
        case "s8":
          return new kinds.Int8Array(buffer);
        case "u8":
          return new kinds.Uint8Array(buffer);
      }
    },
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
  readonly tensor: ElementArray;
  readonly type: ElementType;
  readonly length: number;
  readonly #view: ElementArray;

  constructor(realm: PluginRealm, elements: number, type: ElementType = "f32") {
    const buffer = realm.buffer(elements * ELEMENTS[type].bytes);
    this.type = type;
    this.tensor = realm.tensor(type, buffer);
    this.#view = ELEMENTS[type].tensor(buffer);
    this.length = elements;
  }

  /** The elements as they are now; undefined where the plugin took the buffer away (a transfer leaves nothing). */
  get elements(): ElementArray | undefined {
    return this.#view.length === this.length ? this.#view : undefined;
  }
}
