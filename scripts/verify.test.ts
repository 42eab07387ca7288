import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { readRecord } from "../core/record-file.ts";
import type { CheckEntry, RunRecord } from "../core/record.ts";
import { changed, PLUGINS } from "./testing/plugins.ts";
import { runByNpm, runCommand, shellWords, type Ended } from "./testing/run-command.ts";

let folder = "";
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), "benchconv-verify-"));
  for (const [name, text] of Object.entries(PLUGINS)) writeFileSync(join(folder, name), text);
  writeFileSync(join(folder, "comments.txt"), "# nothing\n");
  writeFileSync(join(folder, "shapes_one"), '# one\nic3ih5oc4kh3ph1_n"one"\n');
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

function verify(...args: string[]): Promise<Ended> {
  return runCommand("verify", args, folder);
}

/** The record that a run with `--json -` printed. */
function recordOf({ stdout }: Ended): RunRecord {
  const path = join(folder, "stdout.json");
  writeFileSync(path, stdout);
  return readRecord(path);
}

function failureOf({ checks }: RunRecord, impl: string) {
  const { failure } = checks.find((check) => check.impl === impl && check.failure !== undefined) ?? {};
  if (failure === undefined) throw new Error(`no failure of ${impl} in ${JSON.stringify(checks)}`);
  return failure;
}

test("--help and --list", async () => {
  const [help, list] = await Promise.all([verify("--help"), verify("--list", "--impl", "naive,./my-conv.mjs")]);
  expect(help).toMatchObject({ status: 0, stderr: "" });
  expect(help.stdout).toMatch(/npm run verify -- \[options\].*--npy DIR/s);
  expect(list).toMatchObject({ status: 0, stderr: "" });
  expect(list.stdout).toMatch(/^naive +direct .*\nmy-conv +direct.*\n\nlaws\nagreement: /s);
});

describe("a wrong call is one line on stderr, status 2 and no stack trace", () => {
  const calls: readonly (readonly [readonly string[], RegExp])[] = [
    [["--impl", "naiv"], /no implementation "naiv"; did you mean naive\?/],
    [["--law", "agrement"], /no law "agrement"; did you mean agreement\?/],
    [["--data", "reel"], /no kind of data "reel"; did you mean real\?/],
    [["--pass", "fordward"], /no pass "fordward"; did you mean forward\?/],
    [["--tim", "3"], /no option --tim; did you mean --time\?/],
    [["--time", "soon"], /--time must be a number from 0\.1 to 86400, got "soon"/],
    [["--cases", "1.5"], /--cases must be an integer/],
    [["--impl"], /--impl needs a value/],
    [["--impl", ""], /--impl needs a value/],
    [["--impl", ","], /--impl "," names nothing/],
    [["--impl", "naive", "--impl", "fft"], /--impl is given twice, "naive" and "fft"; it is taken once: --impl A,B/],
    [["--npy", "/proc/npy"], /cannot write \/proc\/npy: /],
    [["naive"], /"naive" is not an option/],
    [["--impl", "./missing.mjs"], /plugin \.\/missing\.mjs: there is no such file/],
    [["--impl", "."], /plugin \.: there is no such file|no implementation "\."/],
    [["--impl", "./throws.mjs"], /plugin \.\/throws\.mjs does not load: Error: not today/],
    [["--impl", "./syntax.mjs"], /plugin \.\/syntax\.mjs does not load: SyntaxError: .*, at syntax\.mjs:\d+$/m],
    [
      ["--impl", "./misspelt.mjs"],
      /plugin \.\/misspelt\.mjs: my-conv: there is no field "algoritm"; did you mean "algorithm"\?/,
    ],
    [["--impl", "./number.mjs"], /its default export is 3; a plain object/],
    [["--impl", "./nothing.mjs"], /it has no default export/],
    [["--impl", "./nameless.mjs"], /field "name" must be a non-empty string/],
    [["--impl", "./my-conv.mjs,./other-my-conv.mjs"], /two plugins are called "my-conv"/],
    [["--problem", "ic1ih1oc1kh5"], /conv: .*ic1/],
    [["--problem", "ic1ih1oc1kh5ow"], /ow needs a whole number/],
    [["--problem", "ic1iw1oc1kw1", "--batch", "shapes_one"], /exclude each other/],
    [["--batch", "none.txt"], /cannot read the batch file .*there is no such file/],
    [["--batch", "comments.txt"], /holds no problem/],
    [["--no-bias"], /--no-bias goes with/],
    [["--json", "none/r.json"], /cannot write .*there is no folder/],
    [["--json", "."], /cannot write .*it is a folder/],
    [["--npy", "comments.txt"], /cannot write .*comments\.txt: it is a file/],
    [["--npy", "comments.txt/in"], /cannot write .*in: \S+comments\.txt is a file/],
    [["--impl", "naive", "--inspect"], /--inspect takes one implementation and one problem/],
  ];
  test.concurrent.each(calls)("%j", async (args, message) => {
    const { status, stdout, stderr } = await verify(...args);
    expect({ status, stdout }).toEqual({ status: 2, stdout: "" });
    expect(stderr).toMatch(message);
    expect(stderr).toMatch(/^benchconv: [^\n]*\n$/);
  });
});

