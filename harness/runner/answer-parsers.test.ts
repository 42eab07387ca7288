import { expect, test } from "vitest";
import { parseDescriptor } from "../../core/descriptor.ts";
import { ask, askCalls, type Exchanged, type Outcome, type Transport } from "./channel.ts";
import { outputLengths } from "./expected-outputs.ts";
import { encodeFrame, readFrames, type FrameLimit } from "./frames.ts";
import type { CallsRequest, Envelope, Request, Verb } from "./messages.ts";

const { problem } = parseDescriptor("mb1ic1oc1ih2kh1", false);
const LENGTHS = outputLengths(problem, "forward");
const Y = new Float32Array(4);

const OPEN = { verb: "open", plan: 0, impl: "mine", problem, pass: "forward", threads: 1 } as const;
const PLANNED = { planMs: 1, algorithm: "direct", workspaceBytes: null, choice: null };
const SAMPLED = {
  firstCallMs: null,
  samplesMs: [1, 2],
  callsPerSample: 1,
  warmUpCalls: 0,
  loaded: { set: 0, change: null },
  checked: { set: 0, change: null },
  fresh: null,
  staysLoaded: true,
  loadMs: null,
  deviceMs: null,
  elapsedMs: 3,
};
const SETTINGS = { timeMs: 1, minSamples: 1, warmUpMs: 0, sets: [0] };
const SAMPLE = { verb: "sample", plan: 0, settings: SETTINGS } as const;
const DESCRIBED = { name: "mine", algorithm: "direct", precision: "float32", arithmetic: "ieee", passes: ["forward"] };

/** A process that answers each request with this; `stopped` counts how often it was ended. */
function answering(body: unknown, tensors = {}) {
  const stopped: string[] = [];
  const transport: Transport = {
    ended: new Promise(() => {}),
    checkMemory: () => {},
    stop: async () => void stopped.push("stop"),
  };
  const exchange = ({ key }: Envelope<unknown>): Exchanged => Promise.resolve({ message: { key, body }, tensors });
  return { transport: { ...transport, exchange }, stopped };
}

async function asked(request: Request, answer: unknown, tensors = {}, lengths = LENGTHS): Promise<Outcome<Verb>> {
  const { transport, stopped } = answering({ kind: "answer", answer }, tensors);
  const outcome = await ask(transport, request, 1000, lengths);
  expect(stopped.length).toBe(outcome.kind === "mistrusted" ? 1 : 0);
  return outcome;
}

test.each<readonly [string, Request, object]>([
  ['workspaceBytes is "4 MiB"', OPEN, { ...PLANNED, workspaceBytes: "4 MiB" }],
  ["workspaceBytes is -1", OPEN, { ...PLANNED, workspaceBytes: -1 }],
  ["planMs is null", OPEN, { ...PLANNED, planMs: null }],
  [
    'algorithm is "winograd(3000,3000)"; an algorithm that has a bound',
    OPEN,
    { ...PLANNED, algorithm: "winograd(3000,3000)" },
  ],
  ["choice is 7", OPEN, { ...PLANNED, choice: 7 }],
  ["unsupported is an object", OPEN, { unsupported: {} }],
  ["samplesMs[1] is Infinity", SAMPLE, { ...SAMPLED, samplesMs: [1, Infinity] }],
  ["samplesMs is a list of 1048577", SAMPLE, { ...SAMPLED, samplesMs: Array.from({ length: 2 ** 20 + 1 }, () => 1) }],
  ["callsPerSample is 0", SAMPLE, { ...SAMPLED, callsPerSample: 0 }],
  ["elapsedMs is missing", SAMPLE, { ...SAMPLED, elapsedMs: undefined }],
  ['staysLoaded is "yes"', SAMPLE, { ...SAMPLED, staysLoaded: "yes" }],
  ["runMs is -1", { verb: "run", plan: 0 }, { runMs: -1 }],
  ['precision is "f8"', { verb: "describe" }, { impls: [{ ...DESCRIBED, precision: "f8" }] }],
  ['name is "mi\\\\u{200b}ne"; a name', { verb: "describe" }, { impls: [{ ...DESCRIBED, name: "mi\u200bne" }] }],
  ["version is 3", { verb: "describe" }, { impls: [{ ...DESCRIBED, version: 3 }] }],
  ["passes is missing", { verb: "describe" }, { impls: [{ ...DESCRIBED, passes: undefined }] }],
  ["impls is missing", { verb: "describe" }, {}],
])("%s: the implementation is mistrusted, and the field is named", async (what, request, answer) => {
  const outcome = await asked(request, answer, {}, []);
  expect(outcome).toMatchObject({ kind: "mistrusted" });
  const reason = outcome.kind === "mistrusted" ? outcome.reason : "";
  expect(reason).toContain(`its answer to ${request.verb} is not to be believed: ${what}`);
  expect(reason.length).toBeLessThan(200);
});

