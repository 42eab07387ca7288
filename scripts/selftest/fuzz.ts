import { fuzzPlugins } from "../../harness/verify/fuzz/fuzz.ts";
import { seedOf } from "../cli/common-options.ts";
import { EXIT } from "../cli/main.ts";
import type { ParsedOptions } from "../cli/options.ts";

/** Plugins of a grammar, each with a verdict; gives the exit status. A defect of the harness ends it with its stack. */
export async function fuzz(parsed: ParsedOptions): Promise<number> {
  const count = parsed.number("fuzz", { min: 1, max: 1e7, integer: true }) ?? 1;
  const ends = await fuzzPlugins(count, seedOf(parsed));
  const told = Object.entries(ends).map(([end, plugins]) => `${plugins} ${end}`);
  process.stdout.write(`${count} plugins, each with a verdict: ${told.join(", ")}\n`);
  return EXIT.ok;
}
