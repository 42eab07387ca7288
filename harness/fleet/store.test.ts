import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { encodeRecord } from "../../core/record-file.ts";
import { simulatedRun } from "../bench/compare/testing/runs.ts";
import { openDatabase } from "./database.ts";
import { insertRecord, removeOlder, seriesOf, suitesOf } from "./history.ts";
import { seriesOfRecords, type CellSeries } from "./series.ts";
import { statusOf } from "./status.ts";
import { FleetStore } from "./store.ts";
import { unitId, type BenchUnit, type VerifyUnit } from "./unit.ts";

const verify = (seed: number): VerifyUnit => ({
  kind: "verify",
  version: "1.0.0",
  label: "any",
  plugin: { kind: "own", name: "naive" },
  pass: "forward",
  law: "agreement",
  seed,
  cases: 2,
});
const bench = (round: number, label = "one"): BenchUnit => ({
  kind: "bench",
  version: "1.0.0",
  label,
  plugins: [{ kind: "own", name: "naive" }],
  suite: "alexnet",
  passes: ["forward"],
  threads: 1,
  cellMs: 10,
  seed: 1,
  round,
});
const done = { worker: "w", elapsedMs: 1, hasFailed: false, record: "{}" };

let store: FleetStore;

// Starting a database takes most of the time.
beforeAll(async () => {
  store = await FleetStore.open(await openDatabase("memory:"), (error) => {
    throw error;
  });
});
beforeEach(() =>
  store.database.query(
    `TRUNCATE fleet.submission, fleet.unit, fleet.result, fleet.worker, fleet.record CASCADE; DELETE FROM pgboss.job`,
  ),
);
afterAll(() => store.close());

describe("the fleet's store", () => {
  it("hands out each unit once and keeps one result of it", async () => {
    const units = [1, 2, 3].map(verify);
    expect(await store.submit("a", units, () => 1)).toBe(3);
    expect(await store.submit("b", [...units, verify(4)], () => 1)).toBe(1);
    const claims = [];
    for (let claim = await store.claim("w", ["any"]); claim; claim = await store.claim("w", ["any"]))
      claims.push(claim);
    expect(claims.map(({ id }) => id).toSorted()).toEqual([1, 2, 3, 4].map((seed) => unitId(verify(seed))).toSorted());
    for (const { id, attempt } of claims) {
      expect(await store.keepAlive("w", id, attempt)).toBe(true);
      expect(await store.finish(id, done)).toBe("stored");
      expect(await store.finish(id, { ...done, record: "another" })).toBe("known");
    }
    expect(await store.results()).toEqual(["{}", "{}", "{}", "{}"]);
    expect(await store.finish("0".repeat(64), done)).toBe("unknown");
    expect(await statusOf(store.database)).toMatchObject({
      labels: [{ label: "any", units: 4, done: 4, lost: 0, leftMs: 0 }],
    });
  });

  it("gives a unit up after two retries, with the reason", async () => {
    await store.submit("a", [verify(1)], () => 1);
    for (let turn = 0; turn < 3; turn++) {
      const claim = await store.claim("w", ["any"]);
      expect(claim?.attempt).toBe(turn);
      if (claim !== undefined) await store.giveBack(claim.id, claim.attempt, "no such library");
    }
    expect(await store.claim("w", ["any"])).toBeUndefined();
    expect(await statusOf(store.database)).toMatchObject({
      labels: [{ lost: 1, done: 0 }],
      lost: [{ label: "any", reason: "no such library" }],
    });
  });

  it("hands out one round at a time on a machine", async () => {
    await store.submit("a", [bench(1), bench(2), bench(1, "two")], () => 1);
    const first = await store.claim("a", ["one"]);
    expect(await store.claim("b", ["one"])).toBeUndefined();
    expect(await store.claim("b", ["two"])).toBeDefined();
    await store.finish(first?.id ?? "", done);
    expect(await store.claim("b", ["one"])).toBeDefined();
  });
});

describe("the history", () => {
  it("keeps each record once and gives the trends that the records have", async () => {
    const { database } = store;
    const records = [1, 2, 3].map((day) =>
      simulatedRun({
        seed: String(day),
        callMs: { one: day, two: 2, control: 1 },
        layers: ["a", "b"],
        rounds: 3,
        startedAt: `2026-01-0${day}T00:00:00.000Z`,
      }),
    );
    for (const record of [...records, ...records])
      await database.transaction((session) => insertRecord(session, record, encodeRecord(record)));
    expect(await suitesOf(database)).toMatchObject([{ cells: 4 }]);
    const sorted = (some: readonly CellSeries[]) => some.toSorted((a, b) => keyOf(a).localeCompare(keyOf(b)));
    expect(sorted(await seriesOf(database, null))).toEqual(sorted(seriesOfRecords(records)));
    expect(await seriesOf(database, "none")).toEqual([]);
    expect(await removeOlder(database, 1)).toBe(3);
    expect(await seriesOf(database, null)).toEqual([]);
  });
});

function keyOf({ impl, layer }: CellSeries): string {
  return `${impl} ${layer}`;
}
