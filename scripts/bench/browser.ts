import type { Launcher } from "../../harness/bench/clock/processes.ts";
import type { Finding } from "../../harness/runner/discovery.ts";
import type { ParsedOptions } from "../cli/options.ts";

/** Where the implementations of a bench run are: processes of Node when nothing says otherwise. */
export interface Venue {
  readonly finding: Finding;
  readonly place?: Launcher;
  /** For the record. */
  readonly browser?: string;
  stop(): Promise<void>;
}

/**
 * With `--browser`, browsers that serve as the implementations' place.
 * @throws UsageError where there is no Chromium
 */
export async function openVenue(parsed: ParsedOptions): Promise<Venue> {
  if (!parsed.has("browser")) return { finding: {}, stop: async () => {} };
  // A browser's driver is not loaded, nor need be installed, where none is asked for.
  const { Browsers } = await import("../../harness/runner/browser/browsers.ts");
  const browsers = await Browsers.open();
  return {
    finding: { describe: (url) => browsers.describe(url) },
    place: (url, threads) => browsers.start(url, threads),
    browser: browsers.name,
    stop: () => browsers.stop(),
  };
}
