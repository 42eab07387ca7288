import { mkdtempSync, rmSync } from "node:fs";
import { connect } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { parseRecord } from "../../core/record-file.ts";
import type { RunRecord } from "../../core/record.ts";
import { environment } from "../runner/machine.ts";
import type { FleetClient } from "./client.ts";
import { mergeRecords } from "./merge.ts";
import { selectorOf } from "./plugin-files.ts";
import { openFleet, TOKEN, type TestFleet } from "./testing/fleet.ts";
import { contentHash, unitId, type VerifyUnit } from "./unit.ts";
import { VerifyUnits } from "./verify-unit.ts";
import { work } from "./worker.ts";

const machine = { ...environment(), machine: "any" };
const verify = (seed: number, more: Partial<VerifyUnit> = {}): VerifyUnit => ({
  kind: "verify",
  version: machine.benchconv,
  label: "any",
  plugin: { kind: "own", name: "naive" },
  pass: "forward",
  law: "agreement",
  seed,
  cases: 3,
  ...more,
});

let fleet: TestFleet;

// Starting a database takes most of the time.
beforeAll(async () => {
  fleet = await openFleet();
});
afterAll(() => fleet.close());

async function worker(
  client: FleetClient,
  label: string,
  name: string,
  run: (unit: VerifyUnit) => Promise<RunRecord>,
): Promise<void> {
  await work(client, {
    name,
    labels: [label],
    idleMs: 0,
    signal: new AbortController().signal,
    run: async (unit) => {
      if (unit.kind !== "verify") throw new Error("a unit of another label");
      return await run(unit);
    },
    onUnit: () => {},
    onAway: () => {},
  });
}

describe("a fleet of two workers", () => {
  it("does each unit once, and comes to what one machine does with the same seeds", async () => {
    const { client } = fleet;
    const units = [1, 2, 3, 4].map((seed) => verify(seed));
    expect(await client.submit("test", units)).toBe(4);
    expect(await client.submit("test", units)).toBe(0);
    const doers = [new VerifyUnits(machine), new VerifyUnits(machine)];
    const done: number[] = [];
    await Promise.all(
      doers.map((doer, index) =>
        worker(client, "any", `w${index}`, (unit) => {
          done.push(unit.seed);
          return doer.run(unit, "naive", undefined);
        }),
      ),
    );
    expect(done.toSorted((a, b) => a - b)).toEqual([1, 2, 3, 4]);
    const [merged = "", ...others] = await client.merged();
    expect(others).toEqual([]);
    const alone = new VerifyUnits(machine);
    const records: RunRecord[] = [];
    for (const unit of units) records.push(await alone.run(unit, "naive", undefined));
    await Promise.all([...doers, alone].map((doer) => doer.stop()));
    const { checks } = parseRecord("merged", merged);
    expect(checks).toEqual(mergeRecords(records).checks);
    expect(checks).toMatchObject([{ impl: "naive", law: "agreement", status: "passed", cases: 4 * 21 }]);
    expect(await client.status()).toMatchObject({ labels: [{ units: 4, done: 4, failed: 0, lost: 0 }], lost: [] });
  });

  it("fetches a submitted plugin by its content, and takes its crash as a result", async () => {
    const folder = mkdtempSync(join(tmpdir(), "benchconv-fleet-"));
    try {
      const { client } = fleet;
      const part = "export const code = 3;";
      const entry = `import { code } from "./lib/code.mjs";
        export default { name: "ends", forward() { process.exit(code); } };`;
      const plugin: VerifyUnit["plugin"] = {
        kind: "files",
        entry: "ends.mjs",
        files: [
          { path: "ends.mjs", hash: contentHash(entry) },
          { path: "lib/code.mjs", hash: contentHash(part) },
        ],
      };
      for (const content of [entry, part]) await client.putFile(new TextEncoder().encode(content));
      await client.submit("test", [verify(1, { plugin, label: "other" })]);
      const doer = new VerifyUnits({ ...machine, machine: "other" });
      await worker(client, "other", "w", async (unit) =>
        doer.run(unit, await selectorOf(unit.plugin, folder, (hash) => client.file(hash)), undefined),
      );
      await doer.stop();
      const records = (await client.merged()).map((text) => parseRecord("merged", text));
      const checks = records.flatMap((record) => record.checks).filter(({ impl }) => impl === "ends");
      expect(checks).toMatchObject([{ status: "crashed" }]);
      const { labels } = await client.status();
      expect(labels.find(({ label }) => label === "other")).toMatchObject({ done: 1, failed: 1 });
    } finally {
      rmSync(folder, { recursive: true, force: true });
    }
  });
});