test("a plugin is found from where the call was typed, with and without npm", async () => {
  const args = ["--impl", "./my-conv.mjs", "--problem", "ic3ih5oc4kh3", "--law", "agreement", "--pass", "forward"];
  for (const command of [runCommand, runByNpm]) {
    const ended = await command("verify", [...args, "--json", "r.json"], folder);
    expect(ended).toMatchObject({ status: 0 });
    expect(ended.stdout).toMatch(/my-conv +forward +passed/);
    expect(readRecord(join(folder, "r.json")).checks[0]).toMatchObject({ status: "passed" });
    rmSync(join(folder, "r.json"));
  }
});

describe("mutants", () => {
  const MINIMAL = {
    flips: "g1mb1_ic1oc1_iw2ow1kw2sw1dw0pw0",
    drops: "g1mb1_ic5oc1_iw1ow1kw1sw1dw0pw0",
    mean: "g1mb2_ic1oc1_iw1ow1kw1sw1dw0pw0",
    tail: "g1mb1_ic1oc1_iw5ow5kw1sw1dw0pw0",
  };
  let ended: Ended;
  let record: RunRecord;
  beforeAll(async () => {
    ended = await verify(
      "--impl",
      "./flips.mjs,./drops.mjs,./mean.mjs,./tail.mjs",
      "--layers",
      "--law",
      "agreement",
      "--pass",
      "forward,backwardWeights",
      "--cases",
      "60",
      "--json",
      "mutants.json",
      "--npy",
      "npy",
    );
    record = readRecord(join(folder, "mutants.json"));
  }, 240_000);

  test("each is found and shrunk to its smallest problem", () => {
    expect(ended.status).toBe(1);
    for (const [impl, descriptor] of Object.entries(MINIMAL))
      expect(failureOf(record, impl).descriptor).toBe(descriptor);
    expect(record.impls.map(({ status }) => status)).toEqual(["failed", "failed", "failed", "failed"]);
    expect(ended.stdout).toContain(failureOf(record, "mean").rerun);
    expect(ended.stdout).toMatch(/found +after \d+ cases?, \d+\.\d s/);
  });

  test("a picture and a sentence tell where the output is wrong", () => {
    const { picture, pattern } = failureOf(record, "tail");
    expect(picture).toEqual(["y[0, 0, :]: ■ wrong, · right", "· · · · ■"]);
    expect(pattern).toBe("wrong in 1 of 5 elements; only in the last position");
    expect(ended.stdout).toMatch(/\n {2}y\[0, 0, :\]: ■ wrong, · right\n {2}· · · · ■\n/);
    expect(ended.stdout).toMatch(/where +wrong in 1 of 5 elements; only in the last position/);
  });

  test.each(Object.keys(MINIMAL))(
    "the rerun line of %s shows the same failure in another folder, in one case",
    async (impl) => {
      const failure = failureOf(record, impl);
      const [npm, run, name, dashes, ...args] = shellWords(failure.rerun);
      expect([npm, run, name, dashes]).toEqual(["npm", "run", "verify", "--"]);
      const elsewhere = join(folder, `elsewhere-${impl}`);
      mkdirSync(elsewhere);
      writeFileSync(join(elsewhere, `${impl}.mjs`), readFileSync(join(folder, `${impl}.mjs`)));
      const again = await runByNpm("verify", [...args, "--json", "-"], elsewhere);
      expect(again.status).toBe(1);
      const { checks } = recordOf(again);
      expect(checks.length).toBe(1);
      expect(checks[0]?.cases).toBe(1);
      // A case alone is not varied.
      const { foundAfterCases: _, foundAfterMs: _ms, foundBy: _by, cause: _cause, ...same } = failure;
      expect(checks[0]?.failure).toMatchObject(same);
      expect(checks[0]?.failure?.cause).toBeUndefined();
      expect(existsSync(join(elsewhere, ".benchconv"))).toBe(false);
    },
  );

  test("a failure that depends on earlier calls says so, and its rerun line searches again", async () => {
    const args = ["--impl", "./remembers.mjs", "--law", "agreement", "--pass", "forward", "--time", "8"];
    const failure = failureOf(recordOf(await verify(...args, "--seed", "5", "--json", "-")), "remembers");
    expect(failure.message).toMatch(/; alone in a new process it holds, so it depends on earlier calls or on chance$/);
    expect(failure.rerun).toBe("npm run verify -- --impl ./remembers.mjs --law agreement --pass forward --seed 5");
    const again = failureOf(recordOf(await verify(...shellWords(failure.rerun).slice(4), "--json", "-")), "remembers");
    const { foundAfterMs: _, ...same } = failure;
    expect(again).toMatchObject(same);
    expect(existsSync(join(folder, ".benchconv/failures/remembers.txt"))).toBe(false);
  });

  test("failures are kept, tried first by the next run, readable by --batch, and dropped once they hold", async () => {
    const kept = join(folder, ".benchconv/failures/drops.txt");
    expect(readFileSync(kept, "utf8")).toMatch(
      /\n# impl=drops law=agreement pass=forward data=\S+ seed=\d+ bias=no\ng1mb1_ic5oc1\S+\n$/,
    );
    const [again, batch] = await Promise.all([
      verify("--impl", "./drops.mjs", "--law", "agreement", "--pass", "forward", "--time", "1", "--json", "-"),
      verify(
        "--impl",
        "./drops.mjs",
        "--law",
        "agreement",
        "--pass",
        "forward",
        "--time",
        "1",
        "--batch",
        ".benchconv/failures/drops.txt",
      ),
    ]);
    expect(failureOf(recordOf(again), "drops").foundAfterCases).toBe(1);
    expect(batch.status).toBe(1);
    writeFileSync(join(folder, "drops.mjs"), changed("drops", ""));
    const mended = await verify("--impl", "./drops.mjs", "--law", "agreement", "--pass", "forward", "--time", "1");
    writeFileSync(join(folder, "drops.mjs"), PLUGINS["drops.mjs"]);
    expect(mended.status).toBe(0);
    expect(existsSync(kept)).toBe(false);
  });

  test("--npy writes the operands, got, expected, bound and margin of each failure", () => {
    const own = join(folder, "npy/mean.agreement.backwardWeights");
    const { got, expected, rerun } = failureOf(record, "mean");
    const element = (name: string, bytes: 4 | 8): number => {
      const data = readFileSync(join(own, `${name}.npy`)).subarray(-bytes);
      return bytes === 4 ? data.readFloatLE() : data.readDoubleLE();
    };
    expect(element("dWeights.got", 4)).toBe(got);
    expect(element("dWeights.expected", 8)).toBe(expected);
    expect(element("dWeights.bound", 8)).toBe(failureOf(record, "mean").bound);
    expect(element("dWeights.margin", 8)).toBeGreaterThan(1);
    for (const name of ["x", "dy"]) expect(existsSync(join(own, `${name}.npy`))).toBe(true);
    expect(readFileSync(join(own, "rerun.txt"), "utf8")).toBe(`${rerun}\n`);
  });
});

