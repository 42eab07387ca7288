import { builtInsOfThisRealm, type PluginRealm } from "../plugin-realm.ts";

/**
 * A cross-origin isolated page's clock has steps of 5 µs, any other's of 100 µs (W3C, High Resolution Time, "coarsen
 * time").
 */
const ISOLATED_GRAIN_MS = 5e-3;
const GRAIN_MS = 0.1;

/**
 * The realm of a worker, which the plugin shares with the host: a browser has no other that computes as fast. What the
 * host uses at every call is taken here, before the plugin is loaded. `toUrl` gives the address at which a file's URL
 * is served.
 */
export function workerRealm(toUrl: (url: string) => string): PluginRealm {
  // Chromium has it with --js-flags=--expose-gc.
  const collect: unknown = Reflect.get(globalThis, "gc");
  const Words = Uint32Array;
  const later = setTimeout;
  return {
    ...builtInsOfThisRealm(),
    import: (url): Promise<unknown> => import(toUrl(url)),
    clockGrainMs: Reflect.get(globalThis, "crossOriginIsolated") === true ? ISOLATED_GRAIN_MS : GRAIN_MS,
    collectGarbage: isCollector(collect) ? collect : () => {},
    afterTurn: (callback) => void later(callback, 0),
    haveSameBytes: (one, other) => {
      if (one.byteLength !== other.byteLength) return false;
      const rest = one.byteLength % Words.BYTES_PER_ELEMENT;
      for (let i = one.byteLength - rest; i < one.byteLength; i++) if (one[i] !== other[i]) return false;
      const [words, otherWords] = [one, other].map(
        ({ buffer, byteOffset, byteLength }) =>
          new Words(buffer, byteOffset, (byteLength - rest) / Words.BYTES_PER_ELEMENT),
      );
      if (words === undefined || otherWords === undefined) return false;
      for (let i = 0; i < words.length; i++) if (words[i] !== otherWords[i]) return false;
      return true;
    },
  };
}

function isCollector(value: unknown): value is () => void {
  return typeof value === "function";
}
