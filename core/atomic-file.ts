import { randomUUID } from "node:crypto";
import {
  closeSync,
  existsSync,
  fsyncSync,
  mkdirSync,
  openSync,
  realpathSync,
  renameSync,
  rmSync,
  statSync,
  writeFileSync,
} from "node:fs";
import { dirname, join, resolve } from "node:path";
import { plainText } from "./plain-text.ts";
import { UsageError } from "./usage-error.ts";

/**
 * Writes a file so that a reader, a crash or a full disk sees either the old text or the whole new one: a temporary
 * file in the same folder, flushed to the disk, then renamed over the target. A symbolic link keeps pointing; a device
 * or a pipe is written directly.
 * @throws UsageError when the path cannot be written: names the path and why; the temporary file is gone and the old
 * file as it was.
 */
export function writeAtomically(path: string, text: string): void {
  attempt(path, () => {
    const target = finalTarget(path);
    if (target.isSpecial) writeFileSync(target.path, text);
    else replaceFile(target.path, text);
  });
}

/**
 * Checks, before hours of work, that `writeAtomically(path, …)` can succeed, by writing an empty file beside it and
 * removing that.
 * @throws UsageError when the path cannot be written: names the path and why.
 */
export function assertWritable(path: string): void {
  attempt(path, () => {
    const target = finalTarget(path);
    if (target.isSpecial) closeSync(openSync(target.path, "w"));
    else withTemporary(target.path, () => {});
  });
}

/**
 * Makes a folder where there is none, and checks that files can be written into it.
 * @throws UsageError when that fails: names the folder and why.
 */
export function assertWritableFolder(path: string): void {
  attempt(path, () => {
    // On a file system that takes no folders (/proc) Node's recursive mkdir never ends, so that a file is tried first.
    let existing = resolve(path);
    while (!existsSync(existing) && existing !== dirname(existing)) existing = dirname(existing);
    if (!statSync(existing).isDirectory())
      throw new Error(existing === resolve(path) ? "it is a file" : `${existing} is a file`);
    withTemporary(join(existing, "any"), () => {});
    mkdirSync(path, { recursive: true });
    withTemporary(join(path, "any"), () => {});
  });
}

/** Where the bytes go: a link's target, and whether that is something that must not be replaced (a device, a pipe). */
function finalTarget(path: string): { readonly path: string; readonly isSpecial: boolean } {
  const stats = statSync(path, { throwIfNoEntry: false });
  if (stats === undefined) return { path, isSpecial: false };
  if (stats.isDirectory()) throw new Error("it is a folder");
  return { path: stats.isFile() ? realpathSync(path) : path, isSpecial: !stats.isFile() };
}

function replaceFile(path: string, text: string): void {
  withTemporary(path, (temporary, descriptor) => {
    writeFileSync(descriptor, text);
    fsyncSync(descriptor);
    renameSync(temporary, path);
  });
}

/** Opens a new file beside `path`, hands it over, and removes what is left of it. */
function withTemporary(path: string, use: (temporary: string, descriptor: number) => void): void {
  const temporary = join(dirname(path), `.benchconv-${randomUUID()}.tmp`);
  const descriptor = openSync(temporary, "wx");
  try {
    use(temporary, descriptor);
  } finally {
    closeSync(descriptor);
    rmSync(temporary, { force: true });
  }
}

function attempt(path: string, write: () => void): void {
  try {
    write();
  } catch (error) {
    throw new UsageError(`cannot write ${plainText(path)}: ${why(error, path)}`);
  }
}

function why(error: unknown, path: string): string {
  if (!(error instanceof Error)) return plainText(String(error));
  switch ("code" in error ? error.code : undefined) {
    case "ENOENT":
      return `there is no folder ${plainText(dirname(path))}`;
    case "ENOTDIR":
      return `${plainText(dirname(path))} is not a folder`;
    case "EACCES":
    case "EPERM":
      return "permission denied";
    case "EROFS":
      return "the file system is read-only";
    case "ENOSPC":
      return "the disk is full";
    default:
      return plainText(error.message);
  }
}
