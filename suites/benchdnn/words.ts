import { UsageError } from "../../core/usage-error.ts";

/** A word of a batch file and the line, from 1, on which it begins. */
export interface Word {
  readonly text: string;
  readonly line: number;
}

/** A hundred times what any line of oneDNN's lists has. */
const LONGEST_LINE = 100_000;

// A run of text without white space, except inside quotes.
const WORD = /(?:"[^"]*"?|[^\s"])+/g;

/**
 * The words of a batch file, between white space. A word that begins with `#` begins a comment, to the end of the line.
 * A word that ends in `\`, or a `\` by itself, joins the word before it and the next one, comments between them or not.
 * Source: oneDNN, tests/benchdnn/common.cpp, `batch`; that a name in quotes may have white space is our own.
 * @throws {UsageError} for a `\` with nothing before it; `place` names a line in an error.
 */
export function wordsOf(text: string, place: (line: number) => string): readonly Word[] {
  const words: Word[] = [];
  let isContinued = false;
  for (const [index, content] of text
    .replace(/^\ufeff/, "")
    .split(/\r?\n/)
    .entries()) {
    if (content.length > LONGEST_LINE) {
      const length = content.length.toLocaleString("en-US");
      throw new UsageError(`${place(index + 1)}: a line of ${length} characters is no benchdnn list's`);
    }
    for (const found of content.match(WORD) ?? []) {
      if (found.startsWith("#")) break;
      const isUnfinished = found.endsWith("\\");
      const part = isUnfinished ? found.slice(0, -1) : found;
      const begun = isContinued || part === "" ? words.pop() : undefined;
      if (begun === undefined && part === "") throw new UsageError(`${place(index + 1)}: "\\" continues nothing`);
      words.push({ text: `${begun?.text ?? ""}${part}`, line: begun?.line ?? index + 1 });
      isContinued = isUnfinished;
    }
  }
  return words;
}
