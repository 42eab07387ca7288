/**
 * SHA-256 of a text of bytes (one a character, UTF-8 for others), as a text of bytes: what `suites/data/random.ts` asks
 * of Node's `hash`, for a browser, whose own is asynchronous.
 * Source: FIPS 180-4, §6.2.
 */
export function hash(_algorithm: "sha256", text: string, _encoding: "binary"): string {
  const bytes = padded(new TextEncoder().encode(text));
  const state = firstPrimes(8).map((prime) => fraction(Math.sqrt(prime)));
  for (let at = 0; at < bytes.byteLength; at += 64) compress(state, new DataView(bytes.buffer, at, 64));
  return state
    .map((word) => String.fromCharCode(word >>> 24, (word >>> 16) & 255, (word >>> 8) & 255, word & 255))
    .join("");
}

const CONSTANTS = firstPrimes(64).map((prime) => fraction(Math.cbrt(prime)));

function padded(message: Uint8Array): Uint8Array<ArrayBuffer> {
  const bytes = new Uint8Array(Math.ceil((message.length + 9) / 64) * 64);
  bytes.set(message);
  bytes[message.length] = 0x80;
  new DataView(bytes.buffer).setUint32(bytes.length - 4, message.length * 8);
  return bytes;
}

function compress(state: number[], block: DataView): void {
  const words = Array.from({ length: 64 }, (_, at) => (at < 16 ? block.getUint32(4 * at) : 0));
  const word = (at: number): number => words[at] ?? 0;
  for (let at = 16; at < 64; at++) {
    const [before, recent] = [word(at - 15), word(at - 2)];
    const small = rotated(before, 7) ^ rotated(before, 18) ^ (before >>> 3);
    const other = rotated(recent, 17) ^ rotated(recent, 19) ^ (recent >>> 10);
    words[at] = (word(at - 16) + small + word(at - 7) + other) | 0;
  }
  let [a = 0, b = 0, c = 0, d = 0, e = 0, f = 0, g = 0, h = 0] = state;
  for (let at = 0; at < 64; at++) {
    const choice = (e & f) ^ (~e & g);
    const one = (h + (rotated(e, 6) ^ rotated(e, 11) ^ rotated(e, 25)) + choice + (CONSTANTS[at] ?? 0) + word(at)) | 0;
    const majority = (a & b) ^ (a & c) ^ (b & c);
    const two = ((rotated(a, 2) ^ rotated(a, 13) ^ rotated(a, 22)) + majority) | 0;
    [a, b, c, d, e, f, g, h] = [(one + two) | 0, a, b, c, (d + one) | 0, e, f, g];
  }
  [a, b, c, d, e, f, g, h].forEach((value, at) => {
    state[at] = ((state[at] ?? 0) + value) | 0;
  });
}

function rotated(word: number, by: number): number {
  return (word >>> by) | (word << (32 - by));
}

/** The first 32 bits after the point. */
function fraction(value: number): number {
  return Math.floor((value - Math.floor(value)) * 2 ** 32) | 0;
}

function firstPrimes(count: number): number[] {
  const primes: number[] = [];
  for (let number = 2; primes.length < count; number++)
    if (primes.every((prime) => number % prime !== 0)) primes.push(number);
  return primes;
}
