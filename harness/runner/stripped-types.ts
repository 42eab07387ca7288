/**
 * Whether a text can be what Node makes of TypeScript when it strips the types: the same, but for blanks in the place of
 * types, and semicolons where a line would join the next. A cache that somebody else wrote into has no other code to
 * give.
 */
export function isStripOf(stripped: string, text: string): boolean {
  if (stripped.length !== text.length) return false;
  for (let i = 0; i < text.length; i++) {
    const character = stripped[i]!;
    if (character !== text[i] && character !== ";" && character.trim() !== "") return false;
  }
  return true;
}
