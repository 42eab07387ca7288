import type { Sandbox } from "../../harness/runner/sandbox/sandbox.ts";
import { findTool } from "../../harness/runner/sandbox/find-tool.ts";
import { sandboxEntry, sandboxText } from "../../harness/runner/sandbox/walls.ts";
import { refuseAlone, type ParsedOptions } from "./options.ts";

/**
 * The sandbox that `--sandbox` asks for; says what it enforces on this machine, and what not.
 * @throws UsageError for an option that does nothing without it
 */
export function sandboxOf(parsed: ParsedOptions): Sandbox | undefined {
  refuseAlone(parsed, "allow-addons", ["sandbox"]);
  if (!parsed.has("sandbox")) return undefined;
  const { tool, lacking } = findTool();
  const stated = sandboxText(sandboxEntry(tool));
  process.stderr.write(`${stated}${lacking.map((why) => `it would hold more: ${why}\n`).join("")}`);
  return { tool, allowsAddons: parsed.has("allow-addons") };
}
