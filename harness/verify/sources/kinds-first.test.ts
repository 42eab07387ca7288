import { expect, test } from "vitest";
import { parseDescriptor } from "../../../core/descriptor.ts";
import { kindsFirst } from "./kinds-first.ts";

test("one problem of each kind before a second of any, the cheapest first", () => {
  const given = [
    "ic8ih9oc8kh3n3x3-large",
    "ic1ih4oc1kh3n3x3-smallest",
    "ic2ih5oc2kh3n3x3-small",
    "ic64ih99oc64kh5n5x5",
    "g8ic8ih9oc8kh3ndepthwise",
    "g4ic4ih9oc4kh3ndepthwise-small",
    "ic2iw9oc2kw3nrank-1",
    "ic5ih9oc5kh3sh2nstride-2",
    "ic6ih9oc8kh3dh1ndilation-2",
  ].map((text) => ({ problem: parseDescriptor(text).problem }));
  expect(kindsFirst(given).map(({ problem }) => problem.name)).toEqual([
    "3x3-smallest",
    "rank-1",
    "depthwise-small",
    "stride-2",
    "dilation-2",
    "5x5",
    "3x3-small",
    "depthwise",
    "3x3-large",
  ]);
});
