import { afterEach, expect, test, vi } from "vitest";
import { commandLine } from "./command-line.ts";

afterEach(() => vi.unstubAllEnvs());

test("a command is said as npm takes it, or as the bundle's launcher was called", () => {
  expect(commandLine("verify", ["--impl", "naive"])).toBe("npm run verify -- --impl naive");
  expect(commandLine("bench", [])).toBe("npm run bench");
  vi.stubEnv("BENCHCONV_LAUNCHER", "../my tools/benchconv");
  expect(commandLine("bench", [])).toBe("'../my tools/benchconv' bench");
  expect(commandLine("verify", ["--impl naive"])).toBe("'../my tools/benchconv' verify --impl naive");
});

test("the installed command is said as it was typed", () => {
  vi.stubEnv("BENCHCONV_COMMAND", "npx benchconv");
  expect(commandLine("verify", ["--impl", "./a b.mjs"])).toBe("npx benchconv verify --impl ./a b.mjs");
});
