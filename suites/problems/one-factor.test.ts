import { expect, test } from "vitest";
import { parseDescriptor } from "../../core/descriptor.ts";
import { problemFault } from "../../core/problem-rules.ts";
import { multiplyAdds, outputShape } from "../../core/shape.ts";
import { randomStream } from "../data/random.ts";
import { isAffordable, variationOf, withCount, withExtent } from "./one-factor.ts";

const { problem: LAYER } = parseDescriptor("g2mb2_ic8oc12_ih11kh3ph1sh2_iw9kw3pw1sw2dw1", false);
const { problem: DEPTHWISE } = parseDescriptor("g6mb1_ic6oc6_ih5kh3ph1", false);

test("a count changes alone, but for what belongs to it", () => {
  expect(withCount(LAYER, "channels", 10)).toEqual({ ...LAYER, inChannels: 10 });
  expect(withCount(LAYER, "groups", 3)).toEqual({ ...LAYER, groups: 3, inChannels: 12, outChannels: 18 });
  expect(withCount(DEPTHWISE, "channels", 9)).toEqual({ ...DEPTHWISE, groups: 9, inChannels: 9, outChannels: 9 });
});

test("an output's extent is had by the input that gives it, along the axes that are meant", () => {
  for (let columns = 1; columns < 20; columns++) {
    const changed = withExtent(LAYER, "output", [1], columns);
    expect(outputShape(changed)).toEqual([outputShape(LAYER)[0], columns]);
    expect(changed).toEqual({ ...LAYER, input: changed.input });
  }
});

test("variations are problems that can be afforded, differ, and meet the constants", () => {
  const random = randomStream("variations", 1);
  const extents = new Set<number>();
  for (let draw = 0; draw < 2000; draw++) {
    const varied = variationOf(LAYER, random, 200_000, [23])!;
    expect(problemFault(varied)).toBeUndefined();
    expect(multiplyAdds(varied)).toBeLessThanOrEqual(200_000);
    extents.add(varied.input[0]!).add(varied.inChannels).add(outputShape(varied)[1]!);
  }
  expect([22, 23, 24].every((value) => extents.has(value))).toBe(true);
});

test("a problem whose tensors are far larger than its work is not affordable", () => {
  const { problem } = parseDescriptor("mb1_ic1oc1_ih8192kh1sh8191_iw8192kw1sw8191", false);
  expect(multiplyAdds(problem)).toBeLessThan(5);
  expect(isAffordable(problem, 1_000_000)).toBe(false);
});
