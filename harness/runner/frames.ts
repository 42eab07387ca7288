/** Frames: how a message and its tensors travel between the harness and an implementation's process. */
import { ELEMENTS, elementTypeOf, type ElementArray, type ElementType } from "../../core/element-types.ts";
import type { AnyTensorName, AnyTensors } from "../../core/tensors.ts";

/**
 * What travels between the harness and an implementation's process: a JSON message and the bytes of its tensors. On the
 * wire: header length (u32, little-endian), header (JSON in ASCII: the message and each tensor's name, element
 * count, and type where that is not float32), then each tensor's elements in that order.
 */
export interface Frame<Message> {
  readonly message: Message;
  readonly tensors: AnyTensors;
}

interface Header {
  readonly message: unknown;
  readonly tensors: readonly (readonly [name: AnyTensorName, elements: number, type?: ElementType])[];
}

/** The longest header, and the most bytes of all tensors of a frame together, that are read. */
export interface FrameLimit {
  readonly headerBytes: number;
  readonly tensorBytes: number;
}

/** A tensor as it is sent: whole, or in parts that become one; parts that are not all float32 become bytes. */
export type Sent = ElementArray | readonly ElementArray[];

/** No message is longer; bytes of another writer, read as a length, mostly are. */
export const LONGEST_HEADER_BYTES = 2 ** 26;
/** Smaller parts are copied into one: a write to the system takes longer. */
const OWN_MEMORY_BYTES = 2 ** 16;

/** A frame's bytes, one after another; those of a large tensor are the tensor's own memory. */
export function encodeFrame(
  message: unknown,
  tensors: Readonly<Partial<Record<AnyTensorName, Sent>>> = {},
): readonly Uint8Array[] {
  const entries = tensorEntries(tensors).map(([name, sent]) => [name, partsOf(sent)] as const);
  const lengths = entries.map(([name, parts]) => [name, ...lengthOf(parts)] as const);
  const header: Header = { message, tensors: lengths };
  const text = JSON.stringify(header).replaceAll(
    /[\u0080-\uffff]/g,
    (unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, "0")}`,
  );
  const start = new Uint8Array(4 + text.length);
  new DataView(start.buffer).setUint32(0, text.length, true);
  for (let i = 0; i < text.length; i++) start[4 + i] = text.charCodeAt(i);
  return joined([start, ...entries.flatMap(([, parts]) => parts.map(bytesOf))]);
}

function partsOf(sent: Sent): readonly ElementArray[] {
  return "BYTES_PER_ELEMENT" in sent ? [sent] : sent;
}

/** How many elements parts have together, and of which type where that is not float32. */
function lengthOf(parts: readonly ElementArray[]): readonly [elements: number, type?: ElementType] {
  const [first, ...others] = parts;
  if (first !== undefined && others.length === 0 && !(first instanceof Float32Array))
    return [first.length, elementTypeOf(first)];
  if (parts.every((part) => part instanceof Float32Array)) return [parts.reduce((sum, part) => sum + part.length, 0)];
  return [parts.reduce((sum, part) => sum + part.byteLength, 0), "u8"];
}

function bytesOf({ buffer, byteOffset, byteLength }: ElementArray): Uint8Array {
  return new Uint8Array(buffer, byteOffset, byteLength);
}

/** Neighbours that are small become one. */
function joined(parts: readonly Uint8Array[]): readonly Uint8Array[] {
  const wholes: Uint8Array[] = [];
  for (let from = 0, to = 1; from < parts.length; from = to++) {
    let bytes = parts[from]!.length;
    while (to < parts.length && bytes + parts[to]!.length <= OWN_MEMORY_BYTES) bytes += parts[to++]!.length;
    if (to === from + 1) {
      wholes.push(parts[from]!);
      continue;
    }
    const whole = new Uint8Array(bytes);
    for (let part = from, at = 0; part < to; at += parts[part++]!.length) whole.set(parts[part]!, at);
    wholes.push(whole);
  }
  return wholes;
}

const TENSOR_NAMES: readonly AnyTensorName[] = [
  ...(["x", "weights", "bias", "residual", "dy", "y", "dx", "dWeights", "dBias"] as const),
  ...(["scale", "shift", "mean", "variance", "dScale", "dShift"] as const),
];

/** The tensors that are present: those that have a name of their own in a fixed order, then numbered ones. */
export function tensorEntries<Name extends AnyTensorName, Tensor>(
  tensors: Readonly<Partial<Record<Name, Tensor>>>,
): (readonly [Name, Tensor])[] {
  const all: Readonly<Partial<Record<AnyTensorName, Tensor>>> = tensors;
  const isPresent = (name: AnyTensorName): name is Name => all[name] !== undefined;
  const names = [...TENSOR_NAMES, ...Object.keys(tensors).filter(isNumbered)];
  return names.filter(isPresent).flatMap((name) => {
    const tensor = all[name];
    return tensor === undefined ? [] : [[name, tensor] as const];
  });
}

function isNumbered(name: string): name is `x${number}` | `dx${number}` | `y${number}` {
  return /^(?:d?x|y)\d+$/.test(name);
}

const UNLIMITED: FrameLimit = { headerBytes: LONGEST_HEADER_BYTES, tensorBytes: Infinity };

/**
 * Reads frames until the bytes end; every tensor owns its buffer (byteOffset 0). `limitOf` is asked when a frame
 * begins: nothing beyond is held.
 * @throws Error when the bytes are not frames, or a frame is beyond its limit.
 */
export async function* readFrames(
  chunks: AsyncIterable<Uint8Array>,
  limitOf: () => FrameLimit = () => UNLIMITED,
): AsyncGenerator<Frame<unknown>, void, undefined> {
  const source = new ByteSource(chunks);
  for (;;) {
    // Nothing is waited for where the bytes are there: of many small frames in one chunk each would wait five times.
    const lengthBytes = source.take(4) ?? (await source.read(4));
    if (lengthBytes === undefined) return;
    const length = new DataView(lengthBytes.buffer).getUint32(0, true);
    const limit = limitOf();
    if (length > limit.headerBytes) throw new Error(`a frame's header of ${length} bytes`);
    const headerBytes = source.take(length) ?? (await source.read(length));
    if (headerBytes === undefined) return;
    const header: unknown = JSON.parse(asciiText(headerBytes));
    if (!isHeader(header)) throw new Error("a frame's header is not one of benchconv's");
    const bytesOfAll = header.tensors.reduce((sum, [, elements, type]) => sum + elements * bytesEach(type), 0);
    if (bytesOfAll > limit.tensorBytes) throw new Error(`a frame's tensors of ${bytesOfAll} bytes`);
    const tensors: Partial<Record<AnyTensorName, ElementArray>> = {};
    for (const [name, elements, type] of header.tensors) {
      const byteLength = elements * bytesEach(type);
      const bytes = source.take(byteLength) ?? (await source.read(byteLength));
      if (bytes === undefined) return;
      tensors[name] = type === undefined ? new Float32Array(bytes.buffer) : ELEMENTS[type].tensor(bytes.buffer);
    }
    yield { message: header.message, tensors };
  }
}

