import { existsSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import { pathToFileURL } from "node:url";
import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";
import { afterAll, expect, test } from "vitest";
import { parseDescriptor } from "../../core/descriptor.ts";
import { ImplementationProcess } from "./process.ts";
import { holdsSoon } from "./testing/foreign-processes.ts";

const folder = mkdtempSync(join(tmpdir(), "benchconv-process-"));
afterAll(() => rmSync(folder, { recursive: true }));

const LIMIT_MS = 60_000;

test("what a process answered before it ended counts, though a request could no longer be sent", async () => {
  const called = join(folder, "called");
  const path = join(folder, "exits.mjs");
  writeFileSync(
    path,
    `import { writeFileSync } from "node:fs";
export default { name: "exits", forward() { writeFileSync(${JSON.stringify(called)}, ""); process.exit(0); } };`,
  );
  const process = new ImplementationProcess(pathToFileURL(path).href, 1);
  await process.request({ verb: "describe" }, LIMIT_MS);
  const { problem } = parseDescriptor("mb1ic1oc1ih1kh1", false);
  const one = Float32Array.of(1);
  const sent = [
    process.request({ verb: "open", plan: 0, impl: "exits", problem, pass: "forward", threads: 1 }, LIMIT_MS),
    process.request({ verb: "store", plan: 0, set: 0 }, LIMIT_MS, { x: one, weights: one }),
    process.request({ verb: "load", plan: 0, set: 0, poison: "nan" }, LIMIT_MS),
    process.request({ verb: "run", plan: 0 }, LIMIT_MS),
  ];
  // The process answers and ends while this one is busy, as on a loaded machine: its answers wait to be read.
  for (const until = performance.now() + LIMIT_MS; !existsSync(called) && performance.now() < until;) pause(10);
  pause(300);
  sent.push(process.request({ verb: "close", plan: 0 }, LIMIT_MS));
  const outcomes = await Promise.all(sent);
  expect(outcomes.map(({ kind }) => kind)).toEqual(["answer", "answer", "answer", "crashed", "crashed"]);
  expect(outcomes[3]).toMatchObject({ reason: "the process ended with status 0 during run" });
  expect(await holdsSoon(() => !process.alive)).toBe(true);
});

/** Waits without giving the event loop a turn. */
function pause(ms: number): void {
  Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, ms);
}

test("what a request sent is not kept for the life of the process", async () => {
  const path = join(folder, "ones.mjs");
  writeFileSync(path, `export default { name: "ones", forward(problem, x, weights, bias, y) { y.fill(1); } };`);
  const process = new ImplementationProcess(pathToFileURL(path).href, 1);
  const { problem } = parseDescriptor("mb1ic1oc1ih64kh1", false);
  const weights = Float32Array.of(1);
  setFlagsFromString("--expose-gc");
  const sent: WeakRef<Float32Array>[] = [];
  try {
    await process.request({ verb: "open", plan: 0, impl: "ones", problem, pass: "forward", threads: 1 }, LIMIT_MS);
    const store = async (set: number): Promise<void> => {
      const x = new Float32Array(64 * 64);
      sent.push(new WeakRef(x));
      await process.request({ verb: "store", plan: 0, set }, LIMIT_MS, { x, weights });
    };
    for (let set = 0; set < 20; set++) await store(set);
    await delay(50);
    runInNewContext("gc()");
    // The last ones may be on their way out.
    expect(sent.slice(0, 15).filter((x) => x.deref() !== undefined)).toEqual([]);
  } finally {
    await process.stop();
  }
});
