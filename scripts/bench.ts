import { commandLine } from "../core/command-line.ts";
import { plainText } from "../core/plain-text.ts";
import { descriptorOf } from "../harness/bench/clock/work.ts";
import { SUITES } from "../suites/index.ts";
import { openVenue } from "./bench/browser.ts";
import { benchCall } from "./bench/call.ts";
import { EXAMPLES, GROUPS } from "./bench/help.ts";
import { showNetworkTable } from "./bench/network-table.ts";
import { benchOptions, MOVED, OPTIONS, refuseIdleOptions, type AskedOptions } from "./bench/options.ts";
import { bench } from "./bench/run.ts";
import { findToList, listColumns, listText } from "./cli/list.ts";
import { EXIT, main } from "./cli/main.ts";

const USAGE = `${commandLine("bench", ["[options]"])}
Times convolution implementations layer by layer, every timed output checked, into one HTML page.`;

await main(
  { usage: USAGE, options: OPTIONS, moved: MOVED, groups: GROUPS, examples: EXAMPLES, isConfigured: true },
  async (parsed) => {
    refuseIdleOptions(parsed);
    if (parsed.has("table")) {
      showNetworkTable(parsed);
      return EXIT.ok;
    }
    const asked = benchOptions(parsed);
    // What can be wrong with the call by itself is found before anything is started.
    const call = parsed.has("list") ? undefined : benchCall(parsed, asked);
    const venue = await openVenue(parsed);
    try {
      if (call !== undefined) return await bench(call, venue);
      const listed = await findToList(parsed, venue.finding);
      process.stdout.write(`${listText(listed, listColumns())}\n${suitesText(asked)}`);
      return EXIT.ok;
    } finally {
      await venue.stop();
    }
  },
);

function suitesText({ suite, layers }: AskedOptions): string {
  const lines = layers.map((layer) => `${plainText(layer.name)}  ${descriptorOf(layer)}\n`);
  return `suites: ${SUITES.map(({ name }) => name).join(", ")}\n\n${plainText(suite)}\n${lines.join("")}`;
}
