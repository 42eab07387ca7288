import { spawnSync } from "node:child_process";
import { fileURLToPath } from "node:url";
import { plainText } from "../../core/plain-text.ts";
import { UsageError } from "../../core/usage-error.ts";
import type { Implementation } from "../../harness/runner/discovery.ts";
import { moduleUrl } from "../../core/module-url.ts";

const AUTO = moduleUrl("../../impls/auto/index.ts", import.meta.url);
const CALIBRATE = fileURLToPath(moduleUrl("../../impls/auto/calibrate.ts", import.meta.url));

/**
 * Has the implementation `auto` measure this machine, in a process of its own; gives the file that keeps the costs.
 * @throws UsageError when they cannot be measured or kept
 */
export function calibrate(): string {
  return costsFile([]);
}

/**
 * Calibrates `auto` where it takes part and has never been; gives whether it was calibrated now. Where its costs cannot
 * be kept, it goes by those that it comes with.
 */
export function calibrateWhereMissing(implementations: readonly Implementation[]): boolean {
  if (!implementations.some(({ url }) => url === AUTO.href)) return false;
  try {
    const file = costsFile(["--if-missing"]);
    if (file !== "") process.stderr.write(`auto is calibrated: ${file}\n`);
    return file !== "";
  } catch (error) {
    if (!(error instanceof UsageError)) throw error;
    process.stderr.write(`${error.message}\n`);
    return false;
  }
}

function costsFile(args: readonly string[]): string {
  const { status, stdout, stderr } = spawnSync(process.execPath, [CALIBRATE, ...args], { encoding: "utf8" });
  if (status === 0) return plainText(stdout.trim());
  const lines = stderr.trim().split("\n");
  const reason = lines.find((line) => /^\w*Error\b/.test(line)) ?? lines.at(-1) ?? "";
  throw new UsageError(`auto is not calibrated: ${plainText(reason)}`);
}
