/** What the fleet's database tells of units and workers. */
import { columnText, type Session } from "./database.ts";

/** The queue of what was given up. */
export const LOST = "lost";

interface LabelStatus {
  readonly label: string;
  readonly kind: string;
  readonly units: number;
  readonly done: number;
  readonly failed: number;
  readonly lost: number;
  /** What the units that are not done take together, by those that are, or by the estimate. */
  readonly leftMs: number;
}

interface WorkerStatus {
  readonly name: string;
  readonly labels: readonly string[];
  readonly unit: string | null;
  readonly seenSecondsAgo: number;
}

interface LostUnit {
  readonly id: string;
  readonly label: string;
  readonly reason: string;
}

async function labelStatus(session: Session): Promise<readonly LabelStatus[]> {
  const rows = await session.query(
    `SELECT unit.label, unit.kind, count(*)::int AS units, count(result.unit)::int AS done,
         (count(*) FILTER (WHERE result.has_failed))::int AS failed,
         (count(*) FILTER (WHERE job.id IS NOT NULL AND result.unit IS NULL))::int AS lost,
         (count(*) FILTER (WHERE result.unit IS NULL)) * COALESCE(avg(result.elapsed_ms), avg(estimate_ms)) AS left_ms
       FROM fleet.unit LEFT JOIN fleet.result ON result.unit = unit.id
       LEFT JOIN pgboss.job ON job.name = $1 AND job.data->>'unit' = unit.id
       GROUP BY unit.label, unit.kind ORDER BY unit.label, unit.kind`,
    [LOST],
  );
  return rows.map((row) => ({
    label: columnText(row, "label"),
    kind: columnText(row, "kind"),
    units: Number(row["units"]),
    done: Number(row["done"]),
    failed: Number(row["failed"]),
    lost: Number(row["lost"]),
    leftMs: Number(row["left_ms"]),
  }));
}

async function workerStatus(session: Session): Promise<readonly WorkerStatus[]> {
  const rows = await session.query(
    `SELECT name, labels, unit, extract(epoch FROM now() - seen_at)::float AS seconds FROM fleet.worker
       WHERE seen_at > now() - interval '1 hour' ORDER BY name LIMIT 2000`,
  );
  return rows.map((row) => ({
    name: columnText(row, "name"),
    labels: Array.isArray(row["labels"]) ? row["labels"].map(String) : [],
    unit: typeof row["unit"] === "string" ? row["unit"] : null,
    seenSecondsAgo: Number(row["seconds"]),
  }));
}

/** Units that were given up, and why. */
async function lostUnits(session: Session): Promise<readonly LostUnit[]> {
  const rows = await session.query(
    `SELECT unit.id, unit.label, COALESCE(origin.output->>'message', origin.output->'value'->>'message', $2) AS reason
       FROM pgboss.job JOIN fleet.unit ON unit.id = job.data->>'unit'
       LEFT JOIN fleet.result ON result.unit = unit.id
       LEFT JOIN pgboss.job AS origin ON origin.name = unit.kind || '.' || unit.label AND origin.data = job.data
       WHERE job.name = $1 AND result.unit IS NULL ORDER BY unit.id LIMIT 100`,
    [LOST, "its worker was lost each time"],
  );
  return rows.map((row) => ({
    id: columnText(row, "id"),
    label: columnText(row, "label"),
    reason: columnText(row, "reason"),
  }));
}

export async function statusOf(session: Session) {
  return {
    labels: await labelStatus(session),
    workers: await workerStatus(session),
    lost: await lostUnits(session),
  };
}
