import type { Floats } from "../../core/element-types.ts";

/** The largest power of two that divides every element (0 where one is not finite), and the largest magnitude. */
export function factsOf(values: Floats): { readonly smallestBit: number; readonly largestMagnitude: number } {
  let [smallestBit, largestMagnitude] = [Infinity, 0];
  for (let i = 0; i < values.length; i++) {
    const magnitude = Math.abs(values[i]!);
    if (magnitude === 0) continue;
    if (!Number.isFinite(magnitude)) smallestBit = 0;
    else {
      if (magnitude > largestMagnitude) largestMagnitude = magnitude;
      // Where the bit found up to now divides the element too, nothing changes.
      if (magnitude < smallestBit || (smallestBit > 0 && (magnitude / smallestBit) % 1 !== 0))
        smallestBit = Math.min(smallestBit, lowestBit(magnitude));
    }
  }
  return { smallestBit, largestMagnitude };
}

const wide = new Float64Array(1);
const words = new Uint32Array(wide.buffer);

/** The lowest bit of a positive finite number, which is a power of two. */
function lowestBit(real: number): number {
  wide[0] = real;
  const [low = 0, high = 0] = words;
  const biased = (high >>> 20) & 0x7ff;
  const upper = biased === 0 ? high & 0xfffff : (high & 0xfffff) | 0x100000;
  const zeros = low === 0 ? 32 + (31 - Math.clz32(upper & -upper)) : 31 - Math.clz32(low & -low);
  const exponent = (biased === 0 ? 1 : biased) - 1075 + zeros;
  // 2 ** −1074 itself is a number, what leads to it need not be.
  return exponent < -1022 ? 2 ** -1022 * 2 ** (exponent + 1022) : 2 ** exponent;
}
