import { Reader } from "protobufjs/minimal.js";
import { UsageError } from "../../core/usage-error.ts";

const VARINT = 0;
const LENGTH_DELIMITED = 2;
const FIXED32 = 5;

/**
 * How many submessages a file may still have. The shortest is two bytes and the object made of it some hundred, so that without an end
 * a file could fill a memory many times its size. A network of ten thousand nodes has some hundred thousand.
 */
export class MessageBudget {
  static readonly MOST = 2 ** 18;
  private left = MessageBudget.MOST;

  /** @throws {UsageError} when there are too many. */
  take(): void {
    this.left--;
    if (this.left < 0)
      throw new UsageError(`it has more than ${MessageBudget.MOST} tensors, attributes and other parts`);
  }
}

/** The next varint as a signed integer; beyond ±2^53 the nearest double. */
export function nextInteger(reader: Reader): number {
  const { high, low } = reader.int64();
  return high * 2 ** 32 + (low >>> 0);
}

/** The value of one field. Each method reads it as one type of the schema and throws a RangeError where the wire type does not fit. */
export class FieldValue {
  private readonly reader: Reader;
  private readonly wireType: number;

  constructor(reader: Reader, wireType: number) {
    this.reader = reader;
    this.wireType = wireType;
  }

  /** A view of a `bytes` field or of a submessage: nothing is copied. */
  bytes(): Uint8Array {
    this.expect(LENGTH_DELIMITED);
    return this.reader.bytes();
  }

  text(): string {
    this.expect(LENGTH_DELIMITED);
    return this.reader.string();
  }

  /** An int64 or int32; beyond ±2^53 the nearest double. */
  integer(): number {
    this.expect(VARINT);
    return nextInteger(this.reader);
  }

  float(): number {
    this.expect(FIXED32);
    return this.reader.float();
  }

  /** A view of a repeated number field, packed or a single value. */
  run(): Uint8Array {
    if (this.wireType === LENGTH_DELIMITED) return this.reader.bytes();
    const start = this.reader.pos;
    this.reader.skipType(this.wireType);
    return this.reader.raw(start, this.reader.pos);
  }

  /** A repeated integer field, packed or not, added to `into`, which may hold `most`. */
  integers(into: number[], most: number): void {
    const reader = new Reader(this.run());
    while (reader.pos < reader.len) {
      if (into.length >= most) throw new RangeError(`more than ${most} values`);
      into.push(nextInteger(reader));
    }
  }

  /** A repeated float field, packed or not, added to `into`, which may hold `most`. */
  floats(into: number[], most: number): void {
    const reader = new Reader(this.run());
    while (reader.pos < reader.len) {
      if (into.length >= most) throw new RangeError(`more than ${most} values`);
      into.push(reader.float());
    }
  }

  private expect(wireType: number): void {
    if (this.wireType !== wireType) throw new RangeError(`wire type ${this.wireType} in place of ${wireType}`);
  }
}

/**
 * Reads one protocol buffer message: each field that has a handler is given to it, in the order of the file; the others are skipped.
 * @throws {UsageError} naming the message where the bytes are no message of that kind, or end too early.
 * Source: https://protobuf.dev/programming-guides/encoding/
 */
export function readMessage(
  kind: string,
  bytes: Uint8Array,
  handlers: Readonly<Record<number, (value: FieldValue) => void>>,
): void {
  const reader = new Reader(bytes);
  let field = 0;
  try {
    while (reader.pos < reader.len) {
      const tag = reader.tag();
      field = tag >>> 3;
      const wireType = tag & 7;
      const handler = handlers[field];
      if (handler === undefined) reader.skipType(wireType);
      else handler(new FieldValue(reader, wireType));
    }
  } catch (error) {
    if (error instanceof UsageError) throw error;
    const reason = error instanceof Error ? error.message : String(error);
    throw new UsageError(`its ${kind} is cut off or malformed (field ${field}: ${reason})`);
  }
}
