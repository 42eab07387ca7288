/** The fleet's database: PostgreSQL at a URL, or PGlite, the same in this process, in a folder. One SQL for both. */
import type { PGlite, Transaction } from "@electric-sql/pglite";
import { mkdirSync } from "node:fs";
import type { Pool, PoolClient } from "pg";
import type { Db } from "pg-boss";
import { plainText } from "../../core/plain-text.ts";
import { UsageError } from "../../core/usage-error.ts";
import { holdFolder } from "./folder-lock.ts";

export type Row = Readonly<Record<string, unknown>>;

/** Where statements run: a connection of its own, or a transaction. Values go beside the text, never into it. */
export interface Session {
  query(text: string, values?: readonly unknown[]): Promise<readonly Row[]>;
  /** What pg-boss takes. */
  readonly db: Db;
}

export interface Database extends Session {
  readonly kind: "postgres" | "pglite";
  /** All of `work`, or nothing of it. */
  transaction<T>(work: (session: Session) => Promise<T>): Promise<T>;
  close(): Promise<void>;
}

/** How many connections a server holds. */
const CONNECTIONS = 12;

/** @param place a `postgres://` URL, a folder, or `memory:` for a database that ends with the process. */
export async function openDatabase(place: string): Promise<Database> {
  return /^postgres(ql)?:\/\//.test(place) ? await openPostgres(place) : await openFolder(place);
}

async function openFolder(place: string): Promise<Database> {
  const { PGlite: Engine } = await optional(() => import("@electric-sql/pglite"), "@electric-sql/pglite");
  const isInMemory = place === "memory:";
  if (!isInMemory) mkdirSync(place, { recursive: true });
  const release = isInMemory ? undefined : holdFolder(place);
  const engine: PGlite = await Engine.create(isInMemory ? "memory://" : `${place}/data`);
  return {
    kind: "pglite",
    ...liteSession(engine),
    transaction: (work) => engine.transaction((inner) => work(liteSession(inner))),
    close: async () => {
      await engine.close();
      release?.();
    },
  };
}

function liteSession(engine: Pick<PGlite | Transaction, "query" | "exec">): Session {
  // One statement has values; several, as pg-boss sends them, have none, and the rows of each are wanted.
  const query = async (text: string, values: readonly unknown[] = []): Promise<Row[]> => {
    if (values.length > 0) return (await engine.query<Row>(text, [...values])).rows;
    return (await engine.exec(text)).flatMap(({ rows }) => rows.filter(isRow));
  };
  return sessionOf(query);
}

async function openPostgres(url: string): Promise<Database> {
  const { Pool: Connections } = (await optional(() => import("pg"), "pg")).default;
  const pool: Pool = new Connections({ connectionString: url, max: CONNECTIONS, connectionTimeoutMillis: 10_000 });
  // A connection that breaks while it is idle is no defect: the next statement has another.
  pool.on("error", () => {});
  try {
    await pool.query("SELECT 1");
  } catch (error) {
    await pool.end();
    throw new UsageError(`cannot reach the database: ${plainText(error instanceof Error ? error.message : "")}`);
  }
  return {
    kind: "postgres",
    ...serverSession(pool),
    transaction: (work) => inTransaction(pool, work),
    close: () => pool.end(),
  };
}

async function inTransaction<T>(pool: Pool, work: (session: Session) => Promise<T>): Promise<T> {
  const client = await pool.connect();
  // The server may end while a statement runs: the statement tells, and nobody else listens.
  const onError = (): void => {};
  client.on("error", onError);
  let broken: Error | undefined;
  try {
    await client.query("BEGIN");
    const result = await work(serverSession(client));
    await client.query("COMMIT");
    return result;
  } catch (error) {
    await client.query("ROLLBACK").catch((failure: unknown) => {
      broken = failure instanceof Error ? failure : new Error(String(failure));
    });
    throw error;
  } finally {
    client.off("error", onError);
    client.release(broken);
  }
}

function serverSession(connection: Pool | PoolClient): Session {
  return sessionOf(async (text, values = []) => {
    const result: unknown = await (values.length > 0 ? connection.query(text, [...values]) : connection.query(text));
    return (Array.isArray(result) ? result : [result]).flatMap(rowsOf);
  });
}

function sessionOf(query: (text: string, values?: readonly unknown[]) => Promise<readonly Row[]>): Session {
  return { query, db: { executeSql: async (text, values) => ({ rows: [...(await query(text, values))] }) } };
}

function rowsOf(result: unknown): readonly Row[] {
  const rows: unknown = typeof result === "object" && result !== null && "rows" in result ? result.rows : [];
  return Array.isArray(rows) ? rows.filter(isRow) : [];
}

function isRow(value: unknown): value is Row {
  return typeof value === "object" && value !== null;
}

/** A column's value as text. */
export function columnText(row: Row, field: string): string {
  return String(row[field]);
}

/** A package that not everyone has. @throws UsageError that says how to get it. */
export async function optional<Module>(load: () => Promise<Module>, name: string): Promise<Module> {
  try {
    return await load();
  } catch (error) {
    const code = error instanceof Error && "code" in error ? error.code : undefined;
    if (code !== "ERR_MODULE_NOT_FOUND") throw error;
    throw new UsageError(`the fleet needs ${name}, which is not installed: npm i ${PACKAGES.join(" ")}`);
  }
}

const PACKAGES = ["pg-boss", "@electric-sql/pglite", "pg"];
