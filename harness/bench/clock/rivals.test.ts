import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, test } from "vitest";
import { parseDescriptor } from "../../../core/descriptor.ts";
import { findImplementations, type Implementation } from "../../runner/discovery.ts";
import { RivalWatch } from "./rivals.ts";
import { runRounds } from "./rounds.ts";

function named(name: string): Implementation {
  return {
    name,
    url: `file:///${name}.mjs`,
    selector: name,
    isNamed: true,
    description: { name, algorithm: "direct", precision: "float32", arithmetic: "ieee", passes: ["forward"] },
  };
}

const [quiet, busy] = [named("quiet"), named("busy")];

test("who is busy in several batches of others is named, and voids the cells that it was busy beside", () => {
  const watch = new RivalWatch();
  const [touched, other, own] = [{}, {}, {}];
  for (let batch = 0; batch < 3; batch++) {
    watch.note(touched, 100, new Map([[busy, 80]]));
    watch.note(other, 100, new Map([[busy, 0]]));
    watch.note(own, 100, new Map([[quiet, 3]]));
  }
  expect(watch.rivals).toEqual([{ name: "busy", cores: 0.8, batches: 3 }]);
  expect(watch.reasonOf(touched, quiet)).toBe("busy kept 0.80 of a core busy while this was timed: leave it out");
  expect(watch.reasonOf(other, quiet)).toBeUndefined();
  expect(watch.reasonOf(own, busy)).toMatch(/^its processes kept 0\.80 of a core busy while others were timed/);
});

test("what ends late once, or takes little, is nobody's rival", () => {
  const watch = new RivalWatch();
  const cell = {};
  watch.note(cell, 100, new Map([[busy, 60]]));
  for (let batch = 0; batch < 20; batch++) watch.note(cell, 100, new Map([[busy, 10]]));
  expect(watch.rivals).toEqual([]);
  expect(watch.reasonOf(cell, quiet)).toBeUndefined();
});

test.skipIf(process.platform !== "linux")(
  "a planted rival with busy children is named, and no time stands",
  async () => {
    const folder = mkdtempSync(join(tmpdir(), "benchconv-rivals-"));
    const naive = JSON.stringify(new URL("../../../impls/naive.ts", import.meta.url).href);
    const write = (name: string, more: string): string => {
      const path = join(folder, `${name}.mjs`);
      const forward = "forward(p, x, w, b, y) { naive.forward(p, x, w, b, y); }";
      writeFileSync(path, `import naive from ${naive}; ${more} export default { name: "${name}", ${forward} };`);
      return path;
    };
    // One child in the group, one that has left it.
    const children = [false, true]
      .map((detached) => `spawn("sh", ["-c", "while :; do :; done"], { detached: ${detached}, stdio: "ignore" });`)
      .join(" ");
    try {
      const found = await findImplementations([
        write("victim", ""),
        write("rival", `import { spawn } from "node:child_process"; ${children}`),
      ]);
      const { problem } = parseDescriptor('ic4ih8oc4kh3ph1_n"a"');
      const { cells, rivals } = await runRounds(
        found,
        {
          suite: "t",
          layers: [{ kind: "convolution", name: "a", problem, multiplicity: 1 }],
          passes: ["forward"],
          seed: 1,
          threads: [1],
          cache: "hot",
          cellMs: 400,
          leastRounds: 4,
          mostRounds: 4,
          repetitions: 1,
          ceilings: [],
          earlier: [],
        },
        { onCell: () => {}, onLayer: () => {} },
        new AbortController().signal,
      );
      expect(rivals.map(({ name }) => name)).toEqual(["rival"]);
      expect(cells.map((cell) => cell.entry())).toMatchObject([
        { impl: "victim", status: "mistrusted", reason: expect.stringMatching(/^rival kept/) as unknown },
        { impl: "rival", status: "mistrusted", reason: expect.stringMatching(/^its processes kept/) as unknown },
      ]);
    } finally {
      rmSync(folder, { recursive: true });
    }
  },
);
