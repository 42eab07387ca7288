/** The history in the database: every record by commit, machine, implementation and suite. */
import type { RunRecord } from "../../core/record.ts";
import { columnText, type Session } from "./database.ts";
import { machineOf } from "./merge.ts";
import { timedCells, type CellPoint, type CellSeries } from "./series.ts";
import { contentHash } from "./unit.ts";

/** Adds a record, once; false where it is there already. */
export async function insertRecord(session: Session, record: RunRecord, content: string): Promise<boolean> {
  const { startedAt, commit } = record.environment;
  const machine = machineOf(record);
  const [row] = await session.query(
    `INSERT INTO fleet.record (digest, started_at, commit, machine, content) VALUES ($1, $2, $3, $4, $5)
     ON CONFLICT DO NOTHING RETURNING id`,
    [contentHash(content), startedAt, commit ?? null, machine, content],
  );
  if (row === undefined) return false;
  const cells = timedCells(record);
  if (cells.length === 0) return true;
  // One statement for all cells: a round trip a record, however many layers it has.
  await session.query(
    `WITH given AS (SELECT * FROM jsonb_to_recordset($3::jsonb) AS given (suite text, impl text, layer text,
         problem text, pass text, threads int, cache text, ms double precision, ratio double precision)),
       fresh AS (INSERT INTO fleet.cell (suite, machine, impl, layer, problem, pass, threads, cache)
         SELECT DISTINCT suite, $2::text, impl, layer, problem, pass, threads, cache FROM given
         ON CONFLICT DO NOTHING RETURNING *),
       known AS (SELECT * FROM fresh UNION SELECT cell.* FROM fleet.cell JOIN given
         USING (suite, impl, layer, problem, pass, threads, cache) WHERE machine = $2)
     INSERT INTO fleet.timing (cell, record, started_at, median_ms, per_control)
       SELECT known.id, $1::bigint, $4::timestamptz, ms, ratio FROM given JOIN known
         USING (suite, impl, layer, problem, pass, threads, cache) ON CONFLICT DO NOTHING`,
    [row["id"], machine, JSON.stringify(cells), startedAt],
  );
  return true;
}

/** Suites in the history, and how many cells each has. */
export async function suitesOf(
  session: Session,
): Promise<readonly { readonly suite: string; readonly cells: number }[]> {
  const rows = await session.query(
    "SELECT suite, count(*)::int AS cells FROM fleet.cell GROUP BY suite ORDER BY suite",
  );
  return rows.map((row) => ({ suite: columnText(row, "suite"), cells: Number(row["cells"]) }));
}

/** A cell keeps so many points in a trend: the newest. */
const MOST_POINTS = 500;

/** The trends of a suite's cells, of all suites where none is named. */
export async function seriesOf(session: Session, suite: string | null): Promise<readonly CellSeries[]> {
  const rows = await session.query(
    `SELECT cell.*, points FROM fleet.cell, LATERAL (
       SELECT jsonb_agg(jsonb_build_array(started_at, commit, median_ms, per_control) ORDER BY started_at) AS points
       FROM (SELECT timing.started_at, commit, median_ms, per_control FROM fleet.timing
         JOIN fleet.record ON record.id = record
         WHERE cell = cell.id ORDER BY timing.started_at DESC LIMIT ${MOST_POINTS}) AS newest) AS trend
     WHERE ($1::text IS NULL OR suite = $1) AND points IS NOT NULL ORDER BY suite, machine, impl, layer, pass, threads`,
    [suite],
  );
  return rows.map((row) => ({
    suite: columnText(row, "suite"),
    machine: columnText(row, "machine"),
    impl: columnText(row, "impl"),
    layer: columnText(row, "layer"),
    problem: columnText(row, "problem"),
    pass: columnText(row, "pass"),
    threads: Number(row["threads"]),
    points: Array.isArray(row["points"]) ? row["points"].flatMap(pointOf) : [],
  }));
}

function pointOf(value: unknown): readonly CellPoint[] {
  if (!Array.isArray(value)) return [];
  const [at, commit, ms, ratio] = value.map((part: unknown) => part);
  const startedAt = new Date(String(at)).toISOString();
  const perControl = ratio === null ? null : Number(ratio);
  return [{ startedAt, commit: typeof commit === "string" ? commit : null, medianMs: Number(ms), perControl }];
}

/** Removes records that are older; gives how many. */
export async function removeOlder(session: Session, days: number): Promise<number> {
  const rows = await session.query(
    "DELETE FROM fleet.record WHERE started_at < now() - make_interval(days => $1::int) RETURNING id",
    [days],
  );
  return rows.length;
}
