import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { runCommand } from "./testing/run-command.ts";

let folder = "";
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), "benchconv-identify-"));
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const PLUGIN = `const round = Math.fround;
export default {
  name: "lanes",
  forward({ batch, inChannels: C, outChannels: K, input: [H, W], kernel: [R, S] }, x, w, bias, y) {
    const [OH, OW] = [H - R + 1, W - S + 1];
    for (let n = 0, o = 0; n < batch; n++) for (let k = 0; k < K; k++)
      for (let i = 0; i < OH; i++) for (let j = 0; j < OW; j++, o++) {
        const sums = [0, 0];
        for (let c = 0, at = 0; c < C; c++) for (let r = 0; r < R; r++) for (let s = 0; s < S; s++, at++)
          sums[at % LANES] = round(sums[at % LANES] + round(x[((n * C + c) * H + i + r) * W + j + s] * w[((k * C + c) * R + r) * S + s]));
        y[o] = round(round(sums[0] + sums[1]) + (bias?.[k] ?? 0));
      }
  },
};
`;
const PROBLEM = ["--problem", "mb2ic4ih5oc3kh3"];

test("names how a plugin computes, and what changed in its next release", async () => {
  for (const lanes of [1, 2])
    writeFileSync(join(folder, `release-${lanes}.mjs`), PLUGIN.replaceAll("LANES", String(lanes)));
  const [first, second] = await Promise.all(
    [1, 2].map((lanes) =>
      runCommand(
        "identify",
        ["--impl", `./release-${lanes}.mjs`, ...PROBLEM, "--json", `${lanes}.json`, "--html", `${lanes}.html`],
        folder,
      ),
    ),
  );
  expect(first).toMatchObject({ status: 0, stderr: "" });
  expect(first?.stdout).toMatch(/^ +order +one after another; loops channel row column; bias last$/m);
  expect(second?.stdout).toMatch(/^ +order +2 lanes; loops channel row column; bias last$/m);
  expect(second?.stdout).toMatch(/^ +tree +\(\(\[0\.\.34:2\] \[1\.\.35:2\]\) bias\)$/m);
  expect(JSON.parse(readFileSync(join(folder, "2.json"), "utf8"))).toMatchObject({
    impl: "lanes",
    pass: "forward",
    findings: [{ algorithm: { name: "direct" }, products: "f32", fma: false, order: { shape: "lanes", lanes: 2 } }],
    switches: null,
    invariant: { runs: true },
  });
  const page = readFileSync(join(folder, "2.html"), "utf8");
  expect(page).toMatch(/<svg role="img" aria-label="Summation tree"/);
  expect(page).not.toMatch(/<script/);
  const changed = await runCommand("identify", ["1.json", "2.json"], folder);
  expect(changed).toMatchObject({ status: 0, stderr: "" });
  expect(changed.stdout).toMatch(/order: one after another; .* → 2 lanes;/);
});

const WRONG: readonly (readonly [args: readonly string[], message: RegExp])[] = [
  [[], /an implementation is missing: npm run identify -- --impl A/],
  [["--impl", "naiv"], /there is no implementation "naiv"; did you mean naive/],
  [["--impl", "naive", "--problem", "ic3"], /ic3/],
  [["--impl", "naive", "--suite", "alexnett"], /there is no suite "alexnett"; did you mean alexnet/],
  [["--impl", "naive", "--suite", "alexnet", "--layer", "x*"], /no layer of alexnet matches "x\*"; it has conv1/],
  [["--impl", "naive", "--layer", "conv1"], /--layer goes with --suite/],
  [["--impl", "naive", "--problem", "ic3ih4oc2kh3", "--mb", "2"], /--mb does nothing with --problem/],
  [["one.json"], /two files are compared, got 1/],
  [["one.json", "two.json"], /one\.json cannot be read: ENOENT/],
  [["not.json", "not.json"], /not\.json is not what identify --json writes/],
];
test.concurrent.each(WRONG)("a wrong call is one line and status 2: %j", async (args, message) => {
  writeFileSync(join(folder, "not.json"), '{"impl": "x", "findings": [{}]}');
  const { status, stdout, stderr } = await runCommand("identify", args, folder);
  expect({ status, stdout }).toEqual({ status: 2, stdout: "" });
  expect(stderr).toMatch(message);
  expect(stderr).toMatch(/^benchconv: [^\n]*\n$/);
});
