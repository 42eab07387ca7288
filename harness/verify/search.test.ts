import { setTimeout as delay } from "node:timers/promises";
import { expect, test } from "vitest";
import naive from "../../impls/naive.ts";
import { agreement } from "../../suites/laws/agreement.ts";
import type { ConvCase, Law } from "../../suites/laws/law.ts";
import { DATA_KINDS } from "../../suites/data/operands.ts";
import { contractRepeatable } from "../../suites/laws/contract-repeatable.ts";
import { sparsityOfInfluence } from "../../suites/laws/sparsity-of-influence.ts";
import { commutativity } from "../../suites/laws/commutativity.ts";
import type { CallChannel, Outcome as Reply } from "../runner/channel.ts";
import { InProcessChannel } from "../runner/in-process.ts";
import type { Request } from "../runner/messages.ts";
import { parseDescriptor } from "../../core/descriptor.ts";
import { PASSES } from "../../core/problem.ts";
import type { AnyTensors } from "../../core/tensors.ts";
import type { CheckEntry } from "../../core/record.ts";
import { interimEntry } from "./conclusion.ts";
import { Runner } from "./runner.ts";
import { advance, noFindings, step, type Subject } from "./search.ts";
import { firstCases } from "./sources/first-cases.ts";
import { countedCases } from "./sources/counted-cases.ts";
import { mixedCases } from "./sources/mixed-cases.ts";
import { randomCases } from "./sources/random-cases.ts";
import type { SourceContext } from "./sources/source.ts";

const description = {
  name: "naive",
  algorithm: "direct",
  precision: "float32",
  arithmetic: "ieee",
  passes: PASSES,
} as const;

function subjectOf(law: Law): Subject {
  const runner = new Runner(description, 1, () => new InProcessChannel("", [naive]));
  return { implementation: { name: "naive", selector: "naive" }, runner, law, pass: "forward", seed: 1 };
}

function contextOf({ law, pass, seed }: Subject): SourceContext {
  return { law, pass, seed, kinds: DATA_KINDS };
}

/** Agreement where `applies` says so, and a list of the cases that were checked. */
function agreementWhere(applies: (convCase: ConvCase) => boolean): { law: Law; checked: ConvCase[] } {
  const checked: ConvCase[] = [];
  const check: Law["check"] = (tools, convCase) => {
    checked.push(convCase);
    return agreement.check(tools, convCase);
  };
  return { law: { ...agreement, applies, check }, checked };
}

/** What a law says after its cases of this time. */
async function searched(law: Law, ms: number): Promise<CheckEntry> {
  const subject = subjectOf(law);
  const options = { deadline: performance.now() + ms };
  return interimEntry(subject, await advance(subject, noFindings, mixedCases(contextOf(subject)), options));
}

test("a case that a law does not speak of is neither checked nor counted", async () => {
  const { law, checked } = agreementWhere(({ data }) => data === "wide-exact");
  const subject = subjectOf(law);
  const options = { deadline: Infinity };
  const first = await advance(subject, noFindings, firstCases(contextOf(subject)), options);
  const counted = countedCases(mixedCases(contextOf(subject)), law, 20);
  const all = await advance(subject, first, counted, options);
  expect(new Set(checked.map(({ data }) => data))).toEqual(new Set(["wide-exact"]));
  expect(interimEntry(subject, all)).toMatchObject({ status: "passed", cases: checked.length });
  expect(all.tally.cases - first.tally.cases).toBe(20);
});

test("a law that speaks of none of the problems says so", async () => {
  const { law, checked } = agreementWhere(() => false);
  const { status, cases, reason } = await searched(law, 50);
  expect(checked).toEqual([]);
  expect([status, cases]).toEqual(["unsupported", 0]);
  expect(reason).toContain("does not speak");
});

test("a law that has no time left checks until one case tells something", async () => {
  const { law, checked } = agreementWhere(() => true);
  const entry = await searched(law, 0);
  expect(checked.length).toBeGreaterThanOrEqual(1);
  expect(entry).toMatchObject({ status: "passed", cases: checked.length });
});

test("the cases of a law come in an order of the law's own, the same each time", async () => {
  const orderOf = async (name: string): Promise<string[]> => {
    const { law, checked } = agreementWhere(({ data }) => data === "dense-exact" && checked.length < 12);
    await searched({ ...law, name }, 300);
    return checked.slice(0, 4).map(({ problem }) => JSON.stringify(problem));
  };
  const first = await orderOf("one");
  expect(await orderOf("one")).toEqual(first);
  expect(await orderOf("another")).not.toEqual(first);
});

test("a source that was paused for lack of time goes on with the very next case", async () => {
  const checked: ConvCase[] = [];
  const slow: Law = {
    ...agreement,
    check: async (_, convCase) => {
      checked.push(convCase);
      await delay(3);
      return { margin: 0, elements: 1, tellingElements: 1 };
    },
  };
  const subject = subjectOf(slow);
  const source = randomCases(contextOf(subject));
  const paused = await advance(subject, noFindings, source, { deadline: performance.now() + 20 });
  const before = checked.length;
  const resumed = await advance(subject, paused, source, { deadline: Infinity, most: 16 });
  expect(before).toBeGreaterThan(0);
  expect(resumed.tally.cases).toBe(before + 16);
  const whole = await Array.fromAsync(countedCases(randomCases(contextOf(subject)), slow, before + 16));
  expect(checked).toEqual(whole.map((proposal) => proposal.kind === "check" && proposal.convCase));
});

