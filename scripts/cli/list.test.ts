import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { expect, onTestFinished, test } from "vitest";
import { DescribeTogether } from "../../harness/runner/describe-together.ts";
import type { Implementation } from "../../harness/runner/discovery.ts";
import { listText } from "./list.ts";

function implementation(name: string, more: Partial<Implementation["description"]> = {}): Implementation {
  const known = { algorithm: "gemm", precision: "float32", arithmetic: "ieee", passes: [] } as const;
  return { name, url: "file:///x.ts", selector: name, isNamed: false, description: { name, ...known, ...more } };
}

test("a list has the terminal's width, counts variants, and says first why something cannot run", () => {
  const all = [
    implementation("lib", { description: "A library with a rather long description of all that it does" }),
    implementation("lib:same"),
    implementation("lib:valid"),
    implementation("gpu", { description: "On a GPU", unavailable: "there is no adapter" }),
  ];
  expect(listText(all, 90).trimEnd().split("\n")).toEqual([
    "lib  gemm        A library with a rather long descript…; 2 variants: --impl 'lib:*' --list",
    "gpu  gemm        unavailable: there is no adapter",
  ]);
  expect(listText(all.slice(1, 3), 90)).toMatch(/^lib:same .*\nlib:valid .*\n$/);
});

test("modules asked together answer as those asked alone, also where one of them ends the process", async () => {
  const folder = mkdtempSync(join(tmpdir(), "benchconv-list-"));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  const sources = {
    good: 'export default { name: "good", unavailable: () => "no adapter", forward() {} };\n',
    exits: "process.exit(3);\n",
  };
  const [good = "", exits = ""] = Object.entries(sources).map(([name, text]) => {
    const path = join(folder, `${name}.mjs`);
    writeFileSync(path, text);
    return pathToFileURL(path).href;
  });
  const together = new DescribeTogether([good, exits]);
  onTestFinished(() => together.stop());
  const answer = { kind: "answer", answer: { impls: [{ name: "good", unavailable: "no adapter" }] } };
  expect(await together.describe(good)).toMatchObject(answer);
  expect(await together.describe(exits)).toMatchObject({ kind: "crashed" });
  expect(await together.describe(good)).toMatchObject(answer);
});
