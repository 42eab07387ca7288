import { expect, it } from "vitest";
import { openDatabase } from "../../../harness/fleet/database.ts";
import { statusOf } from "../../../harness/fleet/status.ts";
import { FleetStore } from "../../../harness/fleet/store.ts";
import type { VerifyUnit } from "../../../harness/fleet/unit.ts";
import { lacksPostgres, makePostgres } from "./postgres.ts";

const unit = (seed: number): VerifyUnit => ({
  kind: "verify",
  version: "1.0.0",
  label: "any",
  plugin: { kind: "own", name: "naive" },
  pass: "forward",
  law: "agreement",
  seed,
  cases: 1,
});

const lacking = lacksPostgres();
if (lacking !== undefined) process.stderr.write(`not tested on PostgreSQL: ${lacking}\n`);

it.skipIf(lacking !== undefined)("PostgreSQL keeps what is done when it is killed", async () => {
  const postgres = await makePostgres();
  try {
    const store = await FleetStore.open(await openDatabase(postgres.url), () => {});
    await store.submit("test", [unit(1), unit(2)], () => 1);
    const claim = await store.claim("w", ["any"]);
    const done = { worker: "w", elapsedMs: 1, hasFailed: false, record: "{}" };
    expect(await store.finish(claim?.id ?? "", done)).toBe("stored");
    postgres.kill();
    await postgres.start();
    await expect
      .poll(() => statusOf(store.database).catch(() => undefined), { timeout: 30_000 })
      .toMatchObject({
        labels: [{ units: 2, done: 1 }],
      });
    expect(await store.finish(claim?.id ?? "", done)).toBe("known");
    expect(await store.claim("w", ["any"])).toBeDefined();
    await store.close();
  } finally {
    postgres.remove();
  }
});
