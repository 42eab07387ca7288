import { expect, test } from "vitest";
import { parseDescriptor } from "../../core/descriptor.ts";
import { generateOperands } from "../../suites/data/operands.ts";
import { checkInThread, drawOperands } from "./large-work.ts";

const declaration = { algorithm: "direct", precision: "float32", arithmetic: "ieee" } as const;
const { problem } = parseDescriptor("mb1ic1ih1536oc2kh1");
const CASE = { problem, pass: "forward", data: "dense-exact", seed: 1 } as const;

test("large operands are those of any process, and their outputs are checked", async () => {
  const { signal } = new AbortController();
  const operands = (await drawOperands(CASE, signal)) ?? {};
  const here = generateOperands(problem, "forward", "dense-exact", 1);
  expect(operands.x?.every((value, index) => value === here.x?.[index])).toBe(true);
  const [first = 0, second = 0] = operands.weights ?? [];
  const { x = new Float32Array(), bias = [] } = operands;
  const y = new Float32Array(2 * x.length);
  y.set(x.map((value) => value * first + (bias[0] ?? 0)));
  y.set(
    x.map((value) => value * second + (bias[1] ?? 0)),
    x.length,
  );
  const again = structuredClone(operands);
  const right = await checkInThread({ ...CASE, operands, outputs: { y }, declaration }, signal);
  expect(right?.verdict.fault).toBeUndefined();
  const outputs = right?.outputs ?? {};
  outputs.y!.fill(7, 12345);
  const wrong = await checkInThread({ ...CASE, operands: again, outputs, declaration }, signal);
  expect(wrong?.verdict.fault).toBeDefined();
});

test("work that is stopped gives nothing, at once", async () => {
  const stopping = new AbortController();
  const drawn = drawOperands({ ...CASE, problem: parseDescriptor("mb64ic64ih224oc64kh3ph1").problem }, stopping.signal);
  stopping.abort();
  expect(await drawn).toBeUndefined();
});
