import { stripVTControlCharacters, styleText } from "node:util";

type TextStyle = Parameters<typeof styleText>[0];
export type Alignment = "left" | "right";

/** What the text is drawn on. */
export interface TextOptions {
  /** Width in characters. */
  readonly columns: number;
  readonly colour: boolean;
  /** Every layer, verdict and reason, not only what they come to. */
  readonly layers?: boolean;
}

/**
 * The options of a stream: its width (100 where it is not a terminal) and whether it wants colours (NO_COLOR and
 * TERM=dumb count).
 */
export function textOptions(stream: NodeJS.WriteStream): TextOptions {
  return stream.isTTY
    ? { columns: Math.max(20, stream.columns || 80), colour: stream.hasColors() }
    : { columns: 100, colour: false };
}

export function paint(text: string, format: TextStyle, { colour }: TextOptions): string {
  return colour && text !== "" ? styleText(format, text, { validateStream: false }) : text;
}

const segmenter = new Intl.Segmenter("en", { granularity: "grapheme" });
const WIDE =
  /^[\u1100-\u115f\u2e80-\u303e\u3041-\ua4cf\uac00-\ud7a3\uf900-\ufaff\ufe30-\ufe6f\uff00-\uff60\uffe0-\uffe6\u{20000}-\u{3fffd}]|^\p{Emoji_Presentation}/u;

/** The number of terminal cells that a line takes: wide characters two, marks on others none, colour codes none. */
export function displayWidth(text: string): number {
  let width = 0;
  for (const { segment } of segmenter.segment(stripVTControlCharacters(text))) {
    width += WIDE.test(segment) ? 2 : /^\p{Mark}/u.test(segment) ? 0 : 1;
  }
  return width;
}

/** Text without colours cut to a width, with an ellipsis where something was cut. */
export function truncate(text: string, columns: number): string {
  if (displayWidth(text) <= columns) return text;
  let [cut, width] = ["", 1];
  for (const { segment } of segmenter.segment(text)) {
    width += displayWidth(segment);
    if (width > columns) break;
    cut += segment;
  }
  return `${cut}…`;
}

export function pad(text: string, columns: number, alignment: Alignment): string {
  const space = " ".repeat(Math.max(0, columns - displayWidth(text)));
  return alignment === "left" ? text + space : space + text;
}

/** Words wrapped to a width; a word longer than the width keeps a line of its own, so that commands can be copied. */
export function wrap(text: string, columns: number): string[] {
  const lines: string[] = [];
  for (const word of text.split(" ")) {
    const last = lines.at(-1);
    if (last !== undefined && displayWidth(last) + 1 + displayWidth(word) <= columns)
      lines[lines.length - 1] = `${last} ${word}`;
    else lines.push(word);
  }
  return lines;
}

/**
 * Rows of cells as lines with two spaces between columns, each column as wide as its widest cell; as many columns as
 * alignments, no space at line ends.
 */
export function layOut(rows: readonly (readonly string[])[], alignments: readonly Alignment[]): string[] {
  const widths = alignments.map((_, column) => Math.max(0, ...rows.map((row) => displayWidth(row[column] ?? ""))));
  return rows.map((row) =>
    alignments
      .map((alignment, column) => pad(row[column] ?? "", widths[column] ?? 0, alignment))
      .join("  ")
      .trimEnd(),
  );
}

/** The same with the first row as a head. */
export function layOutTable(
  rows: readonly (readonly string[])[],
  alignments: readonly Alignment[],
  options: TextOptions,
  headStyle: TextStyle = "dim",
): string[] {
  const [head = "", ...lines] = layOut(rows, alignments);
  return [paint(head, headStyle, options), ...lines];
}

/** Safe text as faint lines of the width. */
export function dimmed(text: string, options: TextOptions): string[] {
  return wrap(text, options.columns).map((line) => paint(line, "dim", options));
}

/** Lines as text that ends with a line end. */
export function joined(lines: readonly string[]): string {
  return lines.map((line) => `${line}\n`).join("");
}