test("an answer as it should be is taken, without what nobody asked for, and texts are cut and cleaned", async () => {
  expect(await asked(OPEN, { ...PLANNED, more: 1 }, {}, [])).toMatchObject({ kind: "answer", answer: PLANNED });
  const described = { ...DESCRIBED, description: `a\u0007${"b".repeat(1000)}`, constructor: 1 };
  const outcome = await asked({ verb: "describe" }, { impls: [described] }, {}, []);
  if (outcome.kind !== "answer" || !("impls" in outcome.answer)) throw new Error(outcome.kind);
  expect(outcome.answer.impls[0]).toEqual({ ...DESCRIBED, description: `a\\u{7}${"b".repeat(294)}…` });
});

test.each<readonly [string, object]>([
  ["output y is missing", {}],
  ["output y has 3 elements; 4 were expected", { y: new Float32Array(3) }],
  ["there is a tensor dx, which nobody asked for", { y: Y, dx: Y }],
])("%s", async (what, tensors) => {
  const outcome = await asked({ verb: "read", plan: 0, poison: "nan" }, { touched: [] }, tensors);
  expect(outcome).toMatchObject({ kind: "mistrusted", reason: expect.stringContaining(what) as unknown });
});

test.each<readonly [unknown]>([[null], [7], ["text"], [{}], [{ kind: "answer" }], [{ kind: "answer", answer: null }]])(
  "a message that is no answer at all, %j, is the implementation's fault",
  async (body) => {
    const { transport } = answering(body);
    expect(await ask(transport, OPEN, 1000, [])).toMatchObject({ kind: "mistrusted" });
    const nothing = { ...transport, exchange: (): Exchanged => Promise.resolve({ message: body, tensors: {} }) };
    expect(await ask(nothing, OPEN, 1000, [])).toMatchObject({ kind: "mistrusted" });
  },
);

test.each<readonly [string, unknown]>([
  ['runMs is "1"', { kind: "computed", algorithm: "direct", runMs: "1", touched: [] }],
  ['step is "fall"', { kind: "threw", step: "fall", error: "", runMs: null }],
  ['kind is "done"', { kind: "done" }],
  ["touched is missing", { touched: 1 }],
])("of many calls the one whose answer is wrong is mistrusted: %s", async (what, wrong) => {
  const call = { problem, pass: "forward", threads: 1, poison: "nan" } as const;
  const request: CallsRequest = { verb: "calls", impl: "mine", calls: [call, call, call] };
  const right = { kind: "computed", algorithm: "direct", runMs: 1, touched: [] };
  const { transport, stopped } = answering(undefined);
  const bodies = what.startsWith("touched") ? [right, right, right, {}] : [right, wrong, right, { touched: [] }];
  const exchange = ({ key }: Envelope<unknown>): readonly Exchanged[] =>
    bodies.map((body) => Promise.resolve({ message: { key, body }, tensors: { y: Y } }));
  const before = Promise.resolve();
  const outcomes = await askCalls({ ...transport, exchange, before }, request, 1000, [LENGTHS, LENGTHS, LENGTHS]);
  const at = what.startsWith("touched") ? 2 : 1;
  expect(outcomes.map(({ kind }) => kind).slice(0, at)).toEqual(Array.from({ length: at }, () => "computed"));
  expect(outcomes[at]).toMatchObject({ kind: "mistrusted", reason: expect.stringContaining(what) as unknown });
  expect(stopped).toHaveLength(1);
});

/** The frames that a stream of these bytes holds. */
async function read(bytes: readonly Uint8Array[], limit: FrameLimit): Promise<number> {
  async function* chunks(): AsyncGenerator<Uint8Array> {
    yield* bytes;
  }
  return (await Array.fromAsync(readFrames(chunks(), () => limit))).length;
}

function header(text: string): readonly Uint8Array[] {
  const length = new Uint8Array(4);
  new DataView(length.buffer).setUint32(0, text.length, true);
  return [length, new TextEncoder().encode(text)];
}

test("nothing is held of a frame that is longer than what was asked for", async () => {
  const limit = { headerBytes: 1000, tensorBytes: 16 };
  expect(await read(encodeFrame({}, { y: Y }), limit)).toBe(1);
  await expect(read(encodeFrame({}, { y: new Float32Array(5) }), limit)).rejects.toThrow("tensors of 20 bytes");
  await expect(read(header(`{"message":0,"tensors":[["y",800000000]]}`), limit)).rejects.toThrow("3200000000 bytes");
  await expect(read(encodeFrame("x".repeat(1001)), limit)).rejects.toThrow("header of");
  for (const tensors of [
    `[["y",-1]]`,
    `[["y",1e999]]`,
    `[["__proto__",1]]`,
    `[["y"]]`,
    `[null]`,
    `[["z",1]]`,
    `[["y",1,"f8"]]`,
  ])
    await expect(read(header(`{"message":0,"tensors":${tensors}}`), limit)).rejects.toThrow("not one of benchconv's");
});
