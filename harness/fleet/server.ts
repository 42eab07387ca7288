import { encodeRecord, parseRecord } from "../../core/record-file.ts";
import { parse, fields, longText, type Parser } from "../runner/parsing.ts";
import { isBad } from "../verdicts.ts";
import { attemptBody, claimBody, failureBody, resultBody, submitBody } from "./client.ts";
import { listen, Refusal, type Answer, type Listening, type Log, type Route } from "./http.ts";
import { seriesOf } from "./history.ts";
import { mergeByMachine } from "./merge.ts";
import { statusOf } from "./status.ts";
import type { FleetStore } from "./store.ts";
import { contentHash, type Unit } from "./unit.ts";

const KB = 2 ** 10;
const MB = 2 ** 20;
const MOST_FILE_BYTES = 64 * MB;
const ID = "([0-9a-f]{64})";

export interface ServerOptions {
  readonly host: string;
  readonly port: number;
  readonly token: string;
  readonly log: Log;
  /** The page at a path, such as `status` or `suite/alexnet`; undefined where there is none. */
  readonly page: (path: string) => Promise<{ readonly html: string; readonly policy: string } | undefined>;
}

/** Serves the fleet to its workers and users until it is closed. */
export async function serveFleet(store: FleetStore, options: ServerOptions): Promise<Listening> {
  const { log, page } = options;
  const unitRoute = (what: string, mostBytes: number, answer: Route["answer"]): Route => ({
    method: "POST",
    path: new RegExp(`^/api/units/${ID}/${what}$`),
    mostBytes,
    answer,
  });
  const routes: readonly Route[] = [
    {
      method: "GET",
      path: /^\/healthz$/,
      isOpen: true,
      answer: async () => {
        await store.database.query("SELECT 1");
        return json({ status: "ok" });
      },
    },
    {
      method: "GET",
      path: /^\/((?:suite\/[\w%.-]{1,200})?)$/,
      answer: async ({ params: [path = ""] }) => {
        const found = await page(path);
        if (found === undefined) throw new Refusal(404, "there is no such page");
        return { type: "text/html; charset=utf-8", body: found.html, policy: found.policy };
      },
    },
    {
      method: "GET",
      path: /^\/api\/status$/,
      answer: async () => json(await statusOf(store.database)),
    },
    {
      method: "GET",
      path: /^\/api\/merged$/,
      answer: async () => {
        const records = (await store.results()).map((text) => parseRecord("a stored record", text));
        return json({ records: mergeByMachine(records).map(encodeRecord) });
      },
    },
    {
      method: "POST",
      path: /^\/api\/units$/,
      mostBytes: 64 * MB,
      answer: async ({ body }) => {
        const { command, units } = parsed(submitBody, body);
        const added = await store.submit(command, units, estimateMs);
        log("submitted", { units: units.length, added });
        return json({ added });
      },
    },
    {
      method: "POST",
      path: /^\/api\/claim$/,
      mostBytes: 8 * KB,
      answer: async ({ body }) => {
        const { worker, labels } = parsed(claimBody, body);
        return json((await store.claim(worker, labels)) ?? null);
      },
    },
    unitRoute("alive", 8 * KB, async ({ params: [id = ""], body }) => {
      const { worker, attempt } = parsed(attemptBody, body);
      return json({ kept: await store.keepAlive(worker, id, attempt) });
    }),
    unitRoute("result", 64 * MB, async ({ params: [id = ""], body }) => {
      const { worker, elapsedMs, record: text } = parsed(resultBody, body);
      const record = parseRecord("the result", text);
      const hasFailed = [...record.checks, ...record.timings].some(isBad);
      const outcome = await store.finish(id, { worker, elapsedMs, hasFailed, record: text }, record);
      if (outcome === "unknown") throw new Refusal(404, "there is no such unit");
      log("done", { unit: id, worker, elapsedMs: Math.round(elapsedMs), outcome });
      return json({ outcome });
    }),
    unitRoute("failure", 8 * KB, async ({ params: [id = ""], body }) => {
      const { attempt, reason } = parsed(failureBody, body);
      if (!(await store.giveBack(id, attempt, reason))) throw new Refusal(404, "there is no such unit");
      log("given back", { unit: id, attempt, reason });
      return json({});
    }),
    {
      method: "POST",
      path: /^\/api\/records$/,
      mostBytes: 64 * MB,
      answer: async ({ body }) => {
        const { record } = parsed(fields({ record: longText(64 * MB) }), body);
        return json({ added: await store.addRecord(parseRecord("the record", record), record) });
      },
    },
    {
      method: "GET",
      path: /^\/api\/history(?:\/([\w%.-]{1,200}))?$/,
      answer: async ({ params: [suite] }) =>
        json({ series: await seriesOf(store.database, suite === undefined ? null : decodeURIComponent(suite)) }),
    },
    {
      method: "PUT",
      path: /^\/api\/files$/,
      mostBytes: MOST_FILE_BYTES,
      answer: async ({ body }) => {
        await store.putFile(contentHash(body), body);
        return json({});
      },
    },
    {
      method: "GET",
      path: new RegExp(`^/api/files/${ID}$`),
      answer: async ({ params: [id = ""] }) => {
        const content = await store.file(id);
        if (content === undefined) throw new Refusal(404, "there is no such file");
        return { type: "application/octet-stream", body: content };
      },
    },
  ];
  return await listen(routes, options);
}

/** What starting takes, and a case or a sample: until units of the label are done, which say it better. */
function estimateMs(unit: Unit): number {
  if (unit.kind === "verify") return 200 + 20 * (18 + unit.cases);
  return 5_000 + 10 * unit.cellMs * unit.plugins.length;
}

function json(value: unknown): Answer {
  return { type: "application/json", body: JSON.stringify(value) };
}

/** @throws Refusal that says which field is wrong */
function parsed<T>(parser: Parser<T>, body: Uint8Array): T {
  let value: unknown;
  try {
    value = JSON.parse(new TextDecoder("utf-8", { fatal: true }).decode(body));
  } catch {
    throw new Refusal(400, "the body is not whole JSON in UTF-8");
  }
  const result = parse(parser, value, "body");
  if ("wrong" in result) throw new Refusal(400, result.wrong);
  return result.value;
}
