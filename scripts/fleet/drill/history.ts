import { encodeRecord } from "../../../core/record-file.ts";
import { RECORD_SCHEMA, type RunRecord, type TimingEntry } from "../../../core/record.ts";
import { environment } from "../../../harness/runner/machine.ts";
import type { Database } from "../../../harness/fleet/database.ts";
import { insertRecord, seriesOf } from "../../../harness/fleet/history.ts";
import { renderHistory } from "../../../reports/fleet/history-page.ts";
import { randomStream } from "../../../suites/data/random.ts";

/** Records that are added at once, as by as many workers. */
const BESIDE = 8;
const MACHINES = 4;
const IMPLS = ["one", "two", "three"];
const LAYERS = ["conv1", "conv2", "conv3", "conv4", "conv5"];
const DAY_MS = 86_400_000;

/** How fast `count` records go into the history, how large it is, and how long the page of their suite takes. */
export async function measureHistory(database: Database, count: number): Promise<string> {
  const here = environment();
  const startedAt = performance.now();
  let next = 0;
  const add = async (): Promise<void> => {
    for (let index = next++; index < count; index = next++) {
      const record = recordOf(here, index);
      await database.transaction((session) => insertRecord(session, record, encodeRecord(record)));
    }
  };
  await Promise.all(Array.from({ length: BESIDE }, add));
  const seconds = (performance.now() - startedAt) / 1000;
  const [row] = await database.query("SELECT pg_database_size(current_database())::float8 AS bytes");
  const drawnAt = performance.now();
  const page = renderHistory("drill", await seriesOf(database, "drill"));
  const pageSeconds = (performance.now() - drawnAt) / 1000;
  return (
    `${count} records of ${IMPLS.length * LAYERS.length} cells: ${(count / seconds).toFixed(0)} a second, ` +
    `${(Number(row?.["bytes"]) / 2 ** 20).toFixed(0)} MB; the page of their suite in ${pageSeconds.toFixed(2)} s ` +
    `(${((page?.html.length ?? 0) / 1000).toFixed(0)} kB)\n`
  );
}

function recordOf(here: RunRecord["environment"], index: number): RunRecord {
  const stream = randomStream("history", index);
  const startedAt = new Date(Date.UTC(2026, 0, 1) + (index * DAY_MS) / 50).toISOString();
  const timings = IMPLS.flatMap((impl) =>
    LAYERS.map((layer): TimingEntry => {
      const samplesMs = Array.from({ length: 5 }, () => 1 + stream.nextUint32() / 2 ** 36);
      const medianMs = samplesMs.toSorted((a, b) => a - b)[2] ?? 1;
      const problem = `mb1_ic3ih8oc4oh8kh3ph1n"${layer}"`;
      return {
        impl,
        suite: "drill",
        layer,
        problem,
        pass: "forward",
        threads: 1,
        cache: "hot",
        status: "passed",
        medianMs,
        minMs: medianMs,
        ci95Ms: null,
        gflops: 1,
        launches: [{ startedAt, samplesMs }],
        planMs: null,
        loadMs: null,
        workspaceBytes: null,
        verified: true,
        margin: 0.5,
      };
    }),
  );
  return {
    schema: RECORD_SCHEMA,
    environment: {
      ...here,
      startedAt,
      machine: `machine-${index % MACHINES}`,
      commit: index.toString(16).padStart(12, "0"),
    },
    command: "bench",
    impls: [],
    checks: [],
    timings,
  };
}
