/** Where stderr is no terminal, a line that changes all the time is written this often. */
const HEARTBEAT_MS = 10_000;

/** Lines on stderr that say how far a run is: redrawn in place on a terminal, only lasting lines elsewhere. */
export class ProgressLines {
  readonly #stream = process.stderr;
  readonly #live = new Map<string, string>();
  #drawnRows = 0;
  #lastDrawMs = 0;
  /** When a key's line was written last, where stderr is no terminal. */
  readonly #heartbeats = new Map<string, number>();

  /** The line under `key` changes; nothing is drawn where stderr is no terminal. */
  update(key: string, line: string): void {
    this.#live.set(key, line);
    const nowMs = performance.now();
    if (!this.#stream.isTTY || nowMs - this.#lastDrawMs < 100) return;
    this.#lastDrawMs = nowMs;
    this.#redraw();
  }

  /** Like `update`, for work that takes long: where stderr is no terminal the line lasts, one every ten seconds. */
  heartbeat(key: string, line: string): void {
    this.update(key, line);
    if (this.#stream.isTTY) return;
    const nowMs = performance.now();
    const lastMs = this.#heartbeats.get(key);
    if (lastMs === undefined || nowMs - lastMs >= HEARTBEAT_MS) this.#heartbeats.set(key, nowMs);
    if (lastMs !== undefined && nowMs - lastMs >= HEARTBEAT_MS) this.#stream.write(`${line}\n`);
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
