import type { Readable, Writable } from "node:stream";
import type { TensorName, Tensors } from "../plugin.ts";

/**
 * What travels between the harness and a contender's process: a JSON message and the bytes of its tensors.
 * On the wire: header length (u32, little-endian), header (JSON: the message and each tensor's name and element count),
 * then each tensor's float32 elements in that order.
 */
export interface Frame<Message> {
  readonly message: Message;
  readonly tensors: Tensors;
}

interface Header {
  readonly message: unknown;
  readonly tensors: readonly (readonly [name: TensorName, elements: number])[];
}

/** Writes a frame; resolves when its bytes have left this process, so that the tensors may be changed again. */
export async function writeFrame(stream: Writable, message: unknown, tensors: Tensors = {}): Promise<void> {
  const entries = tensorEntries(tensors);
  const header: Header = { message, tensors: entries.map(([name, tensor]) => [name, tensor.length]) };
  const text = Buffer.from(JSON.stringify(header));
  const start = Buffer.alloc(4 + text.length);
  start.writeUInt32LE(text.length, 0);
  text.copy(start, 4);
  const writes = [write(stream, start)];
  for (const [, tensor] of entries) {
    if (tensor.length > 0) writes.push(write(stream, Buffer.from(tensor.buffer, tensor.byteOffset, tensor.byteLength)));
  }
  await Promise.all(writes);
}

function write(stream: Writable, bytes: Buffer): Promise<void> {
  return new Promise((resolve, reject) => {
    stream.write(bytes, (error) => (error ? reject(error) : resolve()));
  });
}

const TENSOR_NAMES: readonly TensorName[] = ["x", "weights", "bias", "dy", "y", "dx", "dWeights", "dBias"];

/** The tensors that are present, in a fixed order. */
export function tensorEntries(tensors: Tensors): (readonly [TensorName, Float32Array])[] {
  return TENSOR_NAMES.flatMap((name) => {
    const tensor = tensors[name];
    return tensor === undefined ? [] : [[name, tensor] as const];
  });
}

/** Reads frames until the stream ends; every tensor owns its buffer (byteOffset 0). */
export async function* readFrames(stream: Readable): AsyncGenerator<Frame<unknown>, void, undefined> {
  const source = new ByteSource(stream);
  for (;;) {
    const lengthBytes = await source.read(4);
    if (lengthBytes === undefined) return;
    const headerBytes = await source.read(new DataView(lengthBytes.buffer).getUint32(0, true));
    if (headerBytes === undefined) return;
    const header: unknown = JSON.parse(Buffer.from(headerBytes).toString());
    if (!isHeader(header)) throw new Error("a frame's header is not one of benchconv's");
    const tensors: Partial<Record<TensorName, Float32Array>> = {};
    for (const [name, elements] of header.tensors) {
      const bytes = await source.read(elements * 4);
      if (bytes === undefined) return;
      tensors[name] = new Float32Array(bytes.buffer);
    }
    yield { message: header.message, tensors };
  }
}

function isHeader(value: unknown): value is Header {
  return typeof value === "object" && value !== null && "message" in value && "tensors" in value;
}

/** Exact-length reads from a stream of chunks. */
class ByteSource {
  readonly #chunks: AsyncIterator<Buffer>;
  #rest: Uint8Array = new Uint8Array(0);

  constructor(stream: Readable) {
    this.#chunks = stream[Symbol.asyncIterator]();
  }

  /** The next `length` bytes in a buffer of their own; undefined when the stream ends before them. */
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
