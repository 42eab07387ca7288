import { expect, test } from "vitest";
import { parseDescriptor } from "../../core/descriptor.ts";
import type { CallChannel } from "./channel.ts";
import { SharedProcess } from "./shared-process.ts";
import { findImplementations } from "./discovery.ts";

const CALL = {
  problem: parseDescriptor("mb1ic1oc1ih1kh1", false).problem,
  pass: "forward",
  threads: 1,
  poison: "nan",
} as const;

const namesOf = async (selector: string): Promise<readonly string[]> =>
  (await findImplementations([selector])).map(({ name }) => name);

test("a library's name means it alone, a glob after the colon its variants", async () => {
  expect(await namesOf("onnxruntime")).toEqual(["onnxruntime"]);
  expect(await namesOf("onnx*")).toEqual([
    "onnxruntime",
    "onnxruntime-cuda",
    "onnxruntime-web",
    "onnxruntime-web-webgpu",
    "onnxruntime-webgpu",
  ]);
  expect(await namesOf("onnxruntime:same-upper")).toEqual(["onnxruntime:same-upper"]);
  expect(await namesOf("onnxruntime:same-{upper,lower}")).toEqual(["onnxruntime:same-upper", "onnxruntime:same-lower"]);
}, 30_000);

/** A process in which every call throws. */
function processThat(throws: string): CallChannel {
  let alive = true;
  const end = async (): Promise<void> => {
    alive = false;
  };
  return {
    get alive() {
      return alive;
    },
    request: async () => ({ kind: "threw", reason: throws }),
    calls: async ({ calls }) => calls.map(() => ({ kind: "threw", step: "run", error: throws, runMs: null })),
    stop: end,
    endProcess: end,
  };
}

const RUNS = {
  "a request": (channel: CallChannel) => channel.request({ verb: "run", plan: 0 }, 1000),
  "a call": (channel: CallChannel) => channel.calls({ verb: "calls", impl: "", calls: [CALL] }, 1000, []),
} as const;

test.each(["a request", "a call"] as const)(
  "a shared process is ended by a WebAssembly trap of %s and not by an ordinary error",
  async (what) => {
    const errors = ["Error: no such kernel", "RuntimeError: memory access out of bounds"];
    let started = 0;
    const shared = new SharedProcess(() => processThat(errors[started++] ?? ""));
    const [first, second] = [shared.channel(), shared.channel()];
    expect(started).toBe(1);
    await RUNS[what](first);
    await first.stop();
    expect(second.alive).toBe(true);
    await shared.stop();
    const third = shared.channel();
    expect(started).toBe(2);
    await RUNS[what](third);
    expect(third.alive).toBe(false);
  },
);
