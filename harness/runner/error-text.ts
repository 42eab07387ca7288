/** What was thrown, and where in the plugin's own code. */
const LONGEST_ERROR = 2000;
const MOST_FRAMES = 4;

/** Frames of the platform, of the harness, and of libraries say nothing of the plugin. */
const FOREIGN = /\bnode:|\/node_modules\/|<anonymous>$/;
/**
 * Where this code is: the folder of the harness, or the script that it was bundled into. Told by a stack of its own,
 * since a module of a realm that is made by hand has no address.
 */
const HARNESS = (/([^\s(]+):\d+:\d+\)?$/m.exec(new Error("here").stack ?? "")?.[1] ?? "here").replace(
  /\/runner\/error-text\.[jt]s$/,
  "/",
);

/**
 * Whatever was thrown, in words: it may be no error at all, or throw itself when it is looked at. The frames of its
 * stack that are the plugin's own follow, the innermost first: `TypeError: …, at forward (my-conv.mjs:12:7)`.
 */
export function errorText(error: unknown, pluginUrl?: string): string {
  try {
    const isError = typeof error === "object" && error !== null && "message" in error;
    if (!isError) return cut(String(error));
    const text = `${"name" in error ? String(error.name) : "Error"}: ${String(error.message)}`;
    const stack = "stack" in error && typeof error.stack === "string" ? error.stack : "";
    const places = pluginUrl === undefined ? [] : framesOf(stack, pluginUrl);
    return cut([cut(text), ...places.map((place) => `at ${place}`)].join(", "));
  } catch {
    return "a value that has no text";
  }
}

/** Whether the text is of a WebAssembly trap, after which its library cannot be used any more. */
export function isTrap(text: string): boolean {
  return /^RuntimeError\b/.test(text);
}

function cut(text: string): string {
  return text.length > LONGEST_ERROR ? `${text.slice(0, LONGEST_ERROR)}…` : text;
}

/** The plugin's own places in a stack, as `forward (my-conv.mjs:12:7)`, by its folder. */
function framesOf(stack: string, pluginUrl: string): readonly string[] {
  const folder = pluginUrl.replace(/[^/]*$/, "");
  const lines = stack.slice(0, 4 * LONGEST_ERROR).split("\n");
  // A text that cannot be parsed has its place before the message: `/home/me/conv.ts:3`.
  const unparsed = /^(?:file:\/\/)?(\/.*:\d+)$/.exec(lines[0] ?? "")?.[1];
  if (unparsed !== undefined) return [shortened(`file://${unparsed}`, folder)];
  const frames = lines.flatMap((line) => /^\s+at (?:async )?(.*)$/.exec(line)?.[1] ?? []);
  return frames
    .filter((frame) => !FOREIGN.test(frame) && !frame.includes(HARNESS) && /:\d+|wasm/.test(frame))
    .slice(0, MOST_FRAMES)
    .map((frame) => shortened(frame, folder));
}

/** A frame with its file as it is called from the plugin's folder. */
function shortened(frame: string, folder: string): string {
  return frame
    .replace(folder, "")
    .replace(/\?[^:)]*(?=:)/, "")
    .replace(/^wasm:\/\/wasm\/[0-9a-f]+:/, "")
    .replace(/^Object\./, "");
}
