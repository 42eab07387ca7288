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
      `mine: unsupported bound: winograd(${m},${r}) has none that tells anything (m and r are at least 1, and m + r − 1 is at most 16)`,
    );
  expect(withAlgorithm("winograd(14,3)")).not.toThrow();
  expect(withAlgorithm("winograd(2,3,4)")).toThrow(/^mine: algorithm must be direct, gemm, fft or winograd\(m,r\)/);
});
