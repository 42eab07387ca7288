/** What a reader has chosen. It stands in the address, so that a link shows the same. */

/** How a value stands in the address; `read` gives undefined for a text that is none. */
interface Codec<T> {
  readonly read: (text: string) => T | undefined;
  readonly write: (value: T) => string;
}

/** A value that figures read, and that a link keeps. */
export class State<T> {
  readonly #key: string;
  readonly #initial: T;
  readonly #codec: Codec<T>;
  readonly #listeners: (() => void)[] = [];
  #value: T;

  constructor(key: string, initial: T, codec: Codec<T>) {
    this.#key = key;
    this.#initial = initial;
    this.#codec = codec;
    this.#value = this.#stored();
    all.push(this);
  }

  get value(): T {
    return this.#value;
  }

  set(value: T): void {
    this.#value = value;
    const params = chosen();
    const text = this.#codec.write(value);
    if (text === this.#codec.write(this.#initial)) params.delete(this.#key);
    else params.set(this.#key, text);
    history.replaceState(null, "", `#${params.toString()}`);
    this.#tell();
  }

  reset(): void {
    this.set(this.#initial);
  }

  /** Calls `listener` after every change. */
  onChange(listener: () => void): void {
    this.#listeners.push(listener);
  }

  /** Takes the value from the address again. */
  reread(): void {
    const value = this.#stored();
    if (this.#codec.write(value) === this.#codec.write(this.#value)) return;
    this.#value = value;
    this.#tell();
  }

  #stored(): T {
    const text = chosen().get(this.#key);
    return (text === null ? undefined : this.#codec.read(text)) ?? this.#initial;
  }

  #tell(): void {
    for (const listener of this.#listeners) listener();
  }
}

const all: Pick<State<unknown>, "reread">[] = [];
addEventListener("hashchange", () => all.forEach((state) => state.reread()));

function chosen(): URLSearchParams {
  const text = location.hash.replace(/^#/, "");
  return new URLSearchParams(text.includes("=") ? text : "");
}

/** A number in a range. */
export function numberState(key: string, initial: number, min: number, max: number): State<number> {
  return new State(key, initial, {
    read: (text) => {
      const value = Number(text);
      return text !== "" && value >= min && value <= max ? value : undefined;
    },
    write: String,
  });
}

/** One of some words. */
export function wordState<const Word extends string>(
  key: string,
  initial: NoInfer<Word>,
  words: readonly Word[],
): State<Word> {
  return new State<Word>(key, initial, { read: (text) => words.find((word) => word === text), write: (word) => word });
}

/** Rows of numbers, always as many; `1,2;3,4` in the address. */
export function rowsState(key: string, initial: readonly (readonly number[])[]): State<readonly (readonly number[])[]> {
  return new State(key, initial, {
    read: (text) => {
      const rows = text.split(";").map((row) => row.split(",").map(Number));
      const hasShape = rows.length === initial.length && rows.every((row, at) => row.length === initial[at]?.length);
      return hasShape && rows.flat().every(Number.isFinite) ? rows : undefined;
    },
    write: (rows) => rows.map((row) => row.join(",")).join(";"),
  });
}

/** Draws now, and after every change of the states. */
export function drawn(states: readonly Pick<State<unknown>, "onChange">[], draw: () => void): void {
  for (const state of states) state.onChange(draw);
  draw();
}
