import { plainText } from "../../core/plain-text.ts";

const LONGEST_NAME = 100;

/**
 * Marks that combine with the letter before, and letters and signs that draw nothing: names that look the same would be
 * different ones.
 */
const UNSEEN = /[\p{M}\p{Default_Ignorable_Code_Point}\u2800]/u;

/** What is wrong with an implementation's name, in words; undefined where nothing is. */
export function nameFault(name: string): string | undefined {
  if (name.trim() === "") return "must be a non-empty string";
  if (name.length > LONGEST_NAME) return `must have at most ${LONGEST_NAME} characters, got ${name.length}`;
  const unseen = UNSEEN.exec(name)?.[0];
  if (unseen !== undefined || plainText(name) !== name) {
    const which = unseen === undefined ? "" : ` (U+${codeOf(unseen)})`;
    const rule = `must not have control, invisible or combining characters${which}, nor white space at its ends`;
    return `${rule}, got ${JSON.stringify(plainText(name))}`;
  }
  return undefined;
}

function codeOf(character: string): string {
  return (character.codePointAt(0) ?? 0).toString(16).toUpperCase().padStart(4, "0");
}
