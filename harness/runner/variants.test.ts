import { expect, test } from "vitest";
import type { Channel, Outcome } from "./channel.ts";
import { FamilyProcess } from "./family-process.ts";
import { findImplementations } from "./discovery.ts";

const namesOf = async (selector: string): Promise<readonly string[]> =>
  (await findImplementations([selector])).map(({ name }) => name);

test("a library's name means it alone, a glob after the colon its variants", async () => {
  expect(await namesOf("onnxruntime")).toEqual(["onnxruntime"]);
  expect(await namesOf("onnx*")).toEqual(["onnxruntime", "onnxruntime-cuda", "onnxruntime-web", "onnxruntime-webgpu"]);
  expect(await namesOf("onnxruntime:same-upper")).toEqual(["onnxruntime:same-upper"]);
  expect(await namesOf("onnxruntime:same-{upper,lower}")).toEqual(["onnxruntime:same-upper", "onnxruntime:same-lower"]);
}, 30_000);

/** A process that answers every request the same. */
function processOf(outcome: Outcome<"run">): Channel {
  let alive = true;
  return {
    get alive() {
      return alive;
    },
    request: async () => outcome as never, // oxlint-disable-line typescript/no-unsafe-type-assertion -- only this outcome is asked for
    stop: async () => {
      alive = false;
    },
    endProcess: async () => {
      alive = false;
    },
  };
}

test("a family shares one process, which a WebAssembly trap ends and an ordinary error does not", async () => {
  const outcomes = ["Error: no such kernel", "RuntimeError: memory access out of bounds"];
  let started = 0;
  const family = new FamilyProcess(() => processOf({ kind: "threw", reason: outcomes[started++] ?? "" }));
  const [first, second] = [family.channel(), family.channel()];
  expect(started).toBe(1);
  await first.request({ verb: "run", plan: 0 }, 1000);
  await first.stop();
  expect(second.alive).toBe(true);
  await family.stop();
  const third = family.channel();
  expect(started).toBe(2);
  await third.request({ verb: "run", plan: 0 }, 1000);
  expect(third.alive).toBe(false);
});
