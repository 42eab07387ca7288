/** What the fleet keeps: units and their jobs, results, files and workers, in one database. */
import type { PgBoss } from "pg-boss";
import type { RunRecord } from "../../core/record.ts";
import { columnText, optional, type Database, type Row, type Session } from "./database.ts";
import { insertRecord } from "./history.ts";
import { LOST } from "./status.ts";
import { migrate } from "./migrations.ts";
import { jobId, unitId, type Unit } from "./unit.ts";

/** A worker that has not been heard for so long has lost its unit; pg-boss allows no less. */
export const LEASE_SECONDS = 10;
/** A lost unit is tried so often again; then it is given up, with its reason. */
const RETRIES = 2;
const SUPERVISE_SECONDS = 2;
/** No unit takes longer. */
const LONGEST_SECONDS = 6 * 3600;
const KEEP_JOBS_SECONDS = 24 * 3600;
const QUEUES_LAST_MS = 1_000;

/** A unit that somebody works on. */
export interface Claim {
  readonly id: string;
  readonly unit: unknown;
  readonly attempt: number;
}

/** What a worker says of a unit that it has done. */
export interface Done {
  readonly worker: string;
  readonly elapsedMs: number;
  readonly hasFailed: boolean;
  readonly record: string;
}

export class FleetStore {
  readonly database: Database;
  readonly #boss: PgBoss;
  #queues: ReadonlySet<string> = new Set();
  #queuesAt = -Infinity;

  private constructor(database: Database, boss: PgBoss) {
    this.database = database;
    this.#boss = boss;
  }

  /** @param onError hears what goes wrong beside a request, such as a database that is away for a moment */
  static async open(database: Database, onError: (error: Error) => void): Promise<FleetStore> {
    const { PgBoss: Boss } = await optional(() => import("pg-boss"), "pg-boss");
    await migrate(database);
    const boss = new Boss({
      db: database.db,
      backend: database.kind,
      schedule: false,
      registerInstance: false,
      superviseIntervalSeconds: SUPERVISE_SECONDS,
      monitorIntervalSeconds: SUPERVISE_SECONDS,
    });
    boss.on("error", onError);
    await boss.start();
    if ((await boss.getQueue(LOST)) === null) await boss.createQueue(LOST, { retentionSeconds: 365 * 24 * 3600 });
    return new FleetStore(database, boss);
  }

  /** Those units that nobody has submitted before are new; their number is given. */
  async submit(command: string, units: readonly Unit[], estimateMs: (unit: Unit) => number): Promise<number> {
    const byQueue = Map.groupBy(units, queueOf);
    for (const [queue, [first]] of byQueue) await this.#makeQueue(queue, first?.kind ?? "verify");
    return await this.database.transaction(async (session) => {
      const [row] = await session.query("INSERT INTO fleet.submission (command) VALUES ($1) RETURNING id", [command]);
      let added = 0;
      for (const [queue, own] of byQueue) {
        const fresh = await insertUnits(session, row?.["id"], own, estimateMs);
        added += fresh.length;
        const jobs = fresh.map((unit) => ({
          id: jobId(unitId(unit)),
          data: { unit: unitId(unit) },
          priority: Math.round(estimateMs(unit)),
        }));
        if (jobs.length > 0) await this.#boss.insert(queue, jobs, { db: session.db });
      }
      return added;
    });
  }

  /** The next unit for a worker with one of these labels, the longest first; undefined where there is none now. */
  async claim(worker: string, labels: readonly string[]): Promise<Claim | undefined> {
    const queues = await this.#knownQueues();
    for (const queue of labels.flatMap((label) => [`bench.${label}`, `verify.${label}`])) {
      if (!queues.has(queue)) continue;
      const [job] = await this.#boss.fetch<{ readonly unit: string }>(queue, { includeMetadata: true });
      if (job === undefined) continue;
      const id = job.data.unit;
      const [row] = await this.database.query(
        `WITH seen AS (INSERT INTO fleet.worker (name, labels, unit, seen_at) VALUES ($1, $2, $3, now())
           ON CONFLICT (name) DO UPDATE SET labels = $2, unit = $3, seen_at = now())
         SELECT spec FROM fleet.unit WHERE id = $3`,
        [worker, labels, id],
      );
      return { id, unit: row?.["spec"], attempt: Number(Reflect.get(job, "retryCount")) };
    }
    await this.#see(worker, labels, null);
    return undefined;
  }

  /** The worker still has the unit; false where its lease was over and the unit is somebody else's. */
  async keepAlive(worker: string, id: string, attempt: number): Promise<boolean> {
    const queue = await this.#queueOf(id);
    if (queue === undefined) return false;
    await this.database.query("UPDATE fleet.worker SET seen_at = now() WHERE name = $1", [worker]);
    const answer: object = await this.#boss.touch(queue, { id: jobId(id), retryCount: attempt });
    return Number(Reflect.get(answer, "affected")) > 0;
  }

