import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, expect, test } from "vitest";
import { findImplementations, type Implementation } from "../../runner/discovery.ts";
import { parseDescriptor } from "../../../core/descriptor.ts";
import type { TimingEntry } from "../../../core/record.ts";
import type { BenchOptions } from "./options.ts";
import { runRounds } from "./rounds.ts";

const folder = mkdtempSync(join(tmpdir(), "benchconv-rounds-"));
afterAll(() => rmSync(folder, { recursive: true }));

const layers = ['ic4ih8oc4kh3ph1_n"a"', 'ic3ih6oc2kh1_n"b"'].map((text) => {
  const { problem } = parseDescriptor(text);
  return { kind: "convolution" as const, name: problem.name ?? "", problem, multiplicity: 1 };
});

const CEILINGS = {
  threads: 1,
  wasmGflops: 1,
  wasmInstructions: "simd",
  nativeGflops: null,
  nativeSource: "",
  plausibleGflops: 1e5,
  plausibleBasis: "",
  bandwidthGBs: 1,
  lastLevelCacheBytes: 2 ** 20,
} as const;

const OPTIONS: BenchOptions = {
  suite: "t",
  layers,
  passes: ["forward"],
  seed: 1,
  threads: [1],
  cache: "hot",
  cellMs: 100,
  leastRounds: 2,
  mostRounds: 2,
  repetitions: 2,
  ceilings: [CEILINGS],
  earlier: [],
};

/** A plugin file around the right answer: `spoil` is code that runs after it, inside forward. */
async function implementation(name: string, spoil: string): Promise<Implementation> {
  const path = join(folder, `${name}.mjs`);
  const naive = new URL("../../../impls/naive.ts", import.meta.url).href;
  writeFileSync(
    path,
    `import { readFileSync, writeFileSync } from "node:fs"; import naive from ${JSON.stringify(naive)};
     let calls = 0; let kept;
     export default { name: ${JSON.stringify(name)}, forward(p, x, w, b, y) { calls++; ${spoil} } };`,
  );
  const [found] = await findImplementations([path]);
  if (found === undefined) throw new Error("no implementation");
  return found;
}

async function timings(
  implementations: readonly Implementation[],
  signal = new AbortController().signal,
  changes: Partial<BenchOptions> = {},
): Promise<readonly TimingEntry[]> {
  const options = { ...OPTIONS, ...changes };
  const { cells } = await runRounds(implementations, options, { onCell: () => {}, onLayer: () => {} }, signal);
  return cells.map((cell) => cell.entry());
}

const RIGHT = "naive.forward(p, x, w, b, y);";

test("every cell of a right implementation has a verified time with an interval and samples of each round", async () => {
  const entries = await timings([await implementation("right", RIGHT)]);
  expect(entries.map(({ layer, status, verified }) => ({ layer, status, verified }))).toEqual([
    { layer: "a", status: "passed", verified: true },
    { layer: "b", status: "passed", verified: true },
  ]);
  for (const { medianMs, ci95Ms, minMs, launches } of entries) {
    expect(launches).toHaveLength(2);
    expect(medianMs).toBeGreaterThanOrEqual(minMs ?? Infinity);
    expect(ci95Ms?.[0]).toBeLessThanOrEqual(medianMs ?? 0);
    expect(ci95Ms?.[1]).toBeGreaterThanOrEqual(medianMs ?? Infinity);
  }
});

test("a wrong output, a result that was kept, a crash and a fake clock have no time; the others do", async () => {
  const entries = await timings([
    await implementation("right", RIGHT),
    await implementation("wrong-later", `${RIGHT} if (calls > 3) y[0] += 1;`),
    await implementation("keeps", `if (kept?.length === y.length) { y.set(kept); return; } ${RIGHT} kept = y.slice();`),
    await implementation(
      "keeps-each",
      `const own = (kept ??= new Map()).get(x); if (own) { y.set(own); return; } ${RIGHT} kept.set(x, y.slice());`,
    ),
    await implementation("dies", `${RIGHT} if (calls > 2) process.exit(0);`),
    await implementation("touches", `${RIGHT} x[0] = 7;`),
  ]);
  const statuses = new Map(entries.map(({ impl, layer, status }) => [`${impl} ${layer}`, status]));
  expect(statuses.get("right a")).toBe("passed");
  expect(statuses.get("right b")).toBe("passed");
  expect(
    ["wrong-later", "keeps", "keeps-each", "touches", "dies"].map((name) => [name, statuses.get(`${name} a`)]),
  ).toEqual([
    ["wrong-later", "failed"],
    ["keeps", "failed"],
    ["keeps-each", "failed"],
    ["touches", "failed"],
    ["dies", "crashed"],
  ]);
  for (const { status, medianMs, verified } of entries) {
    if (status !== "passed") expect({ medianMs, verified }).toEqual({ medianMs: null, verified: false });
  }
});

