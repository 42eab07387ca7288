import { expect, test } from "vitest";
import { FIELD_LAYERS } from "../../suites/problems/field-layers.ts";
import { InProcessChannel } from "../runner/in-process.ts";
import { fieldShare } from "./field-share.ts";
import { Runner } from "./runner.ts";

test("of an implementation that declines problems, the layers of the field that it does are counted", async () => {
  const one = {
    name: "one",
    forward: () => {},
    unsupported: ({ kernel }: { readonly kernel: readonly number[] }) =>
      kernel.every((extent) => extent === 1) ? undefined : "only kernels of 1",
  };
  const channel = new InProcessChannel("file:///one.ts", [one]);
  const described = await channel.request({ verb: "describe" }, Infinity);
  if (described.kind !== "answer") throw new Error("it does not describe itself");
  const runner = new Runner(described.answer.impls[0]!, 1, () => channel);
  const { supported, asked } = await fieldShare(runner, "forward", 60_000);
  expect(asked).toBe(FIELD_LAYERS.length);
  expect(supported).toBe(FIELD_LAYERS.filter(({ kernel }) => kernel.every((extent) => extent === 1)).length);
  expect(supported).toBeGreaterThan(0);
});
