import { findTool } from "../../harness/runner/sandbox/find-tool.ts";
import { surroundings, toolText, wallsOf, type Wall } from "../../harness/runner/sandbox/walls.ts";
import type { Tool } from "./tools.ts";

/** What a sandbox enforces on this machine, and what would make it more. */
export function sandboxRows(): readonly Tool[] {
  const { tool, lacking } = findTool();
  return [
    { what: "bubblewrap", found: tool.kind === "bubblewrap", detail: [toolText(tool), ...lacking].join("; ") },
    ...wallsOf(tool, surroundings()).map(rowOf),
  ];
}

function rowOf({ name, text, holds }: Wall): Tool {
  const open = holds === "nobody" ? "not enforced here: " : "";
  const limited = holds === "javascript" ? " (in JavaScript alone; native code and commands are not held)" : "";
  return { what: name, found: holds !== "nobody", detail: `${open}${text}${limited}` };
}
