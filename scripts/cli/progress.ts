/** Lines on stderr that say how far a run is: redrawn in place on a terminal, only lasting lines elsewhere. */
export class ProgressLines {
  readonly #stream = process.stderr;
  readonly #live = new Map<string, string>();
  #drawnRows = 0;
  #lastDrawMs = 0;

  /** The line under `key` changes; nothing is drawn where stderr is no terminal. */
  update(key: string, line: string): void {
    this.#live.set(key, line);
    const nowMs = performance.now();
    if (!this.#stream.isTTY || nowMs - this.#lastDrawMs < 100) return;
    this.#lastDrawMs = nowMs;
    this.#redraw();
  }

  /** The line under `key` is over; `lasting` stays. */
  finish(key: string, lasting: string): void {
    this.#live.delete(key);
    this.#erase();
    this.#stream.write(`${lasting}\n`);
    if (this.#stream.isTTY) this.#redraw();
  }

  clear(): void {
    this.#live.clear();
    this.#erase();
  }

  #redraw(): void {
    this.#erase();
    const columns = this.#stream.columns || 80;
    for (const line of this.#live.values()) this.#stream.write(`${line.slice(0, columns - 1)}\n`);
    this.#drawnRows = this.#live.size;
  }

  #erase(): void {
    if (this.#drawnRows > 0) this.#stream.write(`\u001b[${this.#drawnRows}A\u001b[0J`);
    this.#drawnRows = 0;
  }
}
