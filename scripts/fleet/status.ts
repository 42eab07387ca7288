import { mkdirSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import { commandLine } from "../../core/command-line.ts";
import { assertWritableFolder, writeAtomically } from "../../core/atomic-file.ts";
import { fileNameOf, userPath } from "../../core/paths.ts";
import { plainText } from "../../core/plain-text.ts";
import { parseRecord } from "../../core/record-file.ts";
import { UsageError } from "../../core/usage-error.ts";
import { ServerAway } from "../../harness/fleet/client.ts";
import { machineOf } from "../../harness/fleet/merge.ts";
import { statusText } from "../../reports/fleet/status-page.ts";
import { EXIT, main } from "../cli/main.ts";
import { clientOf, SERVER_OPTIONS, TOKEN_TEXT } from "./server-options.ts";

const WATCH_MS = 2_000;

const OPTIONS = {
  ...SERVER_OPTIONS,
  records: { value: "DIR", help: "write what is done there, merged: a record for each machine" },
  watch: { help: "again every two seconds, until all is done" },
} as const;

const USAGE = `${commandLine("fleet", ["status [options]"])}
What is done, by whom, and what is left; exit 1 where a unit failed or was given up. ${TOKEN_TEXT}`;

await main({ usage: USAGE, options: OPTIONS }, async (parsed) => {
  const client = clientOf(parsed);
  try {
    let status = await client.status();
    const isDone = (): boolean => status.labels.every(({ units, done, lost }) => done + lost >= units);
    process.stdout.write(statusText(status));
    while (parsed.has("watch") && !isDone()) {
      await delay(WATCH_MS);
      status = await client.status();
      process.stdout.write(`${process.stdout.isTTY ? "\u001b[H\u001b[2J" : "\n"}${statusText(status)}`);
    }
    const folder = parsed.text("records");
    if (folder !== undefined) {
      const path = userPath(folder);
      assertWritableFolder(path);
      mkdirSync(path, { recursive: true });
      for (const text of await client.merged()) {
        const file = join(path, `${fileNameOf(machineOf(parseRecord("the answer", text)))}.json`);
        writeAtomically(file, text);
        process.stderr.write(`wrote ${plainText(file)}\n`);
      }
    }
    return status.labels.some(({ failed, lost }) => failed + lost > 0) ? EXIT.failed : EXIT.ok;
  } catch (error) {
    if (error instanceof ServerAway) throw new UsageError(error.message);
    throw error;
  }
});
