/** Memory that a program shares with this process, as a file: tensors need not go through a pipe. */
import { closeSync, constants, ftruncateSync, openSync, readSync, unlinkSync, writeSync } from "node:fs";
import { randomUUID } from "node:crypto";

/** Files here are memory. On Linux; elsewhere nothing is shared. */
const FOLDER = "/dev/shm";

/** A file without a name: it is gone when the last process that has it open is. */
export class SharedFile {
  readonly descriptor: number;

  private constructor(descriptor: number) {
    this.descriptor = descriptor;
  }

  /** Undefined where there is no such memory. */
  static make(): SharedFile | undefined {
    const path = `${FOLDER}/benchconv-${randomUUID()}`;
    try {
      const descriptor = openSync(path, constants.O_RDWR | constants.O_CREAT | constants.O_EXCL, 0o600);
      unlinkSync(path);
      return new SharedFile(descriptor);
    } catch {
      return undefined;
    }
  }

  /** Writes parts one after the other; false where there is no room for them. */
  write(parts: readonly Uint8Array[]): boolean {
    let position = 0;
    try {
      for (const part of parts) {
        for (let at = 0; at < part.length;) {
          const written = writeSync(this.descriptor, part, at, part.length - at, position);
          at += written;
          position += written;
        }
      }
      return true;
    } catch {
      ftruncateSync(this.descriptor);
      return false;
    }
  }

  /** The first bytes; as many as there are. */
  read(bytes: number): Uint8Array {
    const content = new Uint8Array(bytes);
    let at = 0;
    for (let count = -1; at < bytes && count !== 0; at += count)
      count = readSync(this.descriptor, content, at, bytes - at, at);
    return content.subarray(0, at);
  }

  close(): void {
    closeSync(this.descriptor);
  }
}
