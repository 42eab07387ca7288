import type { Uniforms } from "../layers/layer-definition.ts";

/** A stream of numbers in [0, 1) from a seed: mulberry32 (public domain, Tommy Ettinger). */
export function seededUniforms(seed: number): Uniforms {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

/** A stream of numbers in [−1, 1) from a seed. */
export function symmetricUniforms(seed: number): Uniforms {
  const uniform = seededUniforms(seed);
  return () => 2 * uniform() - 1;
}

/** A stream for every key, the same for the same key. */
export function keyedUniforms(seed: number): (key: string) => Uniforms {
  return (key) => {
    let hash = seed;
    for (let at = 0; at < key.length; at++) hash = (Math.imul(hash, 31) + key.charCodeAt(at)) | 0;
    return seededUniforms(hash);
  };
}
