import { UsageError } from "../../core/usage-error.ts";
import { amount, boolean, count, fields, list, longText, orNull, parse, text, type Parser } from "../runner/parsing.ts";
import type { CellSeries } from "./series.ts";
import { hash, name, unit, type Unit } from "./unit.ts";

/** What a worker hands in. */
export interface UnitResult {
  readonly worker: string;
  readonly elapsedMs: number;
  /** The text of the unit's record. */
  readonly record: string;
}

const anything: Parser<unknown> = (value) => value;
const LONGEST_RECORD = 64 * 2 ** 20;

export const resultBody = fields({ worker: name, elapsedMs: amount, record: longText(LONGEST_RECORD) });
export const claimBody = fields({ worker: name, labels: list(name, 20) });
export const attemptBody = fields({ worker: name, attempt: count() });
export const failureBody = fields({ attempt: count(), reason: text });
export const submitBody = fields({ command: text, units: list(unit, 100_000) });
const claimAnswer = fields({ id: hash, unit, attempt: count() });
const statusAnswer = fields({
  labels: list(
    fields({ label: name, kind: text, units: count(), done: count(), failed: count(), lost: count(), leftMs: amount }),
    10_000,
  ),
  workers: list(fields({ name: text, labels: list(text, 20), unit: orNull(text), seenSecondsAgo: amount }), 10_000),
  lost: list(fields({ id: text, label: text, reason: text }), 1000),
});
const historyAnswer = fields({
  series: list(
    fields({
      suite: text,
      machine: text,
      impl: text,
      layer: text,
      problem: text,
      pass: text,
      threads: count(),
      points: list(
        fields({ startedAt: text, commit: orNull(text), medianMs: amount, perControl: orNull(amount) }),
        10_000,
      ),
    }),
    1_000_000,
  ),
});
export type FleetStatus = ReturnType<typeof statusAnswer>;

/** The server is away, or cannot do it now: the same request may succeed later. */
export class ServerAway extends Error {
  override readonly name = "ServerAway";
}

/** A fleet's server as its workers and users see it. */
export class FleetClient {
  readonly #server: URL;
  readonly #token: string;

  constructor(server: URL, token: string) {
    this.#server = server;
    this.#token = token;
  }

  async submit(command: string, units: readonly Unit[]): Promise<number> {
    return (await this.#ask(fields({ added: count() }), "POST", "api/units", { command, units })).added;
  }

  async claim(worker: string, labels: readonly string[]) {
    const answer = await this.#ask(anything, "POST", "api/claim", { worker, labels });
    return answer === null ? undefined : parsed(claimAnswer, answer);
  }

  /** Whether the worker still has it. */
  async keepAlive(worker: string, id: string, attempt: number): Promise<boolean> {
    return (await this.#ask(fields({ kept: boolean }), "POST", `api/units/${id}/alive`, { worker, attempt })).kept;
  }

  async finish(id: string, result: UnitResult): Promise<void> {
    await this.#ask(anything, "POST", `api/units/${id}/result`, result);
  }

  async giveBack(id: string, attempt: number, reason: string): Promise<void> {
    await this.#ask(anything, "POST", `api/units/${id}/failure`, { attempt, reason });
  }

  async status(): Promise<FleetStatus> {
    return await this.#ask(statusAnswer, "GET", "api/status");
  }

  /** The texts of the records of all units that are done, one for each machine. */
  async merged(): Promise<readonly string[]> {
    const records = list(longText(Infinity), 100_000);
    return (await this.#ask(fields({ records }), "GET", "api/merged")).records;
  }

  async addRecord(record: string): Promise<boolean> {
    return (await this.#ask(fields({ added: boolean }), "POST", "api/records", { record })).added;
  }

  async putFile(content: Uint8Array): Promise<void> {
    await this.#send("PUT", "api/files", content);
  }

  async file(id: string): Promise<Uint8Array> {
    return new Uint8Array(await (await this.#send("GET", `api/files/${id}`)).arrayBuffer());
  }

  /** The trends of all cells, or of a suite's. */
  async history(suite: string | undefined): Promise<readonly CellSeries[]> {
    const path = suite === undefined ? "api/history" : `api/history/${encodeURIComponent(suite)}`;
    return (await this.#ask(historyAnswer, "GET", path)).series;
  }

  async #ask<T>(parser: Parser<T>, method: string, path: string, body?: object): Promise<T> {
    const response = await this.#send(method, path, body === undefined ? undefined : JSON.stringify(body));
    const answer: unknown = await response.json();
    return parsed(parser, answer);
  }

  async #send(method: string, path: string, body?: string | Uint8Array): Promise<Response> {
    const headers = { Authorization: `Bearer ${this.#token}` };
    const content = typeof body === "object" ? new Uint8Array(body) : body;
    let response: Response;
    try {
      response = await fetch(new URL(path, this.#server), { method, headers, ...(content && { body: content }) });
    } catch (error) {
      throw new ServerAway(`${this.#server.href} does not answer: ${reasonOf(error)}`);
    }
    if (response.ok) return response;
    const why = (await response.text().catch(() => "")).trim();
    if (response.status === 503 || response.status === 429) throw new ServerAway(`${this.#server.href}: ${why}`);
    throw new UsageError(`${this.#server.href} refuses: ${why === "" ? response.status : why}`);
  }
}

function reasonOf(error: unknown): string {
  const { cause } = error instanceof Error ? error : { cause: undefined };
  return cause instanceof Error ? cause.message : error instanceof Error ? error.message : String(error);
}

function parsed<T>(parser: Parser<T>, value: unknown): T {
  const result = parse(parser, value, "answer");
  if ("wrong" in result) throw new UsageError(`the server's answer is wrong: ${result.wrong}`);
  return result.value;
}
