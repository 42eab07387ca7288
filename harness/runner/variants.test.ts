import { expect, test } from "vitest";
import type { Channel, Outcome } from "./channel.ts";
import { SharedProcess } from "./process.ts";
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
    // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- only this outcome is asked for
    request: async () => outcome as never,
    stop: async () => {
      alive = false;
    },
    endProcess: async () => {
      alive = false;
    },
  };
}

test("a shared process is ended by a WebAssembly trap and not by an ordinary error", async () => {
  const outcomes = ["Error: no such kernel", "RuntimeError: memory access out of bounds"];
  let started = 0;
  const shared = new SharedProcess(() => processOf({ kind: "threw", reason: outcomes[started++] ?? "" }));
  const [first, second] = [shared.channel(), shared.channel()];
  expect(started).toBe(1);
  await first.request({ verb: "run", plan: 0 }, 1000);
  await first.stop();
  expect(second.alive).toBe(true);
  await shared.stop();
  const third = shared.channel();
  expect(started).toBe(2);
  await third.request({ verb: "run", plan: 0 }, 1000);
  expect(third.alive).toBe(false);
});
