import { hash } from "node:crypto";

/** A seeded stream of random numbers; the same keys give the same stream in any process and any order of use. */
export interface RandomStream {
  /** A uniform integer in [0, 2^32). */
  nextUint32(): number;
  /** A uniform integer in [0, bound), 1 ≤ bound ≤ 2^32. */
  nextBelow(bound: number): number;
  /** Fills a block with the words that as many calls of `nextUint32` would give, several times as fast. */
  fill(block: Uint32Array): void;
}

/**
 * A stream from the generator xoshiro128** whose 128-bit state is the start of the keys' SHA-256, so that streams of
 * different keys are independent.
 * Source: Blackman and Vigna, "Scrambled linear pseudorandom number generators", ACM TOMS 47(4), 2021.
 */
export function randomStream(...keys: readonly (string | number)[]): RandomStream {
  // As text, a byte for each character: ten times as fast as a buffer.
  const digest = hash("sha256", keys.join("\u0000"), "binary");
  let a = wordAt(digest, 0);
  let b = wordAt(digest, 4);
  let c = wordAt(digest, 8);
  let d = wordAt(digest, 12) | 1; // the all-zero state is the one that never moves
  const nextUint32 = (): number => {
    const fiveB = Math.imul(b, 5);
    const result = Math.imul((fiveB << 7) | (fiveB >>> 25), 9) >>> 0;
    const t = b << 9;
    c ^= a;
    d ^= b;
    b ^= c;
    a ^= d;
    c ^= t;
    d = (d << 11) | (d >>> 21);
    return result;
  };
  return {
    nextUint32,
    fill: (block) => {
      // The state in locals: a closure's variables would be loaded and stored at every step.
      let [p, q, r, s] = [a, b, c, d];
      for (let i = 0; i < block.length; i++) {
        const fiveQ = Math.imul(q, 5);
        block[i] = Math.imul((fiveQ << 7) | (fiveQ >>> 25), 9);
        const t = q << 9;
        r ^= p;
        s ^= q;
        q ^= r;
        p ^= s;
        r ^= t;
        s = (s << 11) | (s >>> 21);
      }
      [a, b, c, d] = [p, q, r, s];
    },
    // A scaled 32-bit integer: the bias is below bound / 2^32, far under what any draw of test data could show.
    nextBelow: (bound) => Math.floor((nextUint32() / 4294967296) * bound),
  };
}

/** A little-endian word of 32 bits in a text of bytes. */
function wordAt(bytes: string, at: number): number {
  return (
    bytes.charCodeAt(at) |
    (bytes.charCodeAt(at + 1) << 8) |
    (bytes.charCodeAt(at + 2) << 16) |
    (bytes.charCodeAt(at + 3) << 24)
  );
}
