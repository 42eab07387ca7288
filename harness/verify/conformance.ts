import { fileURLToPath } from "node:url";
import { afterAll, describe, test } from "vitest";
import { DATA_KINDS } from "../../suites/data/operands.ts";
import { LAWS } from "../../suites/laws/index.ts";
import type { Law } from "../../suites/laws/law.ts";
import type { CallChannel } from "../runner/channel.ts";
import { InProcessChannel } from "../runner/in-process.ts";
import { implsOfModule } from "../runner/plugin-check.ts";
import { GUARDED_OPERANDS } from "../runner/foreign/memory.ts";
import { ImplementationProcess } from "../runner/process.ts";
import { findImplementations, type Implementation } from "../runner/discovery.ts";
import { nearNames } from "../../core/near-names.ts";
import type { Impl } from "../../core/plugin.ts";
import { PASSES, type Pass } from "../../core/problem.ts";
import type { CheckEntry } from "../../core/record.ts";
import { UsageError } from "../../core/usage-error.ts";
import { conclude } from "./conclusion.ts";
import { Runner } from "./runner.ts";
import { advance, noFindings, type Findings, type Subject } from "./search.ts";
import { firstCases } from "./sources/first-cases.ts";
import { countedCases } from "./sources/counted-cases.ts";
import { mixedCases } from "./sources/mixed-cases.ts";

export interface ConformanceOptions {
  /**
   * Milliseconds of cases in each test, a law in a pass (default 200); a failure is made smaller for up to 5 s more.
   */
  readonly timeMs?: number;
  /** Number of cases in each test after the common problem, however long they take, in place of a time. */
  readonly cases?: number;
  /** Where random choices start (default 1): the same seed draws the same cases. */
  readonly seed?: number;
  /** Only these passes. */
  readonly passes?: readonly Pass[];
  /** Only these laws, by name. */
  readonly laws?: readonly string[];
}

/** An implementation and the way to it. */
interface Candidate {
  readonly implementation: Implementation;
  readonly start: () => CallChannel;
}

const DEFAULT_TIME_MS = 200;
/** Beside its cases a test may make a failure smaller, and wait once for a process that hangs. */
const SLACK_MS = 30_000;

/**
 * Registers a vitest suite that checks a convolution implementation: a test for each law and pass. A failing test shows
 * the smallest problem that was found and fast-check's report; what the implementation does not do is skipped with its
 * reason.
 *
 * An object is checked in this process, where vitest's own timeout cannot end a call that hangs. A plugin file, by its
 * URL or by a path from the working directory, runs in processes of its own under a watchdog.
 * @throws UsageError for an unknown law, and when the file does not load or the object is no implementation.
 */
export function conformance(implOrFile: Impl | URL | string, options: ConformanceOptions = {}): void {
  const laws = chosenLaws(options.laws);
  const passes = PASSES.filter((pass) => options.passes?.includes(pass) ?? true);
  describe(`conformance of ${titleOf(implOrFile)}`, async () => {
    for (const candidate of await candidatesOf(implOrFile)) {
      // oxlint-disable-next-line vitest/valid-title -- it is a string
      describe(candidate.implementation.name, () => {
        defineTests(candidate, laws, passes, options);
      });
    }
  });
}

function defineTests(
  { implementation, start }: Candidate,
  laws: readonly Law[],
  passes: readonly Pass[],
  options: ConformanceOptions,
): void {
  const { seed = 1, timeMs = DEFAULT_TIME_MS, cases } = options;
  const runner = new Runner(implementation.description, 1, start);
  afterAll(() => runner.stop());
  for (const law of laws) {
    for (const pass of passes.filter((name) => law.passes.includes(name))) {
      const limitMs = cases === undefined ? timeMs + SLACK_MS : Infinity;
      // oxlint-disable-next-line vitest/expect-expect -- the law asserts
      test(`${law.name} ${pass}`, { timeout: limitMs === Infinity ? 0 : limitMs }, async ({ skip }) => {
        const { unavailable } = implementation.description;
        if (unavailable !== undefined) skip(unavailable);
        if (!implementation.description.passes.includes(pass)) skip(`it has no ${pass}`);
        const subject = { implementation, runner, law, pass, seed };
        const findings = await searched(subject, { timeMs, cases });
        const { entry } = await conclude(subject, findings);
        if (entry.status === "unsupported") skip(entry.reason);
        if (entry.status !== "passed") throw new Error(describeFailure(entry, findings.found?.report));
      });
    }
  }
}

/** The first cases and those that follow, for a time or a number of the latter. */
async function searched(
  subject: Subject,
  { timeMs, cases }: { readonly timeMs: number; readonly cases: number | undefined },
): Promise<Findings> {
  const context = { ...subject, kinds: DATA_KINDS };
  const deadline = cases === undefined ? performance.now() + timeMs : Infinity;
  const first = await advance(subject, noFindings, firstCases(context), { deadline });
  const mixed = cases === undefined ? mixedCases(context) : countedCases(mixedCases(context), subject.law, cases);
  return advance(subject, first, mixed, { deadline });
}

function describeFailure({ status, reason, failure }: CheckEntry, report: string | undefined): string {
  const lines = [`${status}: ${failure?.message ?? reason ?? ""}`];
  if (failure !== undefined) {
    lines.push(...(failure.picture ?? []), ...(failure.pattern === undefined ? [] : [failure.pattern]));
    lines.push(`problem ${failure.descriptor}, data ${failure.data}, seed ${failure.seed}`);
  }
  return [...lines, ...(report === undefined ? [] : ["", report])].join("\n");
}

async function candidatesOf(implOrFile: Impl | URL | string): Promise<readonly Candidate[]> {
  if (typeof implOrFile === "string" || implOrFile instanceof URL) {
    const path = implOrFile instanceof URL ? fileURLToPath(implOrFile) : implOrFile;
    // A bare name would be looked for among benchconv's own implementations.
    const implementations = await findImplementations([/[\\/]/.test(path) ? path : `./${path}`]);
    return implementations.map((implementation) => ({
      implementation,
      start: () => new ImplementationProcess(implementation.url, 1, undefined, GUARDED_OPERANDS),
    }));
  }
  const impls = implsOfModule({ default: implOrFile });
  const start = (): InProcessChannel => new InProcessChannel("", impls);
  const outcome = await start().request({ verb: "describe" }, SLACK_MS);
  if (outcome.kind !== "answer") throw new UsageError(`${implOrFile.name} does not say what it is: ${outcome.reason}`);
  return outcome.answer.impls.map((description) => ({
    implementation: { name: description.name, url: "", selector: description.name, isNamed: true, description },
    start,
  }));
}

function chosenLaws(names: readonly string[] | undefined): readonly Law[] {
  if (names === undefined) return LAWS;
  return names.map((name) => {
    const law = LAWS.find((candidate) => candidate.name === name);
    if (law !== undefined) return law;
    const known = LAWS.map((candidate) => candidate.name);
    const near = nearNames(name, known);
    const hint = near.length > 0 ? `did you mean ${near.join(" or ")}?` : `known: ${known.join(", ")}`;
    throw new UsageError(`there is no law "${name}"; ${hint}`);
  });
}

function titleOf(implOrFile: Impl | URL | string): string {
  if (implOrFile instanceof URL) return fileURLToPath(implOrFile);
  return typeof implOrFile === "string" ? implOrFile : implOrFile.name;
}
