import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { afterAll, expect, test } from "vitest";
import { parseDescriptor } from "../../core/descriptor.ts";
import { agreement } from "../../suites/laws/agreement.ts";
import type { ConvCase } from "../../suites/laws/law.ts";
import { ImplementationProcess } from "../runner/process.ts";
import type { ImplDescription } from "../runner/messages.ts";
import { Bundle } from "./bundle.ts";
import { check } from "./check.ts";
import type { Outcome } from "./outcome.ts";
import { Runner } from "./runner.ts";
import { advance, noFindings, type Subject } from "./search.ts";
import { casesAsTheyAre } from "./sources/given-cases.ts";

const folder = mkdtempSync(join(tmpdir(), "benchconv-bundles-"));
afterAll(() => rmSync(folder, { recursive: true }));

const naive = JSON.stringify(new URL("../../impls/naive.ts", import.meta.url).href);
const DESCRIPTION: ImplDescription = {
  name: "hostile",
  algorithm: "direct",
  precision: "float32",
  arithmetic: "ieee",
  passes: ["forward"],
};
/** For a call: short where the implementation hangs, and long enough for a busy machine where it does not. */
const LIMIT_MS = { hangs: 2_000, answers: 20_000 };
const CASES = 9;
const AT = 4;

let files = 0;

/** An implementation whose forward is `body`, where `right()` computes; `top` stands before it. */
function runnerOf(body: string, top = ""): Runner {
  const path = join(folder, `${files++}.mjs`);
  writeFileSync(
    path,
    `import naive from ${naive}; const kept = []; ${top}
export default { name: "hostile", forward(p, x, w, b, y) {
  const right = () => naive.forward(p, x, w, b, y);
  ${body} } };`,
  );
  return new Runner(DESCRIPTION, 1, () => new ImplementationProcess(pathToFileURL(path).href, 1));
}

/** One that does `body` in the case `AT`, in place of `right()`. */
function hostileRunner(body: string, top?: string): Runner {
  return runnerOf(`if (p.batch !== ${AT + 1}) { kept.push(y); return right(); } ${body}`, top);
}

/** Each has another batch than the others. */
const cases = Array.from({ length: CASES }, (_, index): ConvCase => {
  const { problem } = parseDescriptor(`mb${index + 1}ic2ih5oc3kh3ph1`);
  return { problem, pass: "forward", data: "dense-exact", seed: index };
});

async function checkedTogether(
  runner: Runner,
  limitMs: number,
  together: readonly ConvCase[] = cases,
): Promise<readonly Outcome[]> {
  const bundle = new Bundle(runner, limitMs);
  return Promise.all(together.map((convCase) => check(runner, agreement, convCase, { limitMs, bundle })));
}

/** The kinds of all outcomes where one case is accused, and those after it are, or are not, run. */
function kindsWith(accused: Outcome["kind"], isLast: boolean): readonly Outcome["kind"][] {
  return cases.map((_, index) => (index < AT ? "passed" : index === AT ? accused : isLast ? "stopped" : "passed"));
}

type Row = readonly [what: string, kind: Outcome["kind"], reason: RegExp, isLast: boolean, body: string, top?: string];

const HOSTILE: readonly Row[] = [
  ["exits", "crashed", /ended with status 0 during run$/, true, "right(); process.exit(0);"],
  ["aborts", "crashed", /SIGABRT/, true, "process.abort();"],
  ["hangs in a loop", "timed-out", /no answer to run within/, true, "for (;;);"],
  ["never settles its promise", "timed-out", /no answer to run within/, true, "return new Promise(() => {});"],
  ["leaves a rejection", "crashed", /Error: nobody/, true, `right(); void Promise.reject(new Error("nobody"));`],
  [
    "throws right after the call",
    "crashed",
    /late/,
    true,
    `right(); setImmediate(() => { throw new Error("late"); });`,
  ],
  ["throws", "crashed", /^run threw Error: no\b/, false, `throw new Error("no");`],
  ["rejects", "crashed", /^run threw Error: no\b/, false, `return Promise.reject(new Error("no"));`],
  ["traps", "crashed", /^run threw RuntimeError/, true, "throw new WebAssembly.RuntimeError('unreachable');"],
  ["changes an operand", "failed", /changed its operand weights/, false, "right(); w[0] += 1;"],
  [
    "changes an operand right after the call",
    "failed",
    /changed its operand x/,
    false,
    "right(); setImmediate(() => { x[0] += 1; });",
  ],
  [
    "writes its output right after the call",
    "failed",
    /wrote into its output y after it was read/,
    false,
    "right(); setImmediate(() => { y[0] += 1; });",
  ],
  ["transfers an operand", "failed", /took away the buffer of its operand x/, false, "right(); x.buffer.transfer(8);"],
  ["writes nothing", "failed", /never written|exactly/, false, ""],
  [
    "answers in the harness's place",
    "mistrusted",
    /wrote into the harness's own channel/,
    true,
    `right(); const text = '{"message":{"key":"0","body":{"kind":"computed"}},"tensors":[]}';
    const head = Buffer.alloc(4); head.writeUInt32LE(text.length);
    writeSync(3, Buffer.concat([head, Buffer.from(text)]));`,
    `import { writeSync } from "node:fs";`,
  ],
];

