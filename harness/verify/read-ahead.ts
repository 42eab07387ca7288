import type { CaseSource, Proposal } from "./sources/source.ts";

/** What was read from a source and not done; it is read again first. */
const givenBack = new WeakMap<CaseSource, readonly Proposal[]>();

/**
 * The next proposals of a source: those that `fits` accepts one after another, at most `most`, or a single one that it
 * does not; none at the end of the source.
 */
export async function readAhead(
  source: CaseSource,
  most: number,
  fits: (proposal: Proposal) => boolean,
): Promise<readonly Proposal[]> {
  const read: Proposal[] = [];
  while (read.length < most) {
    const next = await nextOf(source);
    if (next === undefined) break;
    if (fits(next)) {
      read.push(next);
      continue;
    }
    if (read.length === 0) return [next];
    giveBack(source, [next]);
    break;
  }
  return read;
}

/** The source gives these again before any other. */
export function giveBack(source: CaseSource, proposals: readonly Proposal[]): void {
  givenBack.set(source, [...proposals, ...(givenBack.get(source) ?? [])]);
}

async function nextOf(source: CaseSource): Promise<Proposal | undefined> {
  const [first, ...rest] = givenBack.get(source) ?? [];
  if (first === undefined) {
    const next = await source.next();
    return next.done === true ? undefined : next.value;
  }
  givenBack.set(source, rest);
  return first;
}
