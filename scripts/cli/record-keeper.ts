import { writeRecord } from "../../core/record-file.ts";
import type { RunRecord } from "../../core/record.ts";
import { UsageError } from "../../core/usage-error.ts";

/** Writes the record of a run as it grows. A full disk does not end the run: the next result tries again. */
export class RecordKeeper {
  readonly #path: string | undefined;
  #warned = false;

  /** Without a path it keeps nothing. */
  constructor(path: string | undefined) {
    this.#path = path;
  }

  /** Keeps what there is so far; says once why it cannot. */
  keep(record: RunRecord): void {
    try {
      this.finish(record);
      this.#warned = false;
    } catch (error) {
      if (!(error instanceof UsageError)) throw error;
      if (!this.#warned) process.stderr.write(`${error.message}; the run goes on and tries again\n`);
      this.#warned = true;
    }
  }

  /** @throws UsageError when the whole record cannot be written. */
  finish(record: RunRecord): void {
    if (this.#path !== undefined) writeRecord(this.#path, record);
  }
}