describe("the fleet's server", () => {
  it("lets a browser that opened the page with the token follow its links, and change nothing", async () => {
    const opened = await fetch(new URL(`?token=${encodeURIComponent(TOKEN)}`, fleet.url));
    expect(opened.status).toBe(200);
    const given = opened.headers.get("set-cookie") ?? "";
    expect(given).toMatch(/; HttpOnly; SameSite=Strict; Path=\/$/);
    const cookie = given.split(";")[0] ?? "";
    const asked = async (init: RequestInit): Promise<number> => {
      const response = await fetch(new URL("api/status", fleet.url), init);
      await response.text();
      return response.status;
    };
    expect(await asked({ headers: { cookie } })).toBe(200);
    expect(await asked({ headers: { cookie: "benchconv-fleet=%E0" } })).toBe(401);
    const units = await fetch(new URL("api/units", fleet.url), { method: "POST", headers: { cookie }, body: "{}" });
    expect(units.status).toBe(401);
  });

  it("refuses what is wrong, stores nothing of it, and stays up", async () => {
    const { url, client, store } = fleet;
    const alone = verify(1, { label: "nobody" });
    const id = unitId(alone);
    await client.submit("test", [alone]);
    const before = await store.results();
    const asked = async (path: string, init: RequestInit, token = TOKEN): Promise<number> => {
      const headers = { Authorization: `Bearer ${token}` };
      const response = await fetch(new URL(path, url), { ...init, headers });
      await response.text();
      return response.status;
    };
    const post = (body: string): RequestInit => ({ method: "POST", body });
    const units = (change: object): RequestInit =>
      post(JSON.stringify({ command: "x", units: [{ ...verify(2), ...change }] }));
    const result = (record: string): RequestInit => post(JSON.stringify({ worker: "w", elapsedMs: 1, record }));
    const bad: readonly (readonly [number, string, RequestInit, string?])[] = [
      [401, "api/status", {}, "wrong"],
      [401, "api/status", {}, TOKEN.slice(1)],
      [401, "", {}, "x"],
      [404, "api/none", {}],
      [404, "suite/none", {}],
      [405, "api/claim", {}],
      [400, "api/units", post("{")],
      [400, "api/units", post("[]")],
      [400, "api/units", post("null")],
      [400, "api/units", units({ label: "../x" })],
      [400, "api/units", units({ cases: -1 })],
      [400, "api/units", units({ seed: "1; DROP TABLE fleet.unit" })],
      [400, "api/units", units({ plugin: { kind: "own", name: "'; DROP TABLE fleet.unit; --" } })],
      [400, "api/units", units({ plugin: { kind: "files", entry: "../../etc/passwd", files: [] } })],
      [400, "api/claim", post(JSON.stringify({ worker: "<script>", labels: ["any"] }))],
      [413, "api/claim", post("x".repeat(100_000))],
      [404, `api/units/${"0".repeat(64)}/failure`, post(JSON.stringify({ attempt: 0, reason: "x" }))],
      [400, `api/units/${id}/result`, result("{}")],
      [400, `api/units/${id}/result`, result("")],
      [400, `api/units/${id}/result`, result(JSON.stringify({ schema: "benchconv/1" }))],
      [400, "api/records", post(JSON.stringify({ record: "[1]" }))],
      [404, `api/files/${"a".repeat(64)}`, {}],
    ];
    for (const [status, path, init, token] of bad)
      expect([path, init.body, await asked(path, init, token)]).toEqual([path, init.body, status]);
    // A client that says nothing holds nobody up.
    const slow = connect(Number(new URL(url).port), "127.0.0.1");
    slow.write("POST /api/units HTTP/1.1\r\nHost: x\r\n");
    expect(await asked("healthz", {}, "")).toBe(200);
    slow.destroy();
    for (let tries = 0; tries < 200; tries++) await asked("api/status", {}, "wrong");
    expect(await asked("api/status", {}, "wrong")).toBe(429);
    expect(await asked("api/status", {})).toBe(200);
    expect(await store.results()).toEqual(before);
    const { labels, workers } = await client.status();
    expect(labels.find(({ label }) => label === "nobody")).toMatchObject({ units: 1, done: 0 });
    expect(workers.map(({ name }) => name)).not.toContain("<script>");
  });
});