test("a defect of the harness surfaces, on a large problem that is given as on any other", async () => {
  const broken: Law = {
    ...agreement,
    check: () => Promise.reject(new TypeError("a defect of the harness")),
  };
  const subject = subjectOf(broken);
  for (const [descriptor, limits] of [
    ["mb2ic32ih17oc16kh3ph1", { limitMs: 1000 }],
    ["ic1ih3oc1kh3", {}],
  ] as const) {
    const { problem } = parseDescriptor(descriptor, false);
    const convCase = { problem, pass: "forward", data: "real", seed: 1 } as const;
    await expect(step(subject, noFindings, { kind: "check", convCase, ...limits })).rejects.toThrow(
      new TypeError("a defect of the harness"),
    );
  }
});

/** The way to an implementation that never answers `run`, be it in a call or a request of its own. */
function hangingChannel(): CallChannel {
  const inner = new InProcessChannel("", [naive]);
  return {
    alive: true,
    request: <R extends Request>(request: R, limitMs: number, tensors?: AnyTensors): Promise<Reply<R["verb"]>> =>
      request.verb === "run"
        ? Promise.resolve({ kind: "timed-out", reason: "no answer" })
        : inner.request(request, limitMs, tensors),
    calls: async ({ calls }) =>
      calls.map((_, index) => (index === 0 ? { kind: "timed-out", reason: "no answer" } : { kind: "not-run" })),
    stop: async () => {},
    endProcess: async () => {},
  };
}

test("a large given problem that outlasts its time is left out; a small case that does has timed out", async () => {
  const subject: Subject = { ...subjectOf(agreement), runner: new Runner(description, 1, hangingChannel) };
  const large = parseDescriptor('mb2ic32ih17oc16kh3ph1n"large"', false).problem;
  const small = parseDescriptor("ic1ih3oc1kh3", false).problem;
  const check = { kind: "check", convCase: { problem: large, pass: "forward", data: "real", seed: 1 } } as const;
  const outlasted = await step(subject, noFindings, { ...check, limitMs: 1000 });
  expect(outlasted.found).toBeUndefined();
  expect(interimEntry(subject, outlasted)).toMatchObject({ cases: 0, leftOut: ["large"] });
  const hung = await step(subject, outlasted, { ...check, convCase: { ...check.convCase, problem: small } });
  expect(interimEntry(subject, hung)).toMatchObject({ status: "timed-out", cases: 1, reason: "no answer" });
});

test("a law whose other side would cost too much is left out, and says so", async () => {
  const subject = subjectOf(commutativity);
  const { problem } = parseDescriptor("g1mb1_ic1oc1_ih128kh1", false);
  const convCase = { problem, pass: "forward", data: "real", seed: 1 } as const;
  const { status, reason } = interimEntry(subject, await step(subject, noFindings, { kind: "check", convCase }));
  expect(status).toBe("unsupported");
  expect(reason).toBe("too large for the law, which would run more than 200,000 multiply-adds at once");
});

test("past the end of its time a search takes nothing more; when time is up, one case that tells", async () => {
  const casesOf = async (law: Law, endsAt: number): Promise<CheckEntry> => {
    const subject = subjectOf(law);
    subject.runner.endBy(endsAt);
    return interimEntry(subject, await advance(subject, noFindings, mixedCases(contextOf(subject)), { deadline: 0 }));
  };
  for (const law of [agreement, commutativity]) {
    expect(await casesOf(law, 0)).toMatchObject({ cases: 0 });
    expect(await casesOf(law, Infinity)).toMatchObject({ status: "passed", cases: 1 });
  }
});

test("past the end of its time a law of many calls ends between them, and nobody is accused", async () => {
  const subject = subjectOf(contractRepeatable);
  const { problem } = parseDescriptor("ic1ih3oc1kh3", false);
  const convCase = { problem, pass: "forward", data: "real", seed: 1 } as const;
  subject.runner.endBy(0);
  const findings = await step(subject, noFindings, { kind: "check", convCase });
  expect(findings.found).toBeUndefined();
  expect(findings.tally.cases).toBe(0);
});

test("a law with nothing to say of a problem, whose unread elements change nothing, accuses nobody", async () => {
  const { problem } = parseDescriptor("g1mb1_ic1oc1_ih4oh2kh1sh1dh0ph0_iw1ow2kw1sw1dw0pw0", false);
  const statuses = new Set<string>();
  for (const pass of PASSES) {
    for (let seed = 1; seed <= 12; seed++) {
      const subject: Subject = { ...subjectOf(sparsityOfInfluence), pass, seed };
      const convCase = { problem, pass, data: "real", seed } as const;
      statuses.add(interimEntry(subject, await step(subject, noFindings, { kind: "check", convCase })).status);
    }
  }
  expect(statuses).toEqual(new Set(["passed", "unsupported"]));
});
