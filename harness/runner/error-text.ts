const LONGEST_ERROR = 2000;

/** Whatever was thrown, in words: it may be no error at all, or throw itself when it is looked at. */
export function errorText(error: unknown): string {
  try {
    const isError = typeof error === "object" && error !== null && "message" in error;
    const text = isError
      ? `${"name" in error ? String(error.name) : "Error"}: ${String(error.message)}`
      : String(error);
    return text.length > LONGEST_ERROR ? `${text.slice(0, LONGEST_ERROR)}…` : text;
  } catch {
    return "a value that has no text";
  }
}

/** Whether the text is of a WebAssembly trap, after which its library cannot be used any more. */
export function isTrap(text: string): boolean {
  return /^RuntimeError\b/.test(text);
}
