import { expect, test } from "vitest";
import { exampleRecord } from "../core/testing/example-record.ts";
import { publishedFor } from "./published-breakdown.ts";
import { timingViews } from "./timing-view.ts";

test("AlexNet's forward pass has a published breakdown of the layers that the suite times; nothing else has", () => {
  const [view] = timingViews(exampleRecord());
  if (view === undefined) throw new Error("the example has a view");
  const published = publishedFor(view);
  expect(published?.shares.map(([layer]) => layer)).toEqual(view.layers.map(({ layer }) => layer));
  const sum = published?.shares.reduce((total, [, share]) => total + share, 0);
  expect(sum).toBeCloseTo(0.908, 9);
  // What is said of it in words.
  expect(published?.differs.join(" ")).toContain(`the eight layers are ${Math.round(100 * (sum ?? 0))} % of it`);
  expect(publishedFor({ ...view, suite: "alexnet-grouped" })).not.toBeNull();
  expect(publishedFor({ ...view, pass: "backwardData" })).toBeNull();
  expect(publishedFor({ ...view, suite: "vgg-16" })).toBeNull();
});
