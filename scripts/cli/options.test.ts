import { expect, test } from "vitest";
import { UsageError } from "../../core/usage-error.ts";
import { MOVED as BENCH_MOVED, OPTIONS as BENCH_OPTIONS } from "../bench/options.ts";
import { MOVED as VERIFY_MOVED, OPTIONS as VERIFY_OPTIONS } from "../verify/options.ts";
import { parseOptions, type Command } from "./options.ts";

const VERIFY = { options: VERIFY_OPTIONS, moved: VERIFY_MOVED };
const BENCH = { options: BENCH_OPTIONS, moved: BENCH_MOVED };

function complaint(command: Omit<Command, "usage">, ...args: readonly string[]): string {
  try {
    parseOptions(command, args);
  } catch (error) {
    if (error instanceof UsageError) return error.message;
    throw error;
  }
  return "";
}

test.each([
  [VERIFY, ["--self-test"], "--self-test is a command of its own now: npm run selftest"],
  [VERIFY, ["--seeds", "3"], "--seeds is a command of its own now: npm run selftest -- --seeds N"],
  [VERIFY, ["--impl", "naive", "--defect=x"], "--defect is a command of its own now: npm run expected-failure -- ID"],
  [VERIFY, ["--onnx-tests", "."], "--onnx-tests is a command of its own now: npm run onnx-conformance -- FOLDER"],
  [
    VERIFY,
    ["--network-gradients", "a"],
    "--network-gradients is a command of its own now: npm run network-gradients -- A,B",
  ],
  [BENCH, ["--self-test", "--runs", "3"], "--self-test is a command of its own now: npm run selftest -- --clock"],
  [BENCH, ["--runs", "3"], "--runs is a command of its own now: npm run selftest -- --clock --runs N"],
  [BENCH, ["--calibrate"], "--calibrate is a command of its own now: npm run calibrate"],
])("an option that became a command names it: %j", (command, args, message) => {
  expect(complaint(command, ...args)).toBe(message);
});

test("a name that every object has is no option", () => {
  expect(complaint(BENCH, "--constructor")).toBe("there is no option --constructor; --help lists the options");
});

test("words are taken where the command takes them", () => {
  expect(complaint({ options: {} }, "a")).toBe('"a" is not an option; --help lists the options');
  expect(parseOptions({ options: {}, takesWords: true }, ["a", "--help", "b"]).words).toEqual(["a", "b"]);
});