function bytesEach(type: ElementType | undefined): number {
  return type === undefined ? Float32Array.BYTES_PER_ELEMENT : ELEMENTS[type].bytes;
}

function asciiText(bytes: Uint8Array): string {
  const step = 2 ** 12;
  let text = "";
  // Not spread: that walks through an iterator.
  for (let i = 0; i < bytes.length; i += step)
    text += Reflect.apply(String.fromCharCode, undefined, bytes.subarray(i, i + step));
  return text;
}

function isHeader(value: unknown): value is Header {
  return (
    typeof value === "object" &&
    value !== null &&
    "message" in value &&
    "tensors" in value &&
    Array.isArray(value.tensors) &&
    value.tensors.every(isLength)
  );
}

/** The name of a tensor of ours, how many elements it has, and of which type. */
function isLength(value: unknown): boolean {
  if (!Array.isArray(value) || value.length < 2 || value.length > 3) return false;
  const items: readonly unknown[] = value;
  const [name, elements, type] = items;
  if (value.length === 3 && !(typeof type === "string" && Object.hasOwn(ELEMENTS, type))) return false;
  return typeof name === "string" && isTensorName(name) && Number.isSafeInteger(elements) && Number(elements) >= 0;
}

function isTensorName(name: string): boolean {
  return isNumbered(name) || TENSOR_NAMES.some((known) => known === name);
}

/** Exact-length reads from chunks, each in a buffer of its own. */
class ByteSource {
  readonly #chunks: AsyncIterator<Uint8Array>;
  #rest: Uint8Array = new Uint8Array(0);

  constructor(chunks: AsyncIterable<Uint8Array>) {
    this.#chunks = chunks[Symbol.asyncIterator]();
  }

  /** The next `length` bytes where the last chunk has them all. */
  take(length: number): Uint8Array<ArrayBuffer> | undefined {
    if (this.#rest.length < length) return undefined;
    const bytes = new Uint8Array(length);
    bytes.set(this.#rest.subarray(0, length));
    this.#rest = this.#rest.subarray(length);
    return bytes;
  }

  /** The next `length` bytes; undefined when the stream ends before them. */
  async read(length: number): Promise<Uint8Array<ArrayBuffer> | undefined> {
    const bytes = new Uint8Array(length);
    let filled = 0;
    while (filled < length) {
      if (this.#rest.length === 0) {
        const chunk = await this.#chunks.next();
        if (chunk.done === true) return undefined;
        this.#rest = chunk.value;
      }
      const taken = this.#rest.subarray(0, length - filled);
      bytes.set(taken, filled);
      filled += taken.length;
      this.#rest = this.#rest.subarray(taken.length);
    }
    return bytes;
  }
}
