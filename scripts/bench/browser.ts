import type { Launcher } from "../../harness/bench/clock/processes.ts";
import type { Finding } from "../../harness/runner/discovery.ts";
import type { ParsedOptions } from "../cli/options.ts";

/** Where the implementations of a bench run: in processes of Node, unless `--browser` is given. */
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
  // Without --browser the driver and the bundler are neither loaded nor needed.
  const { Browsers } = await import("../../harness/runner/browser/browsers.ts");
  const browsers = await Browsers.open();
  return {
    finding: { describe: (url) => browsers.describe(url) },
    place: (url, threads) => browsers.start(url, threads),
    browser: browsers.name,
    stop: () => browsers.stop(),
  };
}
