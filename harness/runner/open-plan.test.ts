import { expect, test } from "vitest";
import { parseDescriptor } from "../../core/descriptor.ts";
import type { PlanImpl } from "../../core/plugin.ts";
import { InProcessChannel } from "./in-process.ts";
import type { Answers, Verb } from "./messages.ts";
import type { Outcome } from "./channel.ts";

const { problem } = parseDescriptor("mb1ic1oc1ih1kh1", false);
const SETTINGS = { timeMs: 1, minSamples: 2, warmUpMs: 0, sets: [0, 1] };

function answered<V extends Verb>(outcome: Outcome<V>): Answers[V] {
  if (outcome.kind !== "answer") throw new Error(outcome.reason);
  return outcome.answer;
}

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
  const { lastSet, samplesMs } = answered(await channel.request({ verb: "sample", plan: 2, settings: SETTINGS }, 1000));
  expect(runs.slice(0, 8)).toEqual(["forward", "backwardData", "waited", "forward", ...runs.slice(0, 4)]);
  expect(runs.length % 4).toBe(0);
  expect(samplesMs.length).toBeGreaterThan(0);
  for (const [plan, name] of [
    [0, "y"],
    [1, "dx"],
  ] as const) {
    const read = await channel.request({ verb: "read", plan, poison: "nan" }, 1000);
    if (read.kind !== "answer") throw new Error(read.reason);
    expect(read.tensors[name]).toEqual(Float32Array.of(lastSet === 0 ? 1 : 7));
    expect(read.answer.touched).toEqual([]);
  }
  answered(await channel.request({ verb: "close", plan: 2 }, 1000));
  const closed = await channel.request({ verb: "sample", plan: 2, settings: SETTINGS }, 1000);
  expect(closed).toMatchObject({ kind: "threw", reason: "Error: plan 2 is not open" });
});
