/** Finds what a sandbox can be made of on this machine. */
import { spawnSync } from "node:child_process";
import { plainText } from "../../../core/plain-text.ts";
import { bubblewrapped } from "./bubblewrap.ts";
import { programIn } from "./program.ts";
import { UNSHARED, type SandboxTool } from "./sandbox.ts";

/** The best tool, and why those that hold more are not it. */
export interface FoundTool {
  readonly tool: SandboxTool;
  readonly lacking: readonly string[];
}

const PROBE_LIMIT_MS = 10_000;
const NOTHING = { command: "/bin/true", args: [] };
const EMPTY = { visible: [], hidden: [], folder: undefined };

/** Tries the tools, the best first: a machine may have one and forbid what it does. */
export function findTool(path = process.env["PATH"] ?? ""): FoundTool {
  if (process.platform !== "linux")
    return { tool: { kind: "permission-model" }, lacking: ["namespaces: on Linux only"] };
  const lacking: string[] = [];
  const bubblewrap = programIn(path, "bwrap");
  if (bubblewrap === undefined) lacking.push("bubblewrap: it is not installed (Debian: apt-get install bubblewrap)");
  else {
    const { command, args } = bubblewrapped(NOTHING, bubblewrap, EMPTY, undefined);
    const refusal = refusalOf(command, args);
    if (refusal === undefined)
      return { tool: { kind: "bubblewrap", path: bubblewrap, version: versionOf(bubblewrap) }, lacking };
    lacking.push(`bubblewrap: the system refuses it (${refusal})`);
  }
  const unshare = programIn(path, "unshare");
  if (unshare === undefined) lacking.push("unshare: it is not installed (Debian: apt-get install util-linux)");
  else {
    const refusal = refusalOf(unshare, [...UNSHARED, NOTHING.command]);
    if (refusal === undefined) return { tool: { kind: "unshare", path: unshare }, lacking };
    lacking.push(`unshare: the system refuses it (${refusal})`);
  }
  return { tool: { kind: "permission-model" }, lacking };
}

/** Why a call fails, in the tool's words; undefined where it does not. */
function refusalOf(command: string, args: readonly string[]): string | undefined {
  const { status, stderr, error } = spawnSync(command, args, { encoding: "utf8", timeout: PROBE_LIMIT_MS });
  if (status === 0) return undefined;
  const said = stderr?.trim().split("\n")[0] ?? "";
  return plainText(said === "" ? (error?.message ?? `status ${String(status)}`) : said);
}

function versionOf(bubblewrap: string): string {
  const { stdout } = spawnSync(bubblewrap, ["--version"], { encoding: "utf8" });
  return plainText(stdout?.trim() ?? "bubblewrap");
}
