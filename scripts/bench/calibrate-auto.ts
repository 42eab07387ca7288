import { spawnSync } from "node:child_process";
import { fileURLToPath } from "node:url";
import { plainText } from "../../core/plain-text.ts";
import type { ParsedOptions } from "../cli/options.ts";

const CALIBRATE = fileURLToPath(new URL("../../impls/auto/calibrate.ts", import.meta.url));

/**
 * Has the implementation `auto` measure this machine: where `--calibrate` asks for it, or where `auto` takes part and has never done so. It
 * does so before anything is timed, in a process of its own. Where its costs cannot be kept, it goes by those that it comes with.
 */
export function calibrateAuto(parsed: ParsedOptions): void {
  const impls = parsed.list("impl");
  const takesPart = impls.length === 0 || impls.includes("auto");
  if (!parsed.has("calibrate") && (!takesPart || parsed.has("list"))) return;
  const args = parsed.has("calibrate") ? [] : ["--if-missing"];
  const { status, stdout, stderr } = spawnSync(process.execPath, [CALIBRATE, ...args], { encoding: "utf8" });
  if (status !== 0)
    process.stderr.write(`auto is not calibrated: ${plainText(stderr.trim().split("\n").at(-1) ?? "")}\n`);
  else if (stdout !== "") process.stderr.write(`auto is calibrated: ${plainText(stdout.trim())}\n`);
}
