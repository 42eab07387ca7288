import { float32Tensors } from "../../../../core/tensors.ts";
import { expect, test } from "vitest";
import { parseDescriptor } from "../../../../core/descriptor.ts";
import { InProcessChannel } from "../../../runner/in-process.ts";
import { generateOperands } from "../../../../suites/data/operands.ts";
import { checkOutputs } from "../../../check/convolution-check.ts";
import ways from "./neutral-ways.ts";

test.for(ways)("$name computes rightly: what is compared is the clock", async (way) => {
  const { problem } = parseDescriptor("mb1ic3ih7oc4kh3ph1sh2", false);
  const operands = generateOperands(problem, "forward", "dense-exact", 1);
  const channel = new InProcessChannel("", [way]);
  await channel.request({ verb: "open", plan: 0, impl: way.name, problem, pass: "forward", threads: 1 }, 1000);
  await channel.request({ verb: "store", plan: 0, set: 0 }, 1000, operands);
  await channel.request({ verb: "load", plan: 0, set: 0, poison: "nan" }, 1000);
  await channel.request({ verb: "run", plan: 0 }, 1000);
  const read = await channel.request({ verb: "read", plan: 0, poison: "nan" }, 1000);
  if (read.kind !== "answer") throw new Error(read.reason);
  const declaration = { algorithm: "direct", precision: "float32", arithmetic: "ieee" } as const;
  expect(
    checkOutputs(problem, "forward", operands, float32Tensors(read.tensors), declaration, 1).fault,
  ).toBeUndefined();
});
