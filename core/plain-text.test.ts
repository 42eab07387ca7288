import fc from "fast-check";
import { expect, test } from "vitest";
import { plainText } from "./plain-text.ts";

test("controls, invisible and direction-changing characters become visible; white space becomes one space", () => {
  expect(plainText("a\u001b[31mred")).toBe("a\\u{1b}[31mred");
  expect(plainText("x\u202egnp.exe")).toBe("x\\u{202e}gnp.exe");
  expect(plainText("one\r\n\ttwo\u2028three ")).toBe("one two three");
  expect(plainText("\u009b2J\u0007")).toBe("\\u{9b}2J\\u{7}");
  expect(plainText("ünïcödé 卷积 ±1 %")).toBe("ünïcödé 卷积 ±1 %");
});

test("no text keeps a control character, and plain text stays as it is", () => {
  fc.assert(
    fc.property(fc.string({ unit: "binary" }), (text) => {
      const plain = plainText(text);
      expect(plain).not.toMatch(/[\p{Cc}\p{Cs}\u2028\u2029\u202a-\u202e\u2066-\u2069]/u);
      expect(plainText(plain)).toBe(plain);
    }),
  );
});
