/**
 * Frames between the harness and a program: a length of eight bytes (little-endian), then that many bytes of a
 * safetensors file, whose `__metadata__` has the request or the answer.
 * Source: the format of huggingface/safetensors, README.
 */

/** A frame's metadata, all text, and its float32 tensors. */
export interface TensorFrame {
  readonly metadata: Readonly<Record<string, string>>;
  readonly tensors: ReadonlyMap<string, Float32Array>;
}

/** Of a frame, and of a header. */
export const LENGTH_BYTES = 8;
/** No header of ours is longer: a length beyond that is of other bytes. */
export const LONGEST_HEADER = 2 ** 20;
const LONGEST_FRAME = 2 ** 36;
const METADATA = "__metadata__";

/** The bytes of a frame, in parts, the first of which are its length and the header's; `shapes` are those of the tensors by name. */
export function encodeFrame(
  metadata: TensorFrame["metadata"],
  tensors: readonly { readonly name: string; readonly shape: readonly number[]; readonly elements: Float32Array }[],
): readonly Uint8Array[] {
  let offset = 0;
  const header: Record<string, unknown> = { [METADATA]: metadata };
  for (const { name, shape, elements } of tensors) {
    header[name] = { dtype: "F32", shape, data_offsets: [offset, offset + elements.byteLength] };
    offset += elements.byteLength;
  }
  const json = JSON.stringify(header);
  const bytes = new TextEncoder().encode(json);
  // Filled up with spaces, so that the data is aligned.
  const headerBytes = Math.ceil(bytes.length / LENGTH_BYTES) * LENGTH_BYTES;
  const head = new Uint8Array(2 * LENGTH_BYTES + headerBytes).fill(0x20);
  const view = new DataView(head.buffer);
  view.setBigUint64(0, BigInt(LENGTH_BYTES + headerBytes + offset), true);
  view.setBigUint64(LENGTH_BYTES, BigInt(headerBytes), true);
  head.set(bytes, 2 * LENGTH_BYTES);
  return [
    head,
    ...tensors.map(({ elements }) => new Uint8Array(elements.buffer, elements.byteOffset, elements.byteLength)),
  ];
}

/** Reads the bytes of a safetensors file. @throws NoFrame where they are none */
export function decodeFile(bytes: Uint8Array): TensorFrame {
  const header =
    bytes.length < LENGTH_BYTES ? 0 : Number(new DataView(bytes.buffer, bytes.byteOffset).getBigUint64(0, true));
  if (bytes.length < LENGTH_BYTES || header > Math.min(LONGEST_HEADER, bytes.length - LENGTH_BYTES))
    throw new NoFrame(textOf(bytes.subarray(0, 60)));
  return decode(bytes, header);
}

/** Bytes that are no frame, as text for a message. */
export class NoFrame extends Error {}

/** Puts frames together from the chunks of a stream. */
export class FrameReader {
  #chunks: Uint8Array[] = [];
  #bytes = 0;

  /** Takes a chunk; gives the frames that are whole now. @throws NoFrame where the bytes are none */
  take(chunk: Uint8Array): readonly TensorFrame[] {
    this.#chunks.push(chunk);
    this.#bytes += chunk.length;
    const frames: TensorFrame[] = [];
    for (;;) {
      if (this.#bytes < 2 * LENGTH_BYTES) return frames;
      const start = this.#peek(2 * LENGTH_BYTES);
      const view = new DataView(start.buffer, start.byteOffset, start.length);
      const [length, header] = [Number(view.getBigUint64(0, true)), Number(view.getBigUint64(LENGTH_BYTES, true))];
      if (length > LONGEST_FRAME || header > LONGEST_HEADER || header + LENGTH_BYTES > length)
        throw new NoFrame(textOf(this.#peek(Math.min(this.#bytes, 60))));
      if (this.#bytes < LENGTH_BYTES + length) return frames;
      const whole = this.#peek(this.#bytes);
      frames.push(decode(whole.subarray(LENGTH_BYTES, LENGTH_BYTES + length), header));
      const rest = whole.subarray(LENGTH_BYTES + length);
      this.#chunks = [rest];
      this.#bytes = rest.length;
    }
  }

  /** The first bytes; chunks are joined only when a frame is whole or its length is asked for. */
  #peek(count: number): Uint8Array {
    const [first] = this.#chunks;
    if (first !== undefined && first.length >= count && count < this.#bytes) return first.subarray(0, count);
    if (first === undefined || first.length < count) this.#chunks = [Buffer.concat(this.#chunks)];
    return (this.#chunks[0] ?? new Uint8Array(0)).subarray(0, count);
  }
}

function decode(blob: Uint8Array, headerBytes: number): TensorFrame {
  const data = blob.subarray(LENGTH_BYTES + headerBytes);
  const text = new TextDecoder().decode(blob.subarray(LENGTH_BYTES, LENGTH_BYTES + headerBytes));
  let header: unknown;
  try {
    header = JSON.parse(text);
  } catch {
    throw new NoFrame(text.slice(0, 60));
  }
  const metadata: Record<string, string> = {};
  const tensors = new Map<string, Float32Array>();
  for (const [name, entry] of entriesOf(header)) {
    if (name === METADATA) {
      for (const [key, value] of entriesOf(entry)) metadata[key] = String(value);
      continue;
    }
    const { dtype, data_offsets: offsets } = Object.fromEntries(entriesOf(entry));
    if (dtype !== "F32") throw new NoFrame(`the tensor ${name} is of type ${String(dtype)}, F32 was expected`);
    const [begin, end] = Array.isArray(offsets) ? offsets.map(Number) : [];
    if (begin === undefined || end === undefined || !(begin >= 0 && end >= begin && end <= data.length))
      throw new NoFrame(`the tensor ${name} is not within its frame`);
    tensors.set(name, elementsOf(data.subarray(begin, end)));
  }
  return { metadata, tensors };
}

/** The elements of a tensor: a view, where they are aligned. */
function elementsOf(bytes: Uint8Array): Float32Array {
  const { buffer, byteOffset, length } = isAligned(bytes) ? bytes : bytes.slice();
  return new Float32Array(buffer, byteOffset, Math.floor(length / Float32Array.BYTES_PER_ELEMENT));
}

function isAligned({ byteOffset }: Uint8Array): boolean {
  return byteOffset % Float32Array.BYTES_PER_ELEMENT === 0;
}

function entriesOf(value: unknown): readonly (readonly [string, unknown])[] {
  return Object.entries(typeof value === "object" && value !== null ? value : {});
}

function textOf(bytes: Uint8Array): string {
  return new TextDecoder().decode(bytes);
}
