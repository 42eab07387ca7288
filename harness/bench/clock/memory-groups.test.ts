import { expect, test } from "vitest";
import { parseDescriptor } from "../../../core/descriptor.ts";
import { groupsThatFit, membersOf, neededBytes, roomBytes, setApart, type Group, type Unit } from "./memory-groups.ts";

const MIB = 2 ** 20;
const units: readonly Unit<string>[] = [["a", "b"], ["c"], ["d"]];
const namesOf = (groups: readonly Group<string>[]): readonly string[] =>
  groups.map((group) => membersOf(group).join(""));

test("implementations are together as far as the room goes, and those that are compared always are", () => {
  expect(namesOf(groupsThatFit(units, 10, 40))).toEqual(["abcd"]);
  expect(namesOf(groupsThatFit(units, 10, 39))).toEqual(["abc", "d"]);
  expect(namesOf(groupsThatFit(units, 10, 29))).toEqual(["ab", "cd"]);
  expect(namesOf(groupsThatFit(units, 10, 1))).toEqual(["ab", "c", "d"]);
});

test("one that was lost beside others is alone after them; a pair that was alone is split", () => {
  const together = groupsThatFit(units, 10, 40);
  const once = setApart(together, "c");
  expect(namesOf(once)).toEqual(["abd", "c"]);
  const twice = setApart(once, "a");
  expect(namesOf(twice)).toEqual(["d", "c", "ab"]);
  expect(namesOf(setApart(twice, "b"))).toEqual(["d", "c", "", "a", "b"]);
  expect(membersOf(setApart(twice, "b")[1] ?? [])).toEqual(["c"]);
});

test("the largest layer in the pass that moves most decides what a process needs", () => {
  const layers = ["ic1ih1oc1kh1", "ic4096ih1oc4096kh1"].map((text) => {
    const { problem } = parseDescriptor(text);
    return { kind: "convolution" as const, name: text, problem, multiplicity: 1 };
  });
  expect(neededBytes(layers, ["forward"])).toBeGreaterThan(4 * 64 * MIB);
  expect(neededBytes(layers.slice(0, 1), ["forward"])).toBeLessThan(128 * MIB);
  expect(roomBytes(1024 * MIB, layers, ["forward"])).toBeLessThan(1024 * MIB - 3 * 64 * MIB);
});
