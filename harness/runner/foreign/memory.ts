/** Memory for the operands and outputs of a kernel in C. */
import { platform } from "node:process";
import type Koffi from "koffi";

/**
 * In the environment of an implementation's process: its kernel is given memory that ends where a tensor ends. For
 * processes that verify; where one times, tensors are where JavaScript has them.
 */
export const GUARDED_OPERANDS = { BENCHCONV_OPERANDS: "guarded" } as const;

/** Likewise: its tensors begin at multiples of 64 bytes, or 4 bytes beyond one. For those who compare the two. */
export const ALIGNED_OPERANDS = { BENCHCONV_OPERANDS: "aligned" } as const;
export const UNALIGNED_OPERANDS = { BENCHCONV_OPERANDS: "unaligned" } as const;

/** The memory that this process gives its kernel, as far as the system can (mmap, mprotect); undefined: JavaScript's. */
export function guardedMemory(koffi: typeof Koffi): GuardedMemory | undefined {
  if (!isGuardable()) return undefined;
  switch (process.env["BENCHCONV_OPERANDS"]) {
    case GUARDED_OPERANDS.BENCHCONV_OPERANDS:
      return new GuardedMemory(koffi);
    case ALIGNED_OPERANDS.BENCHCONV_OPERANDS:
      return new GuardedMemory(koffi, 0);
    case UNALIGNED_OPERANDS.BENCHCONV_OPERANDS:
      return new GuardedMemory(koffi, Float32Array.BYTES_PER_ELEMENT);
    default:
      return undefined;
  }
}

/** Whether this system has what it takes. */
export function isGuardable(): boolean {
  return platform === "linux" || platform === "darwin";
}

// Of <sys/mman.h> and <unistd.h>, which differ between the two systems.
const [PROT_NONE, PROT_READ_WRITE] = [0, 3];
const MAP_PRIVATE_ANONYMOUS = platform === "darwin" ? 0x1002 : 0x22;
const SC_PAGESIZE = platform === "darwin" ? 29 : 30;
/** Bytes before a tensor, up to the beginning of its page: as a float32, NaN. */
const UNUSED = 0xff;
/** A cache line, and the widest vector. */
const LINE_BYTES = 64;
/** Regions that are not in use are kept up to this size, all together. */
const KEPT_BYTES = 2 ** 26;

interface Region {
  /** Of the first page that may be used. */
  readonly address: bigint;
  readonly bytes: Uint8Array<ArrayBuffer>;
}

/** A tensor in guarded memory. */
export interface GuardedTensor {
  /** What C is given. */
  readonly address: bigint;
  readonly elements: Float32Array;
  /** Whether the bytes before it are as they were. */
  isUnharmedBefore(): boolean;
  /** From here on nobody may touch it: what writes there late ends the process. */
  release(): void;
}

/**
 * Gives tensors memory that ends with a page, before one that cannot be touched. They are aligned to four bytes and no
 * more, unless it is said how far beyond a multiple of 64 bytes they begin, and end that much before the page; what stands
 * before them is NaN, and is looked at.
 */
export class GuardedMemory {
  readonly #page: number;
  readonly #map: (bytes: number) => bigint;
  readonly #unmap: (address: bigint, bytes: number) => unknown;
  readonly #protect: (address: bigint, bytes: number, protection: number) => void;
  readonly #view: (address: bigint, bytes: number) => ArrayBuffer;
  readonly #free: Region[] = [];
  readonly #beyondLine: number | undefined;

  constructor(koffi: typeof Koffi, beyondLine?: number) {
    this.#beyondLine = beyondLine;
    const libc = koffi.load(null);
    const mmap = libc.func("intptr_t mmap(intptr_t, size_t, int, int, int, int64_t)");
    const mprotect = libc.func("int mprotect(intptr_t, size_t, int)");
    const munmap = libc.func("int munmap(intptr_t, size_t)");
    this.#page = Number(libc.func("long sysconf(int)")(SC_PAGESIZE));
    this.#map = (bytes) => {
      // A number or a bigint, as it is large.
      const address = BigInt(String(mmap(0, bytes, PROT_READ_WRITE, MAP_PRIVATE_ANONYMOUS, -1, 0)));
      if (address === -1n) throw new Error(`there is no memory for a tensor of ${bytes} bytes`);
      return address;
    };
    this.#unmap = (address, bytes) => munmap(address, bytes);
    this.#protect = (address, bytes, protection) => {
      if (mprotect(address, bytes, protection) !== 0) throw new Error("mprotect fails");
    };
    this.#view = (address, bytes) => koffi.view(address, bytes);
  }

  /** Memory that holds a copy of the elements. */
  tensor(elements: Float32Array): GuardedTensor {
    const { byteLength } = elements;
    const spare = this.#beyondLine === undefined ? 0 : LINE_BYTES + this.#beyondLine;
    const needed = Math.ceil((byteLength + spare) / this.#page) * this.#page;
    const region = this.#taken(needed) ?? this.#made(needed);
    const last = needed - byteLength;
    const offset =
      this.#beyondLine === undefined
        ? last
        : Math.floor((last - this.#beyondLine) / LINE_BYTES) * LINE_BYTES + this.#beyondLine;
    const before = region.bytes.subarray(0, offset).fill(UNUSED);
    const own = new Float32Array(region.bytes.buffer, offset, elements.length);
    own.set(elements);
    return {
      address: region.address + BigInt(offset),
      elements: own,
      isUnharmedBefore: () => before.every((byte) => byte === UNUSED),
      release: () => this.#released(region),
    };
  }

  #taken(bytes: number): Region | undefined {
    const index = this.#free.findIndex((region) => region.bytes.length === bytes);
    if (index < 0) return undefined;
    const [region] = this.#free.splice(index, 1);
    if (region !== undefined) this.#protect(region.address, bytes, PROT_READ_WRITE);
    return region;
  }

  #made(bytes: number): Region {
    const start = this.#map(bytes + 2 * this.#page);
    const address = start + BigInt(this.#page);
    this.#protect(start, this.#page, PROT_NONE);
    this.#protect(address + BigInt(bytes), this.#page, PROT_NONE);
    return { address, bytes: new Uint8Array(this.#view(address, bytes)) };
  }

  #released(region: Region): void {
    this.#protect(region.address, region.bytes.length, PROT_NONE);
    this.#free.push(region);
    let kept = this.#free.reduce((sum, { bytes }) => sum + bytes.length, 0);
    while (kept > KEPT_BYTES) {
      const oldest = this.#free.shift();
      if (oldest === undefined) return;
      kept -= oldest.bytes.length;
      this.#unmap(oldest.address - BigInt(this.#page), oldest.bytes.length + 2 * this.#page);
    }
  }
}
