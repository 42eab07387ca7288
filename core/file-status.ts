import { statSync, type Stats } from "node:fs";
import { plainText } from "./plain-text.ts";
import { UsageError } from "./usage-error.ts";

/** Paths are cut at so many characters in an error: one that is too long is not shown whole. */
const SHOWN = 100;

/**
 * What a path leads to, undefined where nothing is there.
 * @throws UsageError, one line, where that cannot be told: links that lead to each other, a path that is too long.
 */
export function statusOf(path: string): Stats | undefined {
  try {
    return statSync(path);
  } catch (error) {
    const code = error instanceof Error && "code" in error ? error.code : undefined;
    if (code === "ENOENT" || code === "ENOTDIR") return undefined;
    throw new UsageError(`cannot look at ${shownPath(path)}: ${reasonOf(code, error)}`);
  }
}

/** A path as it is shown in an error. */
export function shownPath(path: string): string {
  const text = plainText(path);
  return text.length > SHOWN ? `${text.slice(0, SHOWN)}…` : text;
}

function reasonOf(code: unknown, error: unknown): string {
  switch (code) {
    case "ELOOP":
      return "its symbolic links lead to each other";
    case "ENAMETOOLONG":
      return "the path is too long";
    case "EACCES":
      return "permission denied";
    default:
      return shownPath(error instanceof Error ? error.message : String(error));
  }
}
