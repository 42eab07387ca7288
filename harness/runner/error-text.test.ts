import { expect, test } from "vitest";
import { errorText } from "./error-text.ts";

const PLUGIN = "file:///home/me/kernels/conv.mjs";
const thrown = (message: string, ...lines: readonly string[]): Error => {
  const error = new TypeError(message);
  error.stack = [`TypeError: ${message}`, ...lines].join("\n");
  return error;
};

test("an error is told with the plugin's own frames, by its folder, the innermost first", () => {
  const error = thrown(
    "no",
    "    at Float32Array.set (<anonymous>)",
    "    at pad (file:///home/me/kernels/lib/pad.mjs:3:9)",
    "    at Object.forward (file:///home/me/kernels/conv.mjs?x=1:12:7)",
    `    at makeCall (${import.meta.url.replace(/[^/]*$/, "calls.ts")}:90:3)`,
    "    at async node:internal/modules/esm/loader:606:24",
    "    at run (file:///home/me/node_modules/library/index.js:1:1)",
  );
  expect(errorText(error, PLUGIN)).toBe("TypeError: no, at pad (lib/pad.mjs:3:9), at forward (conv.mjs:12:7)");
  expect(errorText(error)).toBe("TypeError: no");
});

test("a place in a WebAssembly module, and that of a text that cannot be parsed, are told", () => {
  const trap = thrown("unreachable", "    at conv.gemm (wasm://wasm/conv-0a1b:wasm-function[3]:0x1f)");
  expect(errorText(trap, PLUGIN)).toContain("at conv.gemm (wasm://wasm/conv-0a1b:wasm-function[3]:0x1f)");
  const unnamed = thrown("unreachable", "    at wasm://wasm/0a1b:wasm-function[3]:0x1f");
  expect(errorText(unnamed, PLUGIN)).toBe("TypeError: unreachable, at wasm-function[3]:0x1f");
  const error = new SyntaxError("Expected ','");
  error.stack =
    "/home/me/kernels/conv.ts:3\n  forward(p: number { },\n   ^\n\nSyntaxError: Expected ','\n    at node:x:1:2";
  expect(errorText(error, "file:///home/me/kernels/conv.ts")).toBe("SyntaxError: Expected ',', at conv.ts:3");
});

test("whatever is thrown has a text of limited length", () => {
  expect(errorText("a text", PLUGIN)).toBe("a text");
  expect(errorText(thrown("x".repeat(10_000)), PLUGIN).length).toBeLessThan(2100);
  const hostile = {
    message: "m",
    get stack(): string {
      throw new Error("no stack");
    },
  };
  expect(errorText(hostile, PLUGIN)).toBe("a value that has no text");
});