  /**
   * Stores a result and marks the unit done, both or neither. The first result of a unit is its result, whoever has the
   * lease now; a later one is left behind (`stored` is false).
   */
  async finish(id: string, done: Done, record?: RunRecord): Promise<"stored" | "known" | "unknown"> {
    return await this.database.transaction(async (session) => {
      const [unit] = await session.query("SELECT kind, label FROM fleet.unit WHERE id = $1", [id]);
      if (unit === undefined) return "unknown";
      const stored = await session.query(
        `INSERT INTO fleet.result (unit, worker, elapsed_ms, has_failed, record) VALUES ($1, $2, $3, $4, $5)
         ON CONFLICT DO NOTHING RETURNING unit`,
        [id, done.worker, done.elapsedMs, done.hasFailed, done.record],
      );
      if (stored.length === 0) return "known";
      await this.#boss.complete(queueName(unit), jobId(id), null, { db: session.db, includeQueued: true });
      await session.query("UPDATE fleet.worker SET seen_at = now(), unit = NULL WHERE name = $1", [done.worker]);
      if (record !== undefined && record.timings.length > 0) await insertRecord(session, record, done.record);
      return "stored";
    });
  }

  /** The worker could not do it: it is tried again, in the end given up with this reason. */
  async giveBack(id: string, attempt: number, reason: string): Promise<boolean> {
    const queue = await this.#queueOf(id);
    if (queue === undefined) return false;
    await this.#boss.fail(queue, { id: jobId(id), retryCount: attempt }, { message: reason });
    return true;
  }

  /** The records of all units that are done, in the order of the units' ids. */
  async results(): Promise<readonly string[]> {
    const rows = await this.database.query(`SELECT record FROM fleet.result ORDER BY unit COLLATE "C"`);
    return rows.map((row) => columnText(row, "record"));
  }

  /** Into the history; false where it is there already. */
  async addRecord(record: RunRecord, content: string): Promise<boolean> {
    return await this.database.transaction((session) => insertRecord(session, record, content));
  }

  async putFile(hash: string, content: Uint8Array): Promise<void> {
    await this.database.query("INSERT INTO fleet.file (hash, content) VALUES ($1, $2) ON CONFLICT DO NOTHING", [
      hash,
      content,
    ]);
  }

  async file(hash: string): Promise<Uint8Array | undefined> {
    const [row] = await this.database.query("SELECT content FROM fleet.file WHERE hash = $1", [hash]);
    return row?.["content"] instanceof Uint8Array ? row["content"] : undefined;
  }

  async close(): Promise<void> {
    await this.#boss.stop({ graceful: false });
    await this.database.close();
  }

  /** Units of bench have a queue that hands out one at a time: nothing is timed beside another. */
  async #makeQueue(queue: string, kind: Unit["kind"]): Promise<void> {
    if ((await this.#knownQueues()).has(queue)) return;
    await this.#boss.createQueue(queue, {
      policy: kind === "bench" ? "singleton" : "standard",
      retryLimit: RETRIES,
      heartbeatSeconds: LEASE_SECONDS,
      expireInSeconds: LONGEST_SECONDS,
      retentionSeconds: 365 * 24 * 3600,
      deleteAfterSeconds: KEEP_JOBS_SECONDS,
      deadLetter: LOST,
    });
    this.#queuesAt = -Infinity;
  }

  async #knownQueues(): Promise<ReadonlySet<string>> {
    if (performance.now() - this.#queuesAt > QUEUES_LAST_MS) {
      this.#queues = new Set((await this.#boss.getQueues()).map((queue) => queue.name));
      this.#queuesAt = performance.now();
    }
    return this.#queues;
  }

  async #queueOf(id: string): Promise<string | undefined> {
    const [row] = await this.database.query("SELECT kind, label FROM fleet.unit WHERE id = $1", [id]);
    return row === undefined ? undefined : queueName(row);
  }

  async #see(worker: string, labels: readonly string[], id: string | null): Promise<void> {
    await this.database.query(
      `INSERT INTO fleet.worker (name, labels, unit, seen_at) VALUES ($1, $2, $3, now())
       ON CONFLICT (name) DO UPDATE SET labels = $2, unit = $3, seen_at = now()`,
      [worker, labels, id],
    );
  }
}

function queueOf({ kind, label }: Unit): string {
  return `${kind}.${label}`;
}

function queueName(row: Row): string {
  return `${columnText(row, "kind")}.${columnText(row, "label")}`;
}

/** Those that were not there before. */
async function insertUnits(
  session: Session,
  submission: unknown,
  units: readonly Unit[],
  estimateMs: (unit: Unit) => number,
): Promise<readonly Unit[]> {
  const byId = new Map(units.map((one) => [unitId(one), one]));
  const rows = [...byId].map(([id, one]) => ({ id, label: one.label, kind: one.kind, spec: one, ms: estimateMs(one) }));
  const added = await session.query(
    `INSERT INTO fleet.unit (id, submission, label, kind, spec, estimate_ms)
     SELECT id, $1::bigint, label, kind, spec, ms FROM jsonb_to_recordset($2::jsonb)
       AS given (id text, label text, kind text, spec jsonb, ms double precision)
     ON CONFLICT DO NOTHING RETURNING id`,
    [submission, JSON.stringify(rows)],
  );
  return added.flatMap((row) => byId.get(columnText(row, "id")) ?? []);
}