test("what the memory does not hold at once is timed in groups, and the record says so", async () => {
  const all = [await implementation("first", RIGHT), await implementation("second", RIGHT)];
  const entries = await timings(all, undefined, { memoryBytes: 2 ** 20, layers: layers.slice(0, 1), cellMs: 500 });
  expect(entries.map(({ impl, status, group, launches }) => [impl, status, group, launches.length])).toEqual([
    ["first", "passed", 1, 2],
    ["second", "passed", 2, 2],
  ]);
  expect(entries[0]?.flags?.map(({ kind, message }) => [kind, message])).toContainEqual([
    "memory-groups",
    expect.stringMatching(/^the memory did not hold all .* alone$/),
  ]);
});

test.skipIf(process.platform !== "linux")(
  "one that another has killed is timed alone; one that kills itself has crashed",
  async () => {
    const pids = join(folder, "pids");
    const noted = `if (calls === 1) writeFileSync(${JSON.stringify(pids)}, String(process.pid));`;
    const killing = `if (calls === 4) try { process.kill(Number(readFileSync(${JSON.stringify(pids)}, "utf8")), "SIGKILL"); } catch {}`;
    const entries = await timings(
      [
        await implementation("victim", `${RIGHT} ${noted}`),
        await implementation("killer", `${RIGHT} ${killing}`),
        await implementation("ends-itself", `${RIGHT} if (calls > 2) process.kill(process.pid, "SIGKILL");`),
      ],
      undefined,
      { layers: layers.slice(0, 1) },
    );
    expect(entries.map(({ impl, status }) => [impl, status])).toEqual([
      ["victim", "passed"],
      ["killer", "passed"],
      ["ends-itself", "crashed"],
    ]);
  },
);

/** A plan plugin around the right answer: `steps` are its load, run and read, over `compute(share)`. */
async function planned(name: string, steps: string): Promise<Implementation> {
  const path = join(folder, `${name}.mjs`);
  const naive = new URL("../../../impls/naive.ts", import.meta.url).href;
  writeFileSync(
    path,
    `import naive from ${JSON.stringify(naive)};
     export default { name: ${JSON.stringify(name)}, plan(p) {
       let given, isNew; const y = new Float32Array(p.outChannels * 1024);
       const compute = (times = 8) => { for (let i = 0; i < times; i++) naive.forward(p, given.x, given.weights, undefined, y); };
       const take = (operands) => { given = operands; isNew = true; };
       return { ${steps} };
     } };`,
  );
  const [found] = await findImplementations([path]);
  if (found === undefined) throw new Error("no implementation");
  return found;
}

test("work that is not in the repeated call voids the time, with both figures; packing of weights does not", async () => {
  const { problem } = parseDescriptor('mb1ic8ih32oc1kh3ph1_n"c"', false);
  const layer = { kind: "convolution" as const, name: "c", problem: { ...problem, bias: false }, multiplicity: 1 };
  const give = "read(o) { o.y.set(y); }";
  const entries = await timings(
    [
      await planned("at-run", `load: take, run() { compute(); }, ${give}`),
      await planned("at-load", `load(o) { take(o); compute(); }, run() {}, ${give}`),
      await planned("at-read", `load: take, run() {}, read(o) { compute(); o.y.set(y); }`),
      await planned("half-at-read", `load: take, run() { compute(4); }, read(o) { compute(4); o.y.set(y); }`),
      await planned("when-new", `load: take, run() { if (isNew) compute(4); isNew = false; }, ${give}`),
      await planned(
        "packs-weights",
        `load(o, changed) { take(o); if (changed.includes("weights")) compute(32); }, run() { compute(); }, ${give}`,
      ),
    ],
    undefined,
    { layers: [layer], cellMs: 200, repetitions: 1 },
  );
  // Half of the work is twice the time in a quiet moment, and may be less than void in another.
  const toldOf = ({ impl, status, flags = [] }: TimingEntry): readonly string[] => [
    impl,
    status === "passed" && !flags.some(({ kind }) => kind === "fresh-call") ? "as repeated" : "told",
  ];
  expect(entries.map(toldOf)).toEqual([
    ["at-run", "as repeated"],
    ["at-load", "told"],
    ["at-read", "told"],
    ["half-at-read", "told"],
    ["when-new", "told"],
    ["packs-weights", "as repeated"],
  ]);
  const reasonOf = (name: string): string | undefined => entries.find(({ impl }) => impl === name)?.reason;
  expect(reasonOf("at-load")).toMatch(/a call on new data takes .* ms, a repeated one .* ms more in load/);
  expect(reasonOf("at-read")).toMatch(/more in read/);
  expect(reasonOf("when-new")).toMatch(/more in the first run/);
});

