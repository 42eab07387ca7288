import { hash as hashOfNode } from "node:crypto";
import fc from "fast-check";
import { expect, test } from "vitest";
import { hash } from "./sha256.ts";

test("the same digest as Node's, whatever the text", () => {
  fc.assert(
    fc.property(fc.string({ maxLength: 200, unit: "grapheme" }), (text) => {
      expect(hash("sha256", text, "binary")).toBe(hashOfNode("sha256", text, "binary"));
    }),
  );
});
