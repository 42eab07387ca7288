import { expect, test } from "vitest";
import { problemFault } from "../../core/problem-rules.ts";
import { leastPadEnd, multiplyAdds } from "../../core/shape.ts";
import { FIELD_LAYERS } from "./field-layers.ts";

test("layers of the field are valid, canonical and named apart", () => {
  for (const problem of FIELD_LAYERS) {
    expect([problem.name, problemFault(problem)]).toEqual([problem.name, undefined]);
    expect([problem.name, problem.padEnd]).toEqual([problem.name, leastPadEnd(problem)]);
  }
  expect(new Set(FIELD_LAYERS.map(({ name }) => name)).size).toBe(FIELD_LAYERS.length);
});

test("all of them in one pass are fewer multiply-adds than one layer of VGG", () => {
  const sum = FIELD_LAYERS.reduce((total, problem) => total + multiplyAdds(problem), 0);
  // VGG-16, conv1_2 (Simonyan and Zisserman, table 1).
  expect(sum).toBeLessThan(224 * 224 * 64 * 64 * 9);
});

test("a depthwise layer stays depthwise, and a name says the layer as it is in its network", () => {
  const depthwise = FIELD_LAYERS.find(({ name }) => name === "mobilenet-v1:g1024ic1024ih7oc1024kh3ph1");
  expect(depthwise).toMatchObject({ groups: 1024, inChannels: 1024, outChannels: 1024, input: [7, 7] });
  const positional = FIELD_LAYERS.find(({ name }) => name === "wav2vec-2-hubert:g16ic768iw49oc768kw128pw64");
  expect(positional).toMatchObject({ groups: 16, kernel: [128], padBegin: [64] });
});
