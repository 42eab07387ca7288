import { expect, test } from "vitest";
import { implsOfModule } from "./plugin-check.ts";

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
