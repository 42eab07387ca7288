import { expect, test } from "vitest";
import type { KnownDefect } from "../../suites/known-defects/known-defect.ts";
import { agreement } from "../../suites/laws/agreement.ts";
import { forward } from "../../reference/index.ts";
import { InProcessChannel } from "../contender/in-process.ts";
import type { ImplDescription } from "../contender/messages.ts";
import type { Contender } from "../discovery.ts";
import { parseDescriptor } from "../descriptor.ts";
import type { FunctionImpl } from "../plugin.ts";
import type { ConvProblem } from "../problem.ts";
import type { CheckEntry } from "../record.ts";
import { issueText } from "./defect-issue.ts";
import { Exploration } from "./exploration.ts";
import { caseOf, checkDefect, defectsOf, explanation } from "./known-defects.ts";
import { ContenderSession } from "./session.ts";

/** Right but where `isWrong` says so: there y[0] is one too large. */
function convWrongWhere(isWrong: (problem: ConvProblem) => boolean): FunctionImpl {
  return {
    name: "fake",
    version: "1.2.3",
    forward(problem, x, weights, bias, y) {
      y.set(forward(problem, { x, weights, ...(bias === undefined ? {} : { bias }) }));
      if (isWrong(problem)) y[0] = y[0]! * 2 + 1;
    },
  };
}

const DESCRIPTION: ImplDescription = {
  name: "fake",
  version: "1.2.3",
  algorithm: "direct",
  precision: "float32",
  arithmetic: "ieee",
  passes: ["forward"],
};
const CONTENDER: Contender = {
  name: "fake",
  url: "file:///fake.ts",
  selector: "fake",
  isNamed: true,
  description: DESCRIPTION,
};

/** Wrong under a stride. */
const LEDGER_ENTRY: KnownDefect = {
  id: "fake-stride",
  title: "a stride spoils the first element",
  packageName: "fake",
  versions: ["1.2."],
  contenders: { fake: ["forward"] },
  explains: ({ problem }) => problem.stride.some((stride) => stride > 1),
  reproductions: [
    {
      pass: "forward",
      descriptor: "mb1_ic1oc1_iw3ow2kw1sw2pw0",
      bias: false,
      data: "dense-exact",
      seed: 1,
      got: "more",
      expected: "less",
    },
  ],
  cause: "made for this test",
  link: "https://example.org/fake.ts",
  script: "process.exit(1);",
};

function sessionOf(impl: FunctionImpl): ContenderSession {
  return new ContenderSession(DESCRIPTION, 1, 10_000, () => new InProcessChannel(CONTENDER.url, [impl]));
}

async function explored(impl: FunctionImpl, knownDefects: readonly KnownDefect[]): Promise<CheckEntry> {
  const exploration = new Exploration({
    contender: CONTENDER,
    session: sessionOf(impl),
    law: agreement,
    pass: "forward",
    seed: 1,
    budgetMs: Infinity,
    data: "dense-exact",
    knownDefects,
    onCase: () => {},
    before: { cases: 0, startedAt: performance.now() },
  });
  await exploration.exploreCases(60);
  return exploration.entry();
}

const strided = convWrongWhere(({ stride }) => stride.some((value) => value > 1));

test("a failure that an entry explains is set aside, and the rest is judged", async () => {
  const without = await explored(strided, []);
  expect(without.status).toBe("failed");
  const entry = await explored(strided, [LEDGER_ENTRY]);
  expect(entry.status).toBe("passed");
  expect(entry.cases).toBeGreaterThan(60);
  expect(entry.reason).toMatch(/^\d+ cases set aside: known defect fake-stride/);
});

test("a failure just outside the predicate is found, and made smaller without a step inside", async () => {
  const wrong = convWrongWhere(({ stride, dilation }) => [...stride, ...dilation].some((value) => value > 1));
  const entry = await explored(wrong, [LEDGER_ENTRY]);
  expect(entry.status).toBe("failed");
  const { problem } = parseDescriptor(entry.failure!.descriptor, false);
  expect(Math.max(...problem.stride)).toBe(1);
  expect(Math.max(...problem.dilation)).toBeGreaterThan(1);
});

test("the reproduction of an entry that shows is a known defect", async () => {
  const entry = await checkDefect(sessionOf(strided), CONTENDER, LEDGER_ENTRY, LEDGER_ENTRY.reproductions[0]!);
  expect(entry).toMatchObject({
    status: "known-defect",
    law: "fake-stride",
    failure: { tensor: "y", index: [0, 0, 0] },
  });
  expect(entry.failure!.rerun).toBe("npm run verify -- --defect fake-stride");
});

test("an entry that does not show any more fails, and so does one that does not explain its own case", async () => {
  const [reproduction] = LEDGER_ENTRY.reproductions;
  const mended = await checkDefect(sessionOf(convWrongWhere(() => false)), CONTENDER, LEDGER_ENTRY, reproduction!);
  expect(mended.status).toBe("failed");
  expect(mended.reason).toContain("does not show any more in version 1.2.3");
  const narrow = await checkDefect(
    sessionOf(strided),
    CONTENDER,
    { ...LEDGER_ENTRY, explains: () => false },
    reproduction!,
  );
  expect(narrow.status).toBe("failed");
});

test("an entry speaks of its contenders, versions and platforms only", () => {
  const at = (version: string): Parameters<typeof defectsOf>[0] => ({
    name: "fake",
    description: { ...DESCRIPTION, version },
  });
  expect(defectsOf(at("1.2.9"), [LEDGER_ENTRY])).toEqual([LEDGER_ENTRY]);
  expect(defectsOf(at("1.20.0"), [LEDGER_ENTRY])).toEqual([]);
  expect(defectsOf(at("1.2.3"), [{ ...LEDGER_ENTRY, versions: ["1.2.3"] }])).toHaveLength(1);
  expect(defectsOf(at("1.2.30"), [{ ...LEDGER_ENTRY, versions: ["1.2.3"] }])).toEqual([]);
  expect(defectsOf({ ...at("1.2.3"), name: "fake:door" }, [LEDGER_ENTRY])).toEqual([]);
  expect(defectsOf(at("1.2.3"), [{ ...LEDGER_ENTRY, platforms: ["linux-x64"] }], "linux-arm64")).toEqual([]);
});

test("an entry explains its passes only", () => {
  const { problem, data } = caseOf(LEDGER_ENTRY.reproductions[0]!);
  expect(explanation([LEDGER_ENTRY], "fake", problem, "forward", data)).toBe("fake-stride");
  expect(explanation([LEDGER_ENTRY], "fake", problem, "backwardData", data)).toBeUndefined();
});

test("an issue text has the script, the smallest problem and what was seen", async () => {
  const entry = await checkDefect(sessionOf(strided), CONTENDER, LEDGER_ENTRY, LEDGER_ENTRY.reproductions[0]!);
  const environment = {
    startedAt: "",
    benchconv: "0",
    node: "v24",
    v8: "",
    os: "linux",
    cpu: "x64",
    cores: 1,
    memoryBytes: 1,
    loadAverage: 0,
  };
  const text = issueText(LEDGER_ENTRY, [entry], environment, "1.2.3");
  for (const part of [
    "process.exit(1);",
    "mb1_ic1oc1_iw3ow2kw1sw2pw0",
    "| fake | forward | shows | y[0, 0, 0] is",
    "made for this test",
  ]) {
    expect(text).toContain(part);
  }
});
