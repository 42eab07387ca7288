import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { availableParallelism, tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, expect, test } from "vitest";
import { PASSES } from "../../core/problem.ts";
import { findImplementations } from "../runner/discovery.ts";
import { runVerify } from "./run.ts";

const folder = mkdtempSync(join(tmpdir(), "benchconv-run-"));
afterAll(() => rmSync(folder, { recursive: true }));

const OPTIONS = { passes: PASSES, seed: 1, budgetMs: 60_000, bail: false, threads: 1, laws: ["agreement"] };

test("a run that is interrupted tells of every pass what was checked by then", async () => {
  const interruption = new AbortController();
  const progress = {
    // The search has come to the last pass, and to none for good.
    onCase: (_: unknown, what: string, cases: number) => {
      if (what === "agreement backwardWeights" && cases === 10) interruption.abort();
    },
    onCheck: () => {},
    onWarning: () => {},
  };
  const implementations = await findImplementations(["naive"]);
  const { checks, referenceMs } = await runVerify(implementations, OPTIONS, [], progress, interruption.signal);
  expect(checks.map(({ pass, status, reason }) => [pass, status, reason])).toEqual(
    PASSES.map((pass) => [pass, "passed", "interrupted"]),
  );
  // The common problem with every fill.
  expect(checks.map(({ cases }) => cases)).toEqual([18, 18, 10]);
  expect(referenceMs).toBeGreaterThan(0);
});

test("with --bail the first failure ends the run", async () => {
  const seen: string[] = [];
  const progress = {
    onCase: () => {},
    onCheck: (_: unknown, { law, pass }: { readonly law: string; readonly pass: string }) =>
      seen.push(`${law} ${pass}`),
    onWarning: () => {},
  };
  const path = join(folder, "wrong.mjs");
  const right = JSON.stringify(new URL("../../impls/naive.ts", import.meta.url).href);
  writeFileSync(
    path,
    `import naive from ${right};
export default { ...naive, name: "wrong", backwardData: (p, dy, w, dx) => { dx.fill(0); } };`,
  );
  const wrong = await findImplementations([path]);
  const options = { ...OPTIONS, bail: true };
  const { checks } = await runVerify(wrong, options, [], progress, new AbortController().signal);
  expect(seen).toEqual(["agreement backwardData"]);
  expect(checks.map(({ status }) => status)).toEqual(["failed"]);
});

test.skipIf(process.platform !== "linux" || availableParallelism() < 2)(
  "one that was killed while another ran is checked again, alone, and is not accused",
  async () => {
    const right = JSON.stringify(new URL("../../impls/naive.ts", import.meta.url).href);
    const pids = JSON.stringify(join(folder, "pid"));
    const dead = JSON.stringify(join(folder, "dead"));
    const plugin = async (name: string, spoil: string) => {
      writeFileSync(
        join(folder, `${name}.mjs`),
        `import { existsSync, readFileSync, writeFileSync } from "node:fs";
import naive from ${right};
let calls = 0;
const waits = new Int32Array(new SharedArrayBuffer(4));
/** Until the other is there, however slow the machine. */
const waitFor = (path) => {
  for (let tries = 0; tries < 500 && !existsSync(path); tries++) Atomics.wait(waits, 0, 0, 20);
};
export default { name: "${name}", forward(...given) { calls++; ${spoil} naive.forward(...given); } };`,
      );
      return findImplementations([join(folder, `${name}.mjs`)]);
    };
    const killer = await plugin(
      "killer",
      `if (calls === 3) {
  waitFor(${pids});
  process.kill(Number(readFileSync(${pids}, "utf8")), "SIGKILL");
  writeFileSync(${dead}, "");
}`,
    );
    const victim = await plugin(
      "victim",
      `if (calls === 2 && !existsSync(${dead})) {
  writeFileSync(${pids}, String(process.pid));
  waitFor(${dead});
}`,
    );
    const again: string[] = [];
    const progress = {
      onCase: () => {},
      onCheck: () => {},
      onWarning: () => {},
      onAgain: ({ name }: { readonly name: string }) => again.push(name),
    };
    const options = { ...OPTIONS, passes: ["forward"] as const, budgetMs: 1_500 };
    const { checks } = await runVerify([...killer, ...victim], options, [], progress, new AbortController().signal);
    expect(again).toEqual(["victim"]);
    expect(checks.map(({ impl, status }) => [impl, status])).toEqual([
      ["killer", "passed"],
      ["victim", "passed"],
    ]);
  },
);
