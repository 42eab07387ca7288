import type { ScriptCoverage } from "../../runner/messages.ts";

const [UNKNOWN, IDLE, RAN] = [0, 1, 2];

const MOST_KNOWN = 4096;

/** A stretch of a script's text. */
export interface Stretch {
  readonly url: string;
  readonly start: number;
  readonly end: number;
}

/** The parts of scripts that have run. */
export class BlockSet {
  readonly #states = new Map<string, Uint8Array>();
  /** What calls gave before, most of them the same again. */
  readonly #known = new Set<string>();

  get isEmpty(): boolean {
    return this.#states.size === 0;
  }

  /** Takes what ran in one call; gives what had not run before. */
  add(scripts: readonly ScriptCoverage[]): readonly Stretch[] {
    return scripts.flatMap(({ url, ranges }) => {
      const key = `${url} ${ranges.join(" ")}`;
      if (this.#known.has(key)) return [];
      if (this.#known.size >= MOST_KNOWN) this.#known.clear();
      this.#known.add(key);
      const length = ranges.reduce((most, [, end]) => Math.max(most, end), 0);
      // Ranges lie in each other, the outer first.
      const now = new Uint8Array(length);
      for (const [start, end, hasRun] of ranges) now.fill(hasRun ? RAN : IDLE, start, end);
      const states = this.#withRoom(url, length);
      const fresh = stretchesWhere(url, length, (at) => now[at] === RAN && states[at] !== RAN);
      for (let at = 0; at < length; at++) states[at] = Math.max(states[at]!, now[at]!);
      return fresh;
    });
  }

  /** What has not run yet, though the text around it has. */
  unreached(): readonly Stretch[] {
    return [...this.#states].flatMap(([url, states]) =>
      stretchesWhere(url, states.length, (at) => states[at] === IDLE),
    );
  }

  /** How much of the text that is known has run. */
  get part(): number {
    let [ran, known] = [0, 0];
    for (const states of this.#states.values()) {
      for (const state of states) {
        if (state === RAN) ran++;
        if (state !== UNKNOWN) known++;
      }
    }
    return known === 0 ? 0 : ran / known;
  }

  #withRoom(url: string, length: number): Uint8Array {
    const states = this.#states.get(url) ?? new Uint8Array(0);
    if (states.length >= length) return states;
    const longer = new Uint8Array(length).fill(UNKNOWN);
    longer.set(states);
    this.#states.set(url, longer);
    return longer;
  }
}

function stretchesWhere(url: string, length: number, holds: (at: number) => boolean): readonly Stretch[] {
  const stretches: Stretch[] = [];
  for (let start = 0; start < length; start++) {
    if (!holds(start)) continue;
    let end = start + 1;
    while (end < length && holds(end)) end++;
    stretches.push({ url, start, end });
    start = end;
  }
  return stretches;
}