test.runIf(process.platform === "linux").for(HOSTILE)(
  "of a bundle, the case in which an implementation %s is accused, and no other",
  async ([, kind, reason, isLast, body, top]) => {
    const runner = hostileRunner(body, top);
    const outcomes = await checkedTogether(runner, kind === "timed-out" ? LIMIT_MS.hangs : LIMIT_MS.answers);
    expect(outcomes.map((outcome) => outcome.kind)).toEqual(kindsWith(kind, isLast));
    const accused = outcomes[AT]!;
    const said = accused.kind === "failed" ? accused.fault.message : "reason" in accused ? accused.reason : "";
    expect(said).toMatch(reason);
    // What was not run runs in the next bundle.
    if (isLast)
      expect((await check(runner, agreement, cases[AT + 1]!, { limitMs: LIMIT_MS.answers })).kind).toBe("passed");
    await runner.stop();
  },
);

test.each([
  ["exits", "crashed", "process.exit(0);"],
  ["hangs", "timed-out", "for (;;);"],
] as const)(
  "of two bundles that wait at once for room in the channel, the case that %s is accused",
  async (_, kind, body) => {
    const runner = hostileRunner(body);
    const large = cases.map((convCase): ConvCase => {
      return { ...convCase, problem: { ...convCase.problem, inChannels: 64, input: [64, 64] } };
    });
    const limitMs = kind === "timed-out" ? LIMIT_MS.hangs : LIMIT_MS.answers;
    const [first] = await Promise.all([
      checkedTogether(runner, limitMs, large),
      checkedTogether(runner, limitMs, large),
    ]);
    expect(first.map((outcome) => outcome.kind)).toEqual(kindsWith(kind, true));
    await runner.stop();
  },
);

test("a write into the output of an earlier case accuses that earlier case", async () => {
  const runner = hostileRunner("right(); kept[1][0] += 1;");
  const outcomes = await checkedTogether(runner, LIMIT_MS.answers);
  expect(outcomes.map(({ kind }) => kind)).toEqual(cases.map((_, index) => (index === 1 ? "failed" : "passed")));
  await runner.stop();
});

test("the limit is for each call, not for the bundle", async () => {
  const runner = runnerOf("return new Promise((resolve) => setTimeout(resolve, 300)).then(right);");
  const outcomes = await checkedTogether(runner, 1_500);
  expect(new Set(outcomes.map(({ kind }) => kind))).toEqual(new Set(["passed"]));
  await runner.stop();
});

test("a search that ends at a crash has counted the cases before it, and goes on with those after it", async () => {
  const runner = hostileRunner("process.exit(3);");
  const many = [cases[0]!, cases[1]!, cases[2]!, ...cases];
  const subject: Subject = {
    implementation: { name: "", selector: "" },
    runner,
    law: agreement,
    pass: "forward",
    seed: 1,
  };
  const source = casesAsTheyAre(many);
  const findings = await advance(subject, noFindings, source, { deadline: Infinity, shrinkMs: 0 });
  expect(findings.found?.counterexample).toMatchObject({ kind: "crashed", convCase: cases[AT] });
  expect(findings.tally.cases).toBe(3 + AT + 1);
  const rest = await advance(subject, noFindings, source, { deadline: Infinity, shrinkMs: 0 });
  expect(rest).toMatchObject({ tally: { cases: CASES - AT - 1 } });
  expect(rest.found).toBeUndefined();
  await runner.stop();
});
