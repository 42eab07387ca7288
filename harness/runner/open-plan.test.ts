import { expect, test } from "vitest";
import { parseDescriptor } from "../../core/descriptor.ts";
import type { FunctionImpl, Impl, Plan, PlanImpl } from "../../core/plugin.ts";
import { InProcessChannel } from "./in-process.ts";
import type { Answers, Verb } from "./messages.ts";
import type { Outcome } from "./channel.ts";

const { problem } = parseDescriptor("mb1ic1oc1ih1kh1", false);
const SETTINGS = { timeMs: 1, minSamples: 2, warmUpMs: 0, sets: [0, 1] };

function answered<V extends Verb>(outcome: Outcome<V>): Answers[V] {
  if (outcome.kind !== "answer") throw new Error(outcome.reason);
  return outcome.answer;
}

/** A plan of one product, whose load, run and read are noted, and what it was loaded with. */
function noting(events: string[], late?: (y: Float32Array) => void): PlanImpl {
  return {
    name: "notes",
    plan: () => {
      let [given, result] = [0, 0];
      return {
        load: ({ x }) => void events.push(`load ${(given = x?.[0] ?? 0)}`),
        run: () => void (result = given),
        read: ({ y }) => {
          events.push("read");
          y?.fill(result);
          if (y !== undefined) late?.(y);
        },
      };
    },
  };
}

async function opened(impl: Impl): Promise<InProcessChannel> {
  const channel = new InProcessChannel("", [impl]);
  const open = { verb: "open", plan: 0, impl: impl.name, problem, pass: "forward", threads: 1 } as const;
  answered(await channel.request(open, 1000));
  const operands = { x: Float32Array.of(3), weights: Float32Array.of(1) };
  answered(await channel.request({ verb: "store", plan: 0, set: 0 }, 1000, operands));
  return channel;
}

test("fresh calls load changed operands, each from arrays of its own, run and read; all outputs are kept", async () => {
  const events: string[] = [];
  const channel = await opened(noting(events));
  // One element has two signs: a change of a few elements turns it.
  const settings = { set: 0, operand: "x", changes: [2, 4, 6] } as const;
  const fresh = answered(await channel.request({ verb: "fresh", plan: 0, settings }, 1000));
  expect(fresh.calls).toHaveLength(3);
  expect([fresh.copies.length, fresh.empties.length]).toEqual([4, 4]);
  expect(events).toEqual(["load -3", "read", "load -3", "read", "load -3", "read"]);
  for (const call of [2, 0]) {
    const outputs = await channel.request({ verb: "fresh-outputs", plan: 0, call }, 1000);
    expect(outputs).toMatchObject({ answer: { touched: [] }, tensors: { y: Float32Array.of(-3) } });
  }
  expect(await channel.request({ verb: "fresh-outputs", plan: 0, call: 3 }, 1000)).toMatchObject({ kind: "threw" });
});

test("a fresh call's time has what a run leaves to a microtask, and its outputs not what it leaves to a timer", async () => {
  const impl = (later: (work: () => void) => void): FunctionImpl => ({
    name: "later",
    forward: (_, x, __, ___, y) =>
      later(() => {
        for (const until = performance.now() + 20; performance.now() < until;);
        y[0] = x[0] ?? 0;
      }),
  });
  const settings = { set: 0, operand: "x", changes: [2] } as const;
  const soon = await opened(impl((work) => void Promise.resolve().then(work)));
  const { calls } = answered(await soon.request({ verb: "fresh", plan: 0, settings }, 1000));
  expect(calls[0]?.runMs).toBeGreaterThanOrEqual(19);
  const late = await opened(impl((work) => void setTimeout(work, 0)));
  answered(await late.request({ verb: "fresh", plan: 0, settings }, 1000));
  const outputs = await late.request({ verb: "fresh-outputs", plan: 0, call: 0 }, 1000);
  expect(outputs).toMatchObject({ tensors: { y: Float32Array.of(NaN) } });
});

test("what a sample kept is read, whatever runs after it; a later write into it is told", async () => {
  const written: Float32Array[] = [];
  const channel = await opened(noting([], (y) => void written.push(y)));
  const changing = { operand: "x", seed: 1, first: 2, sampled: 3, fresh: 4 } as const;
  const settings = { ...SETTINGS, sets: [0, 0], changing };
  const { checked } = answered(await channel.request({ verb: "sample", plan: 0, settings }, 1000));
  expect(checked).toEqual({ set: 0, change: 3 });
  for (const y of written) y.fill(8);
  const read = await channel.request({ verb: "read", plan: 0, poison: "nan" }, 1000);
  if (read.kind !== "answer") throw new Error(read.reason);
  expect(read.tensors.y).toEqual(Float32Array.of(-3));
  expect(read.answer.touched).toEqual(["wrote into its output y after it was read"]);
});

