import { distance } from "fastest-levenshtein";

const MOST = 3;

/**
 * The known names that someone who typed `wanted` may have meant, nearest first, at most three, for "did you mean"
 * messages: within a third of its length in edits (Levenshtein, letter case aside), or one contains the other.
 */
export function nearNames(wanted: string, known: readonly string[]): string[] {
  const typed = wanted.toLowerCase();
  if (typed === "") return [];
  const furthest = Math.max(1, Math.floor(typed.length / 3));
  return known
    .map((name) => ({ name, lower: name.toLowerCase() }))
    .map(({ name, lower }) => ({ name, lower, edits: distance(typed, lower) }))
    .filter(({ lower, edits }) => edits <= furthest || lower.includes(typed) || (lower !== "" && typed.includes(lower)))
    .sort((a, b) => a.edits - b.edits)
    .slice(0, MOST)
    .map(({ name }) => name);
}

/** The known name that `wanted` is a slip of the pen for: at most a fourth of its letters differ, letter case aside. */
export function misspelt(wanted: string, known: readonly string[]): string | undefined {
  const typed = wanted.toLowerCase();
  return known
    .map((name) => ({ name, edits: distance(typed, name.toLowerCase()) }))
    .filter(({ name, edits }) => name !== wanted && edits <= Math.floor(typed.length / 4))
    .toSorted((a, b) => a.edits - b.edits)[0]?.name;
}
