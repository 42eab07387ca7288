import { expect, test } from "vitest";
import { OPTIONS, refuseIdleOptions } from "../bench/options.ts";
import { parseOptions, type ParsedOptions } from "./options.ts";
import { sandboxOf } from "./sandbox.ts";

const parsed = (...args: readonly string[]): ParsedOptions => parseOptions({ options: OPTIONS }, args);

test("without --sandbox there is none, and --allow-addons does nothing alone", () => {
  expect(sandboxOf(parsed())).toBeUndefined();
  expect(() => sandboxOf(parsed("--allow-addons"))).toThrow("--allow-addons goes with --sandbox");
});

test("with it the machine's best tool is taken, and addons are allowed where that is said", () => {
  expect(sandboxOf(parsed("--sandbox"))).toMatchObject({ allowsAddons: false });
  expect(sandboxOf(parsed("--sandbox", "--allow-addons"))).toMatchObject({ allowsAddons: true });
});

test.each(["browser", "table"])("bench refuses it beside --%s, which it does not hold", (option) => {
  expect(() => refuseIdleOptions(parsed("--sandbox", `--${option}`))).toThrow("--sandbox does nothing with");
});
