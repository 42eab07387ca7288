import { expect, test } from "vitest";
import { ELEMENTS, storeAt, type ElementType } from "./element-types.ts";
import { isPoison, poisonedTensor } from "./tensors.ts";

// oxlint-disable-next-line typescript/no-unsafe-type-assertion -- the keys of a record of all formats
const FORMATS = Object.keys(ELEMENTS) as readonly ElementType[];

test.each(FORMATS)("poison of %s is known again, until it is written over", (type) => {
  for (const poison of ["nan", "finite"] as const) {
    const tensor = poisonedTensor(3, poison, type);
    expect([0, 1, 2].every((at) => isPoison(tensor, at))).toBe(true);
    storeAt(tensor, 1, 3);
    expect([0, 1, 2].map((at) => isPoison(tensor, at))).toEqual([true, false, true]);
  }
  expect(isPoison(poisonedTensor(1, "zero", type), 0)).toBe(false);
});
