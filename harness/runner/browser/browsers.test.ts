import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { runRounds } from "../../bench/clock/rounds.ts";
import { parseDescriptor } from "../../../core/descriptor.ts";
import { findImplementations } from "../discovery.ts";
import { Browsers } from "./browsers.ts";
import { findChromium } from "./find-chromium.ts";

const { problem } = parseDescriptor('ic4ih8oc4kh3ph1_n"a"');

describe.skipIf(findChromium() === undefined)(
  "in Chromium (skipped where there is none: apt-get install chromium)",
  () => {
    const folder = mkdtempSync(join(tmpdir(), "benchconv-browser-"));
    let browsers: Browsers;
    beforeAll(async () => {
      browsers = await Browsers.open("software");
    });
    afterAll(async () => {
      await browsers.stop();
      rmSync(folder, { recursive: true });
    });
    const plugin = (name: string, text: string): string => {
      const path = join(folder, `${name}.mjs`);
      writeFileSync(path, text);
      return path;
    };

    test("implementations are timed, and checked as in Node: WebAssembly with threads, and a wrong one", async () => {
      const wrong = plugin("wrong", `export default { name: "wrong", forward(p, x, w, b, y) { y.fill(1); } };`);
      const fromNode = plugin(
        "from-node",
        `import { readFileSync } from "node:fs"; export default { name: "from-node", forward() {} };`,
      );
      const finding = { describe: (url: string) => browsers.describe(url) };
      const implementations = await findImplementations(["wasm-gemm", wrong, fromNode], finding);
      const { cells } = await runRounds(
        implementations,
        {
          suite: "t",
          layers: [{ kind: "convolution", name: "a", problem, multiplicity: 1 }],
          passes: ["forward"],
          seed: 1,
          threads: [2],
          cache: "hot",
          cellMs: 50,
          leastRounds: 1,
          mostRounds: 1,
          repetitions: 1,
          ceilings: [],
          earlier: [],
        },
        { onCell: () => {}, onLayer: () => {} },
        new AbortController().signal,
        undefined,
        (url, threads) => browsers.start(url, threads),
      );
      const entries = cells.map((cell) => cell.entry());
      expect(entries.map(({ impl, status, verified, launches }) => [impl, status, verified, launches.length])).toEqual([
        ["wasm-gemm", "passed", true, 1],
        ["wrong", "failed", false, 0],
        ["from-node", "unavailable", false, 0],
      ]);
      expect(entries[2]?.reason).toMatch(/^not in a browser: it imports node:fs, which no browser has/);
    });

    test("an error outside of a call is the end of an implementation, as in Node", async () => {
      const throws = plugin(
        "throws",
        `export default { name: "throws", forward() { setTimeout(() => { throw new Error("late"); ` +
          "}); return new Promise(() => {}); } };",
      );
      const throwing = browsers.start(pathToFileURL(throws).href, 1);
      const open = { verb: "open", plan: 0, impl: "throws", problem, pass: "forward", threads: 1 } as const;
      expect(await throwing.request(open, 60_000)).toMatchObject({ kind: "answer" });
      await throwing.request({ verb: "store", plan: 0, set: 0 }, 60_000, {
        x: new Float32Array(256),
        weights: new Float32Array(144),
      });
      await throwing.request({ verb: "load", plan: 0, set: 0, poison: "nan" }, 60_000);
      const outcome = await throwing.request({ verb: "run", plan: 0 }, 60_000);
      expect(outcome).toEqual({
        kind: "crashed",
        reason: "the worker ended with an error (Uncaught Error: late) during run",
      });
      expect(throwing.alive).toBe(false);
    });
  },
);