const GIVEN_AGAIN = "gave the outputs of the call before it again, which had other operands";
test.each([
  ["computes", 1000, () => true, []],
  ["leaves out one", 1000, (call: number) => call % 4 !== 2, [GIVEN_AGAIN]],
  // Of so few elements another change may make the same.
  ["has one operand", 1, () => true, []],
] as const)("a plan of long calls that %s is told of", async (_, elements, isComputed, touched) => {
  const plan = (): Plan => {
    let calls = 0;
    const [given, result] = [new Float32Array(elements), new Float32Array(elements)];
    return {
      load: ({ x }) => given.set(x ?? []),
      run() {
        const endMs = performance.now() + 50;
        while (performance.now() < endMs);
        if (isComputed(calls++)) result.set(given);
      },
      read: ({ y }) => y?.set(result),
    };
  };
  const channel = new InProcessChannel("", [{ name: "long", plan }]);
  const row = parseDescriptor(`mb1ic1oc1iw${elements}kw1`, false).problem;
  const open = { verb: "open", plan: 0, impl: "long", problem: row, pass: "forward", threads: 1 } as const;
  answered(await channel.request(open, 1000));
  const operands = { x: Float32Array.from({ length: elements }, (_, i) => i + 1), weights: Float32Array.of(1) };
  answered(await channel.request({ verb: "store", plan: 0, set: 0 }, 1000, operands));
  const changing = { operand: "x", seed: 1, first: 2, sampled: 3, fresh: 5 } as const;
  const settings = { ...SETTINGS, timeMs: 150, sets: [0, 0], changing };
  answered(await channel.request({ verb: "sample", plan: 0, settings }, 10_000));
  const read = answered(await channel.request({ verb: "read", plan: 0, poison: "nan" }, 1000));
  expect(read.touched).toEqual(touched);
});

test("what copying takes is told of a plan, and not of a function", async () => {
  const copiesOf = async (channel: InProcessChannel): Promise<number> =>
    answered(await channel.request({ verb: "copy", plan: 0, set: 0 }, 1000)).copies.length;
  expect(await copiesOf(await opened(noting([])))).toBe(4);
  expect(await copiesOf(await opened({ name: "function", forward() {} }))).toBe(0);
});

test("a sequence runs its plans in order, repeated ones too, awaits the asynchronous, and keeps results", async () => {
  const runs: string[] = [];
  const impl: PlanImpl = {
    name: "counts",
    plan: (_, pass) => {
      let given = 0;
      return {
        load: ({ x, dy }) => void (given = x?.[0] ?? dy?.[0] ?? 0),
        run: () => {
          runs.push(pass);
          return pass === "forward" ? undefined : Promise.resolve().then(() => void runs.push("waited"));
        },
        read: ({ y, dx }) => void (y ?? dx)?.fill(given),
      };
    },
  };
  const channel = new InProcessChannel("", [impl]);
  const one = Float32Array.of(1);
  for (const [plan, pass, name] of [
    [0, "forward", "x"],
    [1, "backwardData", "dy"],
  ] as const) {
    answered(await channel.request({ verb: "open", plan, impl: "counts", problem, pass, threads: 1 }, 1000));
    await channel.request({ verb: "store", plan, set: 0 }, 1000, { [name]: one, weights: one });
    await channel.request({ verb: "store", plan, set: 1, base: 0 }, 1000, { [name]: Float32Array.of(7) });
  }
  answered(await channel.request({ verb: "open-sequence", plan: 2, plans: [0, 1, 0] }, 1000));
  const { loaded, samplesMs } = answered(await channel.request({ verb: "sample", plan: 2, settings: SETTINGS }, 1000));
  expect(runs.slice(0, 8)).toEqual(["forward", "backwardData", "waited", "forward", ...runs.slice(0, 4)]);
  expect(runs.length % 4).toBe(0);
  expect(samplesMs.length).toBeGreaterThan(0);
  for (const [plan, name] of [
    [0, "y"],
    [1, "dx"],
  ] as const) {
    const read = await channel.request({ verb: "read", plan, poison: "nan" }, 1000);
    if (read.kind !== "answer") throw new Error(read.reason);
    expect(read.tensors[name]).toEqual(Float32Array.of(loaded.set === 0 ? 1 : 7));
    expect(read.answer.touched).toEqual([]);
  }
  answered(await channel.request({ verb: "close", plan: 2 }, 1000));
  const closed = await channel.request({ verb: "sample", plan: 2, settings: SETTINGS }, 1000);
  expect(closed).toMatchObject({ kind: "threw", reason: "Error: plan 2 is not open" });
});