test.each([
  ["small", "ic5ih7oc6kh3ph1"],
  ["large", "mb1ic32ih28oc48kh3ph1"],
])("--problem with --data and --seed is exactly one case in each pass: %s", async (_size, problem) => {
  for (const data of ["dense-exact", "special"]) {
    const ended = await verify(
      "--impl",
      "im2col-gemm",
      "--law",
      "agreement",
      "--problem",
      problem,
      "--data",
      data,
      "--seed",
      "12",
      "--json",
      "-",
    );
    expect(ended.status).toBe(0);
    const { checks } = recordOf(ended);
    expect(checks.map(({ pass, cases, status }) => [pass, cases, status])).toEqual([
      ["forward", 1, "passed"],
      ["backwardData", 1, "passed"],
      ["backwardWeights", 1, "passed"],
    ]);
  }
});

test("an implementation that hangs, throws or dies gets its own verdict, the one beside it is unharmed", async () => {
  const impls = "./hangs.mjs,./throws-later.mjs,naive,./dies.mjs";
  const one = ["--problem", "ic2ih4oc2kh3", "--data", "real", "--seed", "3"];
  const ended = await verify(
    "--impl",
    impls,
    "--law",
    "agreement",
    "--pass",
    "forward",
    "--time",
    "1",
    ...one,
    "--json",
    "-",
  );
  expect(ended.status).toBe(1);
  const { checks } = recordOf(ended);
  const verdicts = checks.map(({ impl, status, reason, cases }: CheckEntry) => [impl, status, cases, reason]);
  expect(verdicts).toEqual([
    ["hangs", "timed-out", 1, expect.stringMatching(/^no answer to run within/)],
    ["throws-later", "crashed", 1, expect.stringMatching(/^run threw TypeError: no/)],
    ["naive", "passed", 1, undefined],
    ["dies", "crashed", 1, expect.stringMatching(/^the process ended with status 0/)],
  ]);
  expect(ended.stderr).not.toContain("\u001b");
});
