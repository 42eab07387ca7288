import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";
import { afterAll, expect, test } from "vitest";
import { parseDescriptor } from "../../core/descriptor.ts";
import { PASSES } from "../../core/problem.ts";
import type { ConvCase } from "../../suites/laws/law.ts";
import { InstrumentedImplementation } from "./instrumented.ts";
import { BlockSet } from "./sources/block-set.ts";

const folder = mkdtempSync(join(tmpdir(), "benchconv-instrumented-"));
afterAll(() => rmSync(folder, { recursive: true }));

const description = { algorithm: "direct", precision: "float32", arithmetic: "ieee", passes: PASSES } as const;

function implementationOf(
  name: string,
  text: string,
): { url: string; description: typeof description & { name: string } } {
  const path = join(folder, `${name}.ts`);
  writeFileSync(path, text);
  return { url: pathToFileURL(path).href, description: { ...description, name } };
}

function caseOf(descriptor: string): ConvCase {
  return { problem: parseDescriptor(descriptor, false).problem, pass: "forward", data: "real", seed: 1 };
}

test("blocks of a TypeScript plugin are told as they run, those of the harness and of libraries are not", async () => {
  const library = join(folder, "node_modules", "library");
  mkdirSync(library, { recursive: true });
  writeFileSync(
    join(library, "package.json"),
    JSON.stringify({ name: "library", type: "module", exports: "./main.js" }),
  );
  writeFileSync(join(library, "main.js"), "export const one = (wide) => { if (wide) { return 1; } return 2; };");
  const implementation = implementationOf(
    "branches",
    `import { one } from "library";
const isWide = (problem: { input: number[] }): boolean => problem.input[1]! === 23;
export default {
  name: "branches",
  forward(problem: { input: number[]; stride: number[] }, _x: unknown, _w: unknown, _b: unknown, y: Float32Array) {
    y.fill(one(isWide(problem)));
    if (isWide(problem) && problem.stride[1] === 3) { y[0] = 3; }
  },
};`,
  );
  const instrumented = new InstrumentedImplementation(implementation, 1);
  const reached = new BlockSet();
  const textOf = (blocks: ReturnType<BlockSet["add"]>): readonly string[] =>
    blocks.map(({ url, start, end }) => readFileSync(fileURLToPath(url), "utf8").slice(start, end));
  try {
    reached.add(await instrumented.start());
    const freshOf = async (descriptor: string): Promise<readonly string[]> => {
      const { end, scripts } = await instrumented.explore(caseOf(descriptor));
      expect(end.kind).toBe("done");
      expect(new Set(scripts.map(({ url }) => url))).toEqual(new Set([implementation.url]));
      return textOf(reached.add(scripts));
    };
    expect((await freshOf("mb1_ic1oc1_ih5kh1_iw5kw1")).length).toBeGreaterThan(0);
    expect(await freshOf("mb1_ic3oc2_ih5kh1_iw7kw3")).toEqual([]);
    expect((await freshOf("mb1_ic1oc1_ih5kh1_iw23kw1")).map((text) => text.trim())).toEqual([
      "&& problem.stride[1] === 3",
    ]);
    expect((await freshOf("mb1_ic1oc1_ih5kh1_iw23kw1sw3")).map((text) => text.trim())).toEqual(["{ y[0] = 3; }"]);
  } finally {
    await instrumented.stop();
  }
});

test("a call that ends the process is told, and the next one is counted again", async () => {
  const implementation = implementationOf(
    "exits",
    `export default { name: "exits", forward(problem: { batch: number }) { if (problem.batch > 1) process.exit(); } };`,
  );
  const instrumented = new InstrumentedImplementation(implementation, 1);
  try {
    await instrumented.start();
    expect((await instrumented.explore(caseOf("mb2_ic1oc1_ih5kh1"))).end.kind).toBe("crashed");
    const { end, scripts } = await instrumented.explore(caseOf("mb1_ic1oc1_ih5kh1"));
    expect(end.kind).toBe("done");
    expect(scripts.map(({ url }) => url)).toEqual([implementation.url]);
  } finally {
    await instrumented.stop();
  }
});
