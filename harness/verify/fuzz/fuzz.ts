/** Plugins of a grammar, one after another, each with a verdict that somebody can read. */
import fc from "fast-check";
import { parseDescriptor } from "../../../core/descriptor.ts";
import type { ConvProblem } from "../../../core/problem.ts";
import { encodeReadableRecord } from "../../../core/record-file.ts";
import { RECORD_SCHEMA, type CheckEntry } from "../../../core/record.ts";
import { agreement } from "../../../suites/laws/agreement.ts";
import { contractOperands } from "../../../suites/laws/contract-operands.ts";
import { DATA_KINDS } from "../../../suites/data/operands.ts";
import { InProcessChannel } from "../../runner/in-process.ts";
import { environment } from "../../runner/machine.ts";
import { implEntry } from "../../runner/impl-entry.ts";
import type { ImplDescription } from "../../runner/messages.ts";
import { implsOfModule } from "../../runner/plugin-check.ts";
import { check } from "../check.ts";
import { counterexampleOf, faultOf } from "../outcome.ts";
import { Runner } from "../runner.ts";
import { add, emptyTally, entryOf } from "../tally.ts";
import { drawnPlugin, type DrawnPlugin } from "./plugin-grammar.ts";

/** How many plugins ended how. */
export type Ends = Readonly<Partial<Record<"refused" | CheckEntry["status"], number>>>;

const PROBLEMS: readonly ConvProblem[] = ["mb2ic2ih3oc3kh2ph1", "g2mb1ic4ih4oc2kh3sh2ph1", "mb1ic1ih5oc2kh1"].map(
  (descriptor, at) => ({ ...parseDescriptor(descriptor).problem, bias: at !== 1 }),
);
const LIMITS = { limitMs: Infinity };
/** What a plugin says of itself is one line, no longer than this many characters. */
const LONGEST_LINE = 3000;

/**
 * Loads and checks drawn plugins. Rejects where the harness throws, a record would be unreadable, a message is no line,
 * or an output that takes no convolution passes.
 */
export async function fuzzPlugins(count: number, seed: number): Promise<Ends> {
  const ends = new Map<keyof Ends, number>();
  const property = fc.asyncProperty(drawnPlugin, fc.nat({ max: 1000 }), async (plugin, caseSeed) => {
    const end = await endOf(plugin, caseSeed);
    ends.set(end, (ends.get(end) ?? 0) + 1);
  });
  await fc.assert(property, { numRuns: count, seed });
  return Object.fromEntries(ends);
}

async function endOf({ filling, exported }: DrawnPlugin, seed: number): Promise<keyof Ends> {
  const impls = loaded(exported);
  if (impls === undefined) return "refused";
  const described = await new InProcessChannel("", impls).request({ verb: "describe" }, Infinity);
  if (described.kind !== "answer") return "refused";
  const [description] = described.answer.impls;
  if (description === undefined) throw new Error("a plugin without an implementation was taken");
  if (description.unavailable !== undefined) {
    assertReadable(description, []);
    return "unavailable";
  }
  const runner = new Runner(description, 1, () => new InProcessChannel("", impls));
  const entries = [await entryBy(runner, agreement, seed), await entryBy(runner, contractOperands, seed)];
  assertReadable(description, entries);
  const [{ status, reason }] = [entries[0]!];
  if (status === "passed" && filling !== "right")
    throw new Error(`${filling} passed: ${JSON.stringify(description)} ${reason ?? ""}`);
  return status;
}

function loaded(exported: unknown): ReturnType<typeof implsOfModule> | undefined {
  try {
    return implsOfModule({ default: exported });
  } catch (error) {
    // The child's own text of it is what is seen.
    if (error instanceof Error && error.message.length > LONGEST_LINE) throw error;
    return undefined;
  }
}

async function entryBy(runner: Runner, law: typeof agreement, seed: number): Promise<CheckEntry> {
  const about = { impl: runner.description.name, law: law.name, pass: "forward", isInterrupted: false } as const;
  let tally = emptyTally;
  for (const [at, data] of DATA_KINDS.entries()) {
    const problem = PROBLEMS[(seed + at) % PROBLEMS.length]!;
    const convCase = { problem, pass: "forward", data, seed: seed + at } as const;
    const outcome = await check(runner, law, convCase, LIMITS);
    tally = add(tally, outcome);
    const counterexample = counterexampleOf(outcome);
    if (counterexample === undefined) continue;
    const { message, element } = faultOf(counterexample);
    const failure = { descriptor: "", seed, data, ...element, message, rerun: "" };
    return entryOf(tally, { ...about, failed: { status: counterexample.kind, reason: message, failure } });
  }
  return entryOf(tally, about);
}

function assertReadable(description: ImplDescription, checks: readonly CheckEntry[]): void {
  const impls = [implEntry({ name: description.name, description })];
  const text = encodeReadableRecord({
    schema: RECORD_SCHEMA,
    environment: ENVIRONMENT,
    command: "fuzz",
    impls,
    checks,
    timings: [],
  });
  if (text.length > 20 * LONGEST_LINE) throw new Error(`a record of ${text.length} characters`);
}

const ENVIRONMENT = environment();
