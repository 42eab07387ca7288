import type { Launcher } from "../../harness/bench/clock/processes.ts";
import { inProcess, type Finding } from "../../harness/runner/discovery.ts";
import { ImplementationProcess } from "../../harness/runner/process.ts";
import type { Sandbox } from "../../harness/runner/sandbox/sandbox.ts";
import type { ParsedOptions } from "../cli/options.ts";
import { sandboxOf } from "../cli/sandbox.ts";

/** Where the implementations of a bench run: in processes of Node, in a sandbox or not, or in a browser. */
export interface Venue {
  readonly finding: Finding;
  readonly place?: Launcher;
  /** For the record. */
  readonly browser?: string;
  readonly sandbox?: Sandbox;
  stop(): Promise<void>;
}

/**
 * With `--browser`, browsers that serve as the implementations' place.
 * @throws UsageError where there is no Chromium
 */
export async function openVenue(parsed: ParsedOptions): Promise<Venue> {
  if (!parsed.has("browser")) return inNode(sandboxOf(parsed));
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

function inNode(sandbox: Sandbox | undefined): Venue {
  const stop = async (): Promise<void> => {};
  if (sandbox === undefined) return { finding: {}, stop };
  return {
    finding: { describe: (url) => inProcess(url, sandbox) },
    place: (url, threads) => new ImplementationProcess(url, threads, undefined, {}, sandbox),
    sandbox,
    stop,
  };
}
