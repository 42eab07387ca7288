import { readFileSync, statSync } from "node:fs";
import { plainText } from "../../core/plain-text.ts";
import { UsageError } from "../../core/usage-error.ts";

/** Runs `read` and puts the file before its errors' messages. */
export function namingFile<Result>(path: string, read: () => Result): Result {
  try {
    return read();
  } catch (error) {
    if (!(error instanceof UsageError) || error.message.startsWith(PREFIX)) throw error;
    throw new UsageError(`${PREFIX} ${plainText(path)}: ${error.message}`);
  }
}

const PREFIX = "cannot read the ONNX file";

/**
 * A file's bytes. @throws {UsageError} where there is no such file, or where the path is something else: a folder, a
 * pipe.
 */
export function readBytes(path: string): Uint8Array {
  try {
    const stats = statSync(path);
    if (!stats.isFile()) throw new UsageError(stats.isDirectory() ? "it is a folder" : "it is not a regular file");
    return readFileSync(path);
  } catch (error) {
    if (error instanceof UsageError || !(error instanceof Error)) throw error;
    const isMissing = "code" in error && error.code === "ENOENT";
    throw new UsageError(isMissing ? "there is no such file" : plainText(error.message));
  }
}