test("bfloat16 products on the timed layer are seen", async () => {
  const rounded =
    "v => { const f = new Float32Array([v]); const u = new Uint32Array(f.buffer); u[0] &= 0xffff0000; return f[0]; }";
  const [entry] = await timings(
    [await implementation("rounds", `naive.forward(p, x.map(${rounded}), w.map(${rounded}), b, y);`)],
    undefined,
    { layers: layers.slice(0, 1), mostRounds: 1, leastRounds: 1 },
  );
  expect(entry).toMatchObject({ status: "failed" });
});

test("a call that would hold up the run, by the rate on another layer, is not begun", async () => {
  const [small, large] = ['ic4ih8oc4kh3ph1_n"small"', 'ic64ih512oc512kh3ph1_n"large"'].map((text) => {
    const { problem } = parseDescriptor(text);
    return { kind: "convolution" as const, name: problem.name ?? "", problem, multiplicity: 1 };
  });
  const slow = await implementation("crawls", `${RIGHT} const until = Date.now() + 30; while (Date.now() < until);`);
  const entries = await timings([slow], undefined, { layers: [small!, large!] });
  expect(entries.map(({ layer, status }) => [layer, status])).toEqual([
    ["small", "passed"],
    ["large", "unsupported"],
  ]);
  expect(entries[1]?.reason).toMatch(/^not begun: a call would take about \d+ s, .*; --time \d+ takes it$/);
});

test("an interrupted run accuses nobody", async () => {
  const controller = new AbortController();
  const slow = await implementation("slow", `${RIGHT} const until = Date.now() + 300; while (Date.now() < until);`);
  setTimeout(() => controller.abort(), 500);
  const entries = await timings([slow], controller.signal);
  for (const { status, verified } of entries)
    expect(["passed", "mistrusted"].includes(status) && !(status === "mistrusted" && verified)).toBe(true);
});

test("cold: every sample is one call, and the memory between calls is not counted", async () => {
  const calls = "globalThis.n = (globalThis.n ?? 0) + 1;";
  const lastLevelCacheBytes = 2 ** 20;
  const ceilings = [{ ...CEILINGS, lastLevelCacheBytes }];
  const [entry] = await timings([await implementation("cold", `${calls} ${RIGHT}`)], undefined, {
    cache: "cold",
    ceilings,
  });
  expect(entry).toMatchObject({ status: "passed", cache: "cold", verified: true });
});

test("thread counts are cells of their own, in processes that are told theirs", async () => {
  const tells = `if (process.env.BENCHCONV_THREADS !== "2") throw new Error("not 2"); ${RIGHT}`;
  const entries = await timings([await implementation("tells", tells)], undefined, { threads: [1, 2] });
  expect(entries.map(({ threads, status }) => [threads, status])).toEqual([
    [1, "crashed"],
    [1, "crashed"],
    [2, "passed"],
    [2, "passed"],
  ]);
});

test("a cell that is compared takes part in all rounds", async () => {
  const steady = await implementation(
    "steady",
    `const until = performance.now() + 4; ${RIGHT} while (performance.now() < until);`,
  );
  const { cells } = await runRounds(
    [steady],
    { ...OPTIONS, leastRounds: 1, mostRounds: 4 },
    { onCell: () => {}, onLayer: () => {} },
    new AbortController().signal,
    { compared: new Set([steady]) },
  );
  expect(cells.map(({ rounds }) => rounds)).toEqual([4, 4]);
});

test("a run that goes on from an earlier one times only what is missing", async () => {
  const right = await implementation("right-again", RIGHT);
  const first = await timings([right], undefined, { leastRounds: 1, mostRounds: 1 });
  const second = await timings([right], undefined, { earlier: first });
  for (const [i, { launches }] of second.entries()) {
    expect(launches).toHaveLength(2);
    // The samples themselves may be longer by what a fresh call takes, which more rounds tell better.
    const { startedAt, turns } = first[i]?.launches[0] ?? {};
    expect(launches[0]).toMatchObject({ startedAt, turns });
  }
});
