/**
 * Shows that no unit is lost or counted twice: units through workers that are killed every few seconds, a server that is
 * killed twice and a PostgreSQL that is killed once, against the same units in one process.
 */
import { spawn, type ChildProcess } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, rmSync } from "node:fs";
import { loadavg, tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { setTimeout as delay } from "node:timers/promises";
import { isDeepStrictEqual } from "node:util";
import { commandLine } from "../../../core/command-line.ts";
import { parseRecord } from "../../../core/record-file.ts";
import type { RunRecord } from "../../../core/record.ts";
import { openDatabase } from "../../../harness/fleet/database.ts";
import { FleetStore } from "../../../harness/fleet/store.ts";
import { FleetClient, ServerAway } from "../../../harness/fleet/client.ts";
import { mergeRecords } from "../../../harness/fleet/merge.ts";
import type { VerifyUnit } from "../../../harness/fleet/unit.ts";
import { VerifyUnits } from "../../../harness/fleet/verify-unit.ts";
import { environment } from "../../../harness/runner/machine.ts";
import { EXIT, main } from "../../cli/main.ts";
import { measureHistory } from "./history.ts";
import { makePostgres } from "./postgres.ts";

const OPTIONS = {
  units: { value: "N", help: "units of one case each (default 1000)" },
  workers: { value: "N", help: "processes that do them (default 8)" },
  pglite: { help: "on PGlite in a folder, in place of a PostgreSQL of its own" },
  records: { value: "N", help: "in place of units: so many records into the history" },
  calm: { help: "kill nothing: units a second" },
  seconds: { value: "N", help: "between two kills of a worker (default 4)" },
} as const;

const TOKEN = "the-token-of-the-drill";
const PORT = 7497;
const LAW = "contract-overwrites";

await main(
  { usage: `${commandLine("fleet:drill", ["[options]"])}\nA fleet under kill -9.`, options: OPTIONS },
  async (parsed) => {
    const count = parsed.number("units", { min: 1, max: 1e6, integer: true }) ?? 1000;
    const workers = parsed.number("workers", { min: 1, max: 64, integer: true }) ?? 8;
    const killMs = 1000 * (parsed.number("seconds", { min: 1, max: 600, integer: false }) ?? 4);
    const isCalm = parsed.has("calm");
    const folder = mkdtempSync(join(tmpdir(), "benchconv-drill-"));
    const postgres = parsed.has("pglite") ? undefined : await makePostgres();
    const records = parsed.number("records", { min: 1, max: 1e7, integer: true });
    const client = new FleetClient(new URL(`http://127.0.0.1:${PORT}/`), TOKEN);
    const running = new Set<ChildProcess>();
    const start = (...args: readonly string[]): ChildProcess => {
      const child = spawn(process.execPath, [fileURLToPath(new URL("../../fleet.ts", import.meta.url)), ...args], {
        cwd: folder,
        env: { ...process.env, BENCHCONV_FLEET_TOKEN: TOKEN },
        stdio: "ignore",
      });
      running.add(child);
      child.on("exit", () => running.delete(child));
      return child;
    };
    const serve = (): ChildProcess =>
      start("serve", "--port", String(PORT), "--database", postgres?.url ?? join(folder, "database"));
    const startWorker = (): ChildProcess => start("work", "--server", `http://127.0.0.1:${PORT}/`, "--label", "drill");
    let [killedWorkers, killedServers, killedDatabases] = [0, 0, 0];
    try {
      if (records !== undefined) {
        const store = await FleetStore.open(await openDatabase(postgres?.url ?? join(folder, "database")), () => {});
        process.stdout.write(await measureHistory(store.database, records));
        await store.close();
        return EXIT.ok;
      }
      let server = serve();
      const environmentHere = { ...environment(), machine: "drill" };
      const units = Array.from({ length: count }, (_, seed) => unitOf(seed, environmentHere.benchconv));
      await untilThere(() => client.submit("drill", units));
      let members = Array.from({ length: workers }, startWorker);
      const doneOf = async (): Promise<number> => {
        const { labels } = await untilThere(() => client.status());
        return labels.reduce((sum, { done }) => sum + done, 0);
      };
      // Starting is not what is measured.
      while ((await doneOf()) === 0) await delay(200);
      const [first, startedAt] = [await doneOf(), performance.now()];
      let [done, killAt] = [first, performance.now() + killMs];
      while (done < count) {
        await delay(500);
        done = await doneOf();
        if (isCalm || performance.now() < killAt) continue;
        killAt = performance.now() + killMs;
        const [victim, ...others] = members;
        victim?.kill("SIGKILL");
        members = [...others, startWorker()];
        killedWorkers++;
        if (done > ((killedServers + 1) * count) / 3 && killedServers < 2) {
          server.kill("SIGKILL");
          await once(server, "exit");
          server = serve();
          killedServers++;
        }
        if (done > count / 2 && killedDatabases < 1 && postgres !== undefined) {
          postgres.kill();
          await delay(1000);
          await postgres.start();
          killedDatabases++;
        }
      }
      const seconds = (performance.now() - startedAt) / 1000;
      const merged = (await untilThere(() => client.merged())).map((text) => parseRecord("merged", text));
      for (const child of running) child.kill("SIGKILL");
      const [mean, isSame] = isCalm ? [NaN, true] : await compare(units, merged, environmentHere);
      const rate = (count - first) / seconds;
      process.stdout.write(
        `${count} units, ${workers} workers, ${postgres === undefined ? "PGlite" : "PostgreSQL"}: ${rate.toFixed(1)} units a second, ` +
          `killed: ${killedWorkers} workers, ${killedServers} servers, ${killedDatabases} databases; load ${loadavg()[0]?.toFixed(1)}\n` +
          (isCalm ? "" : `one process takes ${mean.toFixed(1)} ms a unit; merged checks equal its own: ${isSame}\n`),
      );
      return isSame ? EXIT.ok : EXIT.failed;
    } finally {
      for (const child of running) child.kill("SIGKILL");
      postgres?.remove();
      rmSync(folder, { recursive: true, force: true });
    }
  },
);

function unitOf(seed: number, version: string): VerifyUnit {
  const plugin = { kind: "own", name: "naive" } as const;
  return { kind: "verify", version, label: "drill", plugin, pass: "forward", law: LAW, seed, cases: 1 };
}

/** The same units in this process: how long each takes, and whether their checks are those of the fleet, bit for bit. */
async function compare(
  units: readonly VerifyUnit[],
  merged: readonly RunRecord[],
  here: ReturnType<typeof environment>,
): Promise<readonly [number, boolean]> {
  const doer = new VerifyUnits(here);
  const startedAt = performance.now();
  const records: RunRecord[] = [];
  for (const unit of units) records.push(await doer.run(unit, "naive", undefined));
  const meanMs = (performance.now() - startedAt) / units.length;
  await doer.stop();
  // The order of fields in the text is no part of a record.
  const isSame = isDeepStrictEqual(mergeRecords(records).checks, mergeRecords(merged).checks);
  return [meanMs, isSame];
}

async function untilThere<T>(ask: () => Promise<T>): Promise<T> {
  for (;;) {
    try {
      return await ask();
    } catch (error) {
      if (!(error instanceof ServerAway)) throw error;
      await delay(300);
    }
  }
}
