import { spawnSync } from "node:child_process";
import { chownSync, existsSync, mkdtempSync, rmSync, readFileSync } from "node:fs";
import { createServer } from "node:net";
import { once } from "node:events";
import { tmpdir } from "node:os";
import { delimiter, join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import { UsageError } from "../../../core/usage-error.ts";

/** A PostgreSQL of its own in a temporary folder. */
export interface DrillServer {
  readonly url: string;
  /** Waits until what was killed is gone. */
  start(): Promise<void>;
  /** By signal 9, its children too. */
  kill(): void;
  remove(): void;
}

/** The programs that it needs; Debian keeps them apart from others. */
const PROGRAMS = ["initdb", "pg_ctl"];
/** PostgreSQL does not run as root. */
const USER = "postgres";
/** A second apart. */
const MOST_TRIES = 30;

/** Why there is none here; undefined where there is. */
export function lacksPostgres(): string | undefined {
  const missing = PROGRAMS.find((name) => programOf(name) === undefined);
  return missing === undefined ? undefined : `${missing} is not installed (Debian: apt-get install postgresql)`;
}

export async function makePostgres(): Promise<DrillServer> {
  const lacking = lacksPostgres();
  if (lacking !== undefined) throw new UsageError(lacking);
  const folder = mkdtempSync(join(tmpdir(), "benchconv-postgres-"));
  const isRoot = process.getuid?.() === 0;
  if (isRoot) {
    const [uid, gid] = ["-u", "-g"].map((flag) => Number(spawnSync("id", [flag, USER], { encoding: "utf8" }).stdout));
    chownSync(folder, uid ?? 0, gid ?? 0);
  }
  const run = (name: string, ...args: readonly string[]): void => {
    const program = programOf(name) ?? name;
    const [command, ...rest] = isRoot
      ? ["setpriv", `--reuid=${USER}`, `--regid=${USER}`, "--clear-groups", program, ...args]
      : [program, ...args];
    const { status, stderr } = spawnSync(command ?? program, rest, {
      encoding: "utf8",
      stdio: ["ignore", "ignore", "pipe"],
      cwd: folder,
    });
    if (status !== 0) throw new UsageError(`${name}: ${stderr}`);
  };
  const port = await freePort();
  const data = join(folder, "data");
  run("initdb", "-D", data, "-U", "fleet", "-A", "trust", "--locale=C", "-E", "UTF8");
  const options = `-p ${port} -k ${folder} -c listen_addresses=127.0.0.1`;
  const start = async (): Promise<void> => {
    for (let tries = 1; ; tries++) {
      try {
        run("pg_ctl", "-D", data, "-w", "-l", join(folder, "log"), "-o", options, "start");
        return;
      } catch (error) {
        if (!(error instanceof UsageError) || tries === MOST_TRIES) throw error;
        await delay(1000);
      }
    }
  };
  await start();
  return {
    url: `postgres://fleet@127.0.0.1:${port}/postgres`,
    start,
    kill: () => {
      const pid = Number(readFileSync(join(data, "postmaster.pid"), "utf8").split("\n")[0]);
      process.kill(pid, "SIGKILL");
    },
    remove: () => {
      try {
        run("pg_ctl", "-D", data, "-m", "immediate", "stop");
      } catch (error) {
        if (!(error instanceof UsageError)) throw error;
      }
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

function programOf(name: string): string | undefined {
  return (process.env["PATH"] ?? "")
    .split(delimiter)
    .map((folder) => join(folder, name))
    .find((path) => existsSync(path));
}

async function freePort(): Promise<number> {
  const server = createServer();
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const address = server.address();
  server.close();
  await once(server, "close");
  return typeof address === "object" && address !== null ? address.port : 0;
}
