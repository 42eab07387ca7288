import { expect, test } from "vitest";
import { assertPlan, implsOfModule, textOrNothing } from "./plugin-check.ts";

const forward = (): void => {};

test("what is no layer is refused with the rule that it breaks", () => {
  const wrong: readonly (readonly [unknown, RegExp])[] = [
    [7, /^mine: field "layers" must be an object, got 7$/],
    [{ relus: { forward } }, /^mine: layers\["relus"\] is no kind of layer; the kinds are .*, relu, /],
    [{ "fully-connected": { forward } }, /is no kind of layer/],
    [{ relu: forward }, /^mine: layers\["relu"\] must be an object with plan or forward, got a function$/],
    [{ relu: { forward: "fast" } }, /^mine: layers\["relu"\].forward must be a function, got "fast"$/],
    [{ relu: {} }, /^mine: layers\["relu"\] has neither plan nor a pass$/],
    [{ relu: { plan: forward, forward } }, /^mine: layers\["relu"\] has plan and passes; give one form, not both$/],
  ];
  for (const [layers, message] of wrong)
    expect(() => implsOfModule({ default: { name: "mine", forward, layers } })).toThrow(message);
});

test("layers of functions and of plans, and kinds that are undefined, are taken as they are", () => {
  const layers = { relu: { forward }, softmax: { plan: forward, unsupported: forward }, tanh: undefined };
  expect(implsOfModule({ default: { name: "mine", forward, layers } })).toMatchObject([{ layers }]);
});

test("a tile that has no bound worth the name is refused in one line", () => {
  const withAlgorithm = (algorithm: string) => () => implsOfModule({ default: { name: "mine", forward, algorithm } });
  for (const [m, r] of [
    [16, 16],
    [15, 3],
    [3000, 3000],
    [0, 3],
    [2, 0],
  ])
    expect(withAlgorithm(`winograd(${m},${r})`)).toThrow(
      `mine: unsupported bound: winograd(${m},${r}) has none that tells anything (m and r are at least 1, ` +
        "and m + r − 1 is at most 16)",
    );
  expect(withAlgorithm("winograd(14,3)")).not.toThrow();
  expect(withAlgorithm("winograd(2,3,4)")).toThrow(/^mine: algorithm must be direct, gemm, fft or winograd\(m,r\)/);
});

test("types and fused operations are lists of those that there are", () => {
  const withFields = (fields: object) => () => implsOfModule({ default: { name: "mine", forward, ...fields } });
  expect(withFields({ types: ["f16", "u8s8s32"], posts: ["relu", "add"], accumulator: "f64" })).not.toThrow();
  expect(withFields({ types: ["float16"] })).toThrow(/^mine: field "types" must be a list of f32, .*; got "float16"$/);
  expect(withFields({ types: "f16" })).toThrow('field "types" must be a list of f32');
  expect(withFields({ types: [] })).toThrow("got an array");
  expect(withFields({ posts: ["clip(0,6)"] })).toThrow('field "posts" must be a list of relu, clip, leaky');
  expect(withFields({ accumulator: "bf16" })).toThrow('field "accumulator" must be one of f32, f16, f64');
});

test("a name that looks like another is refused, with what cannot be seen in it", () => {
  const named = (name: unknown) => () => implsOfModule({ default: { name, forward } });
  for (const [name, which] of [
    ["na\u0301ive", " (U+0301)"],
    ["naive\u200b", " (U+200B)"],
    ["naive\u200d", " (U+200D)"],
    ["nai\ufe0fve", " (U+FE0F)"],
    ["nai\u3164ve", " (U+3164)"],
    ["naive\u2800", " (U+2800)"],
    ["naive\u202e", " (U+202E)"],
    ["naive\u0007", ""],
    ["naive\n", ""],
    [" naive", ""],
  ])
    expect(named(name)).toThrow(`field "name" must not have control, invisible or combining characters${which}, nor`);
  expect(named(" ")).toThrow('field "name" must be a non-empty string');
  expect(named("x".repeat(101))).toThrow('field "name" must have at most 100 characters, got 101');
  for (const name of ["naïve", "畳み込み-2d", "tfjs-wasm:same", "my conv"]) expect(named(name)).not.toThrow();
});

test("a plan whose workspace is no number of bytes is refused with the field's name", () => {
  const plan = { load: forward, run: forward, read: forward };
  for (const [workspaceBytes, got] of [
    ["4 MiB", '"4 MiB"'],
    [-1, "-1"],
    [Infinity, "Infinity"],
    [NaN, "NaN"],
    [{}, "an object"],
  ] as const)
    expect(() => assertPlan("mine", { ...plan, workspaceBytes })).toThrow(
      `mine: workspaceBytes of its plan must be a number of bytes, got ${got}`,
    );
  for (const workspaceBytes of [undefined, null, 0, 4096.5])
    expect(() => assertPlan("mine", { ...plan, workspaceBytes })).not.toThrow();
});

test("a reason that is no text is refused: a promise would be a reason for every problem", () => {
  expect(textOrNothing("mine", "unsupported", undefined)).toBeUndefined();
  expect(textOrNothing("mine", "unsupported", "groups")).toBe("groups");
  for (const [reason, got] of [
    [Promise.resolve(), "an object"],
    [null, "null"],
    [false, "false"],
    [0, "0"],
  ] as const)
    expect(() => textOrNothing("mine", "unsupported", reason)).toThrow(
      `mine: unsupported(…) must return a string or undefined, got ${got}`,
    );
});
