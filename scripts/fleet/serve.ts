import { commandLine } from "../../core/command-line.ts";
import { userPath } from "../../core/paths.ts";
import { UsageError } from "../../core/usage-error.ts";
import { openDatabase } from "../../harness/fleet/database.ts";
import { removeOlder, seriesOf, suitesOf } from "../../harness/fleet/history.ts";
import { serveFleet } from "../../harness/fleet/server.ts";
import { statusOf } from "../../harness/fleet/status.ts";
import { FleetStore } from "../../harness/fleet/store.ts";
import { renderHistory } from "../../reports/fleet/history-page.ts";
import { renderStatus } from "../../reports/fleet/status-page.ts";
import { interruptSignal } from "../cli/common-options.ts";
import { EXIT, main } from "../cli/main.ts";
import { DEFAULT_PORT, serverToken, TOKEN_TEXT } from "./server-options.ts";

const FOLDER = ".benchconv/fleet";
const DAY_MS = 24 * 3_600_000;
const LOOPBACK = ["127.0.0.1", "localhost", "::1"];

const OPTIONS = {
  database: { value: "URL|FOLDER", help: `postgres://…, or a folder for PGlite in this process (default ${FOLDER})` },
  host: { value: "ADDRESS", help: "where it listens (default 127.0.0.1: this machine alone)" },
  port: { value: "N", help: `(default ${DEFAULT_PORT}; 0 takes a free one)` },
  retention: { value: "DAYS", help: "records in the history that are older are removed (default: none)" },
} as const;

const USAGE = `${commandLine("fleet", ["serve [options]"])}
Keeps units, results and the history, and gives units to workers that have its token.
${TOKEN_TEXT} Logs are lines of JSON on stderr.`;

await main({ usage: USAGE, options: OPTIONS }, async (parsed) => {
  const port = parsed.number("port", { min: 0, max: 65_535, integer: true }) ?? DEFAULT_PORT;
  const days = parsed.number("retention", { min: 1, max: 36_500, integer: true });
  const host = parsed.text("host") ?? "127.0.0.1";
  const { token, from } = serverToken();
  const place = parsed.text("database") ?? FOLDER;
  const log = (event: string, details: Readonly<Record<string, unknown>>): void => {
    process.stderr.write(`${JSON.stringify({ time: new Date().toISOString(), event, ...details })}\n`);
  };
  const interrupted = interruptSignal();
  const isUrl = place.includes("://");
  const database = await openDatabase(isUrl ? place : userPath(place));
  const store = await FleetStore.open(database, (error) => log("database", { reason: error.message }));
  const retain = async (): Promise<void> => {
    if (days !== undefined) log("retention", { removed: await removeOlder(database, days) });
  };
  await retain();
  const daily = setInterval(
    () => void retain().catch((error: unknown) => log("retention", { reason: String(error) })),
    DAY_MS,
  );
  const page = async (path: string) => {
    const suite = decoded(/^suite\/(.+)$/.exec(path)?.[1]);
    if (suite !== undefined) return renderHistory(suite, await seriesOf(database, suite));
    return renderStatus({ ...(await statusOf(database)), suites: await suitesOf(database) });
  };
  const { url, close } = await serveFleet(store, { host, port, token, log, page });
  log("serving", { url, database: database.kind, token: `in ${from}` });
  if (!LOOPBACK.includes(host)) log("warning", { reason: "other machines can reach this; put TLS before it" });
  process.stdout.write(`${url}\n`);
  await new Promise<void>((resolve) => interrupted.addEventListener("abort", () => resolve(), { once: true }));
  clearInterval(daily);
  await close();
  await store.close();
  return EXIT.ok;
});

function decoded(text: string | undefined): string | undefined {
  try {
    return text === undefined ? undefined : decodeURIComponent(text);
  } catch {
    throw new UsageError("the path is wrong");
  }
}
