import type { Database } from "./database.ts";

/** The schema's versions, in order: what is published is never changed, only followed. */
const MIGRATIONS: readonly string[] = [
  `CREATE TABLE fleet.file (
     hash text PRIMARY KEY, content bytea NOT NULL, created_at timestamptz NOT NULL DEFAULT now());
   CREATE TABLE fleet.submission (
     id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY, command text NOT NULL,
     created_at timestamptz NOT NULL DEFAULT now());
   CREATE TABLE fleet.unit (
     id text PRIMARY KEY, submission bigint NOT NULL REFERENCES fleet.submission, label text NOT NULL,
     kind text NOT NULL, spec jsonb NOT NULL, estimate_ms double precision NOT NULL);
   CREATE INDEX unit_submission ON fleet.unit (submission);
   CREATE TABLE fleet.result (
     unit text PRIMARY KEY REFERENCES fleet.unit, worker text NOT NULL, elapsed_ms double precision NOT NULL,
     has_failed boolean NOT NULL, record text NOT NULL, finished_at timestamptz NOT NULL DEFAULT now());
   CREATE TABLE fleet.worker (
     name text PRIMARY KEY, labels text[] NOT NULL, unit text, seen_at timestamptz NOT NULL);`,
  `CREATE TABLE fleet.record (
     id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY, digest text NOT NULL UNIQUE,
     started_at timestamptz NOT NULL, commit text, machine text NOT NULL, content text NOT NULL);
   CREATE INDEX record_started ON fleet.record (started_at);
   CREATE TABLE fleet.cell (
     id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY, suite text NOT NULL, machine text NOT NULL,
     impl text NOT NULL, layer text NOT NULL, problem text NOT NULL, pass text NOT NULL, threads int NOT NULL,
     cache text NOT NULL, UNIQUE (suite, machine, impl, layer, problem, pass, threads, cache));
   CREATE TABLE fleet.timing (
     cell bigint NOT NULL REFERENCES fleet.cell, record bigint NOT NULL REFERENCES fleet.record ON DELETE CASCADE,
     started_at timestamptz NOT NULL, median_ms double precision NOT NULL, per_control double precision,
     PRIMARY KEY (cell, started_at, record));
   CREATE INDEX timing_record ON fleet.timing (record);`,
];

/** Brings the schema to the newest version, each step in a transaction of its own; gives that version. */
export async function migrate(database: Database): Promise<number> {
  await database.query(
    `CREATE SCHEMA IF NOT EXISTS fleet;
     CREATE TABLE IF NOT EXISTS fleet.migration (version int PRIMARY KEY, at timestamptz NOT NULL DEFAULT now())`,
  );
  for (const [index, text] of MIGRATIONS.entries()) {
    await database.transaction(async (session) => {
      await session.query("LOCK TABLE fleet.migration IN EXCLUSIVE MODE");
      const done = await session.query("SELECT 1 FROM fleet.migration WHERE version = $1", [index + 1]);
      if (done.length > 0) return;
      await session.query(text);
      await session.query("INSERT INTO fleet.migration (version) VALUES ($1)", [index + 1]);
    });
  }
  return MIGRATIONS.length;
}
