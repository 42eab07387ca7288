import { expect, test } from "vitest";
import type { ExpectedFailure } from "../../suites/expected-failures/expected-failure.ts";
import { agreement } from "../../suites/laws/agreement.ts";
import { forward } from "../../reference/index.ts";
import { InProcessChannel } from "../runner/in-process.ts";
import type { ImplDescription } from "../runner/messages.ts";
import type { Implementation } from "../runner/discovery.ts";
import { parseDescriptor } from "../../core/descriptor.ts";
import type { FunctionImpl } from "../../core/plugin.ts";
import type { ConvProblem } from "../../core/problem.ts";
import type { CheckEntry } from "../../core/record.ts";
import { issueText } from "./issue-text.ts";
import { caseOf, checkDefect, defectsOf, expectedFailuresOf, explanation } from "./expected-failures.ts";
import { interimEntry } from "./conclusion.ts";
import { Runner, type ExpectedFailureOf } from "./runner.ts";
import { advance, noFindings } from "./search.ts";
import { firstCases } from "./sources/first-cases.ts";
import { countedCases } from "./sources/counted-cases.ts";
import { randomCases } from "./sources/random-cases.ts";

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
const IMPLEMENTATION: Implementation = {
  name: "fake",
  url: "file:///fake.ts",
  selector: "fake",
  isNamed: true,
  description: DESCRIPTION,
};

/** Wrong under a stride. */
const EXPECTED_FAILURE: ExpectedFailure = {
  id: "fake-stride",
  title: "a stride spoils the first element",
  packageName: "fake",
  versions: ["1.2."],
  implementations: { fake: ["forward"] },
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

function runnerOf(impl: FunctionImpl, expected?: ExpectedFailureOf): Runner {
  return new Runner(DESCRIPTION, 1, () => new InProcessChannel(IMPLEMENTATION.url, [impl]), expected);
}

async function searched(impl: FunctionImpl, expectedFailures: readonly ExpectedFailure[]): Promise<CheckEntry> {
  const runner = runnerOf(impl, expectedFailuresOf(IMPLEMENTATION, expectedFailures));
  const subject = { implementation: IMPLEMENTATION, runner, law: agreement, pass: "forward", seed: 1 } as const;
  const context = { ...subject, kinds: ["dense-exact"] } as const;
  const options = { deadline: Infinity };
  const first = await advance(subject, noFindings, firstCases(context), options);
  return interimEntry(
    subject,
    await advance(subject, first, countedCases(randomCases(context), agreement, 600), options),
  );
}

const strided = convWrongWhere(({ stride }) => stride.some((value) => value > 1));

test("a failure that an entry explains is set aside, and the rest is checked", async () => {
  const without = await searched(strided, []);
  expect(without.status).toBe("failed");
  const entry = await searched(strided, [EXPECTED_FAILURE]);
  expect(entry.status).toBe("passed");
  expect(entry.cases).toBeGreaterThan(40);
  expect(entry.reason).toMatch(/^\d+ cases set aside: known defect fake-stride/);
});

test("a failure just outside the predicate is found, and made smaller without a step inside", async () => {
  const wrong = convWrongWhere(({ stride, dilation }) => [...stride, ...dilation].some((value) => value > 1));
  const entry = await searched(wrong, [EXPECTED_FAILURE]);
  expect(entry.status).toBe("failed");
  const { problem } = parseDescriptor(entry.failure!.descriptor, false);
  expect(Math.max(...problem.stride)).toBe(1);
  expect(Math.max(...problem.dilation)).toBeGreaterThan(1);
});

test("the reproduction of an entry that shows is a known defect", async () => {
  const entry = await checkDefect(
    runnerOf(strided),
    IMPLEMENTATION,
    EXPECTED_FAILURE,
    EXPECTED_FAILURE.reproductions[0]!,
  );
  expect(entry).toMatchObject({
    status: "known-defect",
    law: "fake-stride",
    failure: { tensor: "y", index: [0, 0, 0] },
  });
  expect(entry.failure!.rerun).toBe("npm run expected-failure -- fake-stride");
});

test("an entry that does not show any more fails, and so does one that does not explain its own case", async () => {
  const [reproduction] = EXPECTED_FAILURE.reproductions;
  const mended = await checkDefect(
    runnerOf(convWrongWhere(() => false)),
    IMPLEMENTATION,
    EXPECTED_FAILURE,
    reproduction!,
  );
  expect(mended.status).toBe("failed");
  expect(mended.reason).toContain("does not show any more in version 1.2.3");
  const narrow = await checkDefect(
    runnerOf(strided),
    IMPLEMENTATION,
    { ...EXPECTED_FAILURE, explains: () => false },
    reproduction!,
  );
  expect(narrow.status).toBe("failed");
});

test("an entry speaks of its implementations, versions and platforms only", () => {
  const at = (version: string): Parameters<typeof defectsOf>[0] => ({
    name: "fake",
    description: { ...DESCRIPTION, version },
  });
  expect(defectsOf(at("1.2.9"), [EXPECTED_FAILURE])).toEqual([EXPECTED_FAILURE]);
  expect(defectsOf(at("1.20.0"), [EXPECTED_FAILURE])).toEqual([]);
  expect(defectsOf(at("1.2.3"), [{ ...EXPECTED_FAILURE, versions: ["1.2.3"] }])).toHaveLength(1);
  expect(defectsOf(at("1.2.30"), [{ ...EXPECTED_FAILURE, versions: ["1.2.3"] }])).toEqual([]);
  expect(defectsOf({ ...at("1.2.3"), name: "fake:variant" }, [EXPECTED_FAILURE])).toEqual([]);
  expect(defectsOf(at("1.2.3"), [{ ...EXPECTED_FAILURE, platforms: ["linux-x64"] }], "linux-arm64")).toEqual([]);
});

test("an entry explains its passes only", () => {
  const { problem, data } = caseOf(EXPECTED_FAILURE.reproductions[0]!);
  expect(explanation([EXPECTED_FAILURE], "fake", problem, "forward", data)).toBe("fake-stride");
  expect(explanation([EXPECTED_FAILURE], "fake", problem, "backwardData", data)).toBeUndefined();
});

test("an issue text has the script, the smallest problem and what was seen", async () => {
  const entry = await checkDefect(
    runnerOf(strided),
    IMPLEMENTATION,
    EXPECTED_FAILURE,
    EXPECTED_FAILURE.reproductions[0]!,
  );
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
  const text = issueText(EXPECTED_FAILURE, [entry], environment, "1.2.3");
  for (const part of [
    "process.exit(1);",
    "mb1_ic1oc1_iw3ow2kw1sw2pw0",
    "| fake | forward | shows | y[0, 0, 0] is",
    "made for this test",
  ]) {
    expect(text).toContain(part);
  }
});
