import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import fc from "fast-check";
import { afterEach, beforeEach, expect, test } from "vitest";
import type { ConvCase } from "../../suites/laws/law.ts";
import { problemArbitrary } from "../../suites/problems/problem-arbitrary.ts";
import { parseBatch } from "../../suites/benchdnn/batch-file.ts";
import { DATA_KINDS } from "../../suites/data/operands.ts";
import { parseDescriptor } from "../../core/descriptor.ts";
import { PASSES } from "../../core/problem.ts";
import { RegressionCorpus } from "./regression-corpus.ts";

let folder = "";
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "benchconv-kept-"));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

function caseOf(descriptor: string, seed: number, bias = true): ConvCase {
  return { problem: parseDescriptor(descriptor, bias).problem, pass: "forward", data: "real", seed };
}

test("what was found is there in the next run, what holds by then is taken out, and an empty file goes", () => {
  const inner = join(folder, "a", "b");
  const [one, two] = [caseOf("ic1ih3oc1kh3", 1), caseOf("ic2ih3oc1kh3", 2, false)];
  const first = new RegressionCorpus(inner, "my-conv");
  first.update("agreement", [], one);
  first.update("agreement", [], two);
  expect(readFileSync(join(inner, "my-conv.txt"), "utf8")).toContain(
    "# impl=my-conv law=agreement pass=forward data=real seed=2 bias=no\ng1mb2_ic2oc1_ih3oh1kh3sh1dh0ph0_iw3ow1kw3sw1dw0pw0\n",
  );
  expect(readFileSync(join(inner, ".gitignore"), "utf8")).toBe("*\n");
  const next = new RegressionCorpus(inner, "my-conv");
  expect(next.casesOf("agreement", "forward", {})).toEqual([one, two]);
  expect(next.casesOf("agreement", "forward", { data: "special" })).toEqual([]);
  expect(next.casesOf("agreement", "backwardData", { data: "real" })).toEqual([]);
  next.update("linearity", [two], undefined);
  next.update("agreement", [one], two);
  expect(new RegressionCorpus(inner, "my-conv").casesOf("agreement", "forward", { data: "real" })).toEqual([two]);
  next.update("agreement", [two], undefined);
  expect(existsSync(join(inner, "my-conv.txt"))).toBe(false);
});

test("threads of a case's own are kept, and a file that does not say them is read", () => {
  const threaded = { ...caseOf("ic1ih3oc1kh3", 1), threads: 2 };
  new RegressionCorpus(folder, "my-conv").update("agreement", [], threaded);
  const corpus = new RegressionCorpus(folder, "my-conv");
  expect(corpus.casesOf("agreement", "forward", {})).toEqual([threaded]);
  corpus.update("agreement", [threaded], caseOf("ic1ih3oc1kh3", 1));
  const again = new RegressionCorpus(folder, "my-conv");
  expect(again.casesOf("agreement", "forward", {})).toEqual([caseOf("ic1ih3oc1kh3", 1)]);
});

test("a type and fused operations are kept, and tried again where they are asked for alone", () => {
  const { problem, ...about } = caseOf("ic1ih3oc1kh3", 1);
  const plain = { ...about, problem };
  const half = { ...about, problem: { ...problem, type: "f16" } } as const;
  const fused = { ...about, problem: { ...problem, post: ["add", "clip(0,6)"] } } as const;
  const corpus = new RegressionCorpus(folder, "my-conv");
  for (const convCase of [plain, half, fused]) corpus.update("agreement", [], convCase);
  const again = new RegressionCorpus(folder, "my-conv");
  expect(again.casesOf("agreement", "forward", {})).toEqual([plain]);
  expect(again.casesOf("agreement", "forward", { type: "f16" })).toEqual([half]);
  expect(again.casesOf("agreement", "forward", { post: ["add", "clip(0,6)"] })).toEqual([fused]);
  expect(again.casesOf("agreement", "forward", { type: "f16", post: ["add"] })).toEqual([]);
});

test("any case survives the file, and the file is a batch file", () => {
  const cases = fc.record({
    problem: problemArbitrary({ maxMultiplyAdds: 1e6 }),
    pass: fc.constantFrom(...PASSES),
    data: fc.constantFrom(...DATA_KINDS),
    seed: fc.nat(2 ** 31 - 1),
  });
  let run = 0;
  fc.assert(
    fc.property(cases, fc.constantFrom("agreement", "linear-in-x"), fc.string(), (convCase, law, name) => {
      const own = join(folder, String(run++));
      new RegressionCorpus(own, `:${name}`).update(law, [], convCase);
      const file = new RegressionCorpus(own, `:${name}`);
      expect(file.casesOf(law, convCase.pass, {})).toEqual([convCase]);
      expect(parseBatch(readFileSync(file.path, "utf8"), "x").entries.length).toBe(1);
    }),
    { numRuns: 30 },
  );
});

test("a convolution that has a transposed one's shape is not refused as part of a batch file", () => {
  const convCase = caseOf("mb1ic1ih28oc1oh56kh1sh2ph0", 1);
  const file = new RegressionCorpus(join(folder, "backwards"), "mine");
  file.update("agreement", [], convCase);
  expect(parseBatch(readFileSync(file.path, "utf8"), "x").entries.map(({ problem }) => problem.input)).toEqual([
    [28, 28],
  ]);
});

test("implementations do not share a file, and foreign lines are passed over", () => {
  new RegressionCorpus(folder, "a:b").update("agreement", [], caseOf("ic1ih3oc1kh3", 1));
  expect(new RegressionCorpus(folder, "a-b").casesOf("agreement", "forward", {})).toEqual([]);
  const own = new RegressionCorpus(folder, "c");
  const head = "# impl=c law=agreement pass=";
  writeFileSync(
    own.path,
    `ic1ih3oc1kh3\n${head}sideways data=real seed=1 bias=yes\nic1ih3oc1kh3\n${head}forward data=real seed=1 bias=yes\nnonsense\n`,
  );
  expect(new RegressionCorpus(folder, "c").casesOf("agreement", "forward", {})).toEqual([]);
});
