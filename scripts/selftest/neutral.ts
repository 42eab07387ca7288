import { measureCeilings } from "../../harness/bench/ceilings/measure.ts";
import { compareWithScript, IN_NODE, inBrowsers } from "../../harness/bench/clock/self-test/neutral.ts";
import { significant } from "../../reports/format.ts";
import { joined, layOut } from "../../reports/text-table.ts";
import type { Browsers } from "../../harness/runner/browser/browsers.ts";
import { interruptSignal } from "../cli/common-options.ts";
import { EXIT } from "../cli/main.ts";
import type { ParsedOptions } from "../cli/options.ts";
import { ProgressLines } from "../cli/progress.ts";

const TURNS = 8;
const MOST_OFF = 0.05;
const MOST_OFF_TOGETHER = 0.03;

/** Compares the harness's times with those of an independent script; gives the exit status. */
export async function testNeutrality(parsed: ParsedOptions): Promise<number> {
  const turns = parsed.number("runs", { min: 1, max: 1000, integer: true }) ?? TURNS;
  const interrupted = interruptSignal();
  const progress = new ProgressLines();
  const ceilings = [await measureCeilings(1)];
  const browsers = parsed.has("browser") ? await openBrowsers() : undefined;
  const ways = await compareWithScript(
    browsers === undefined ? IN_NODE : inBrowsers(browsers),
    turns,
    ceilings,
    (name, done, total) => progress.update("self-test", `${done} of ${total}: ${name}`),
    interrupted,
  );
  await browsers?.stop();
  progress.clear();
  if (interrupted.aborted) return EXIT.interrupted;
  const mean = Math.exp(ways.reduce((sum, { ratio }) => sum + Math.log(ratio), 0) / ways.length);
  const rows = ways.map(({ name, harnessMs, scriptMs, ratio, fastestRatio }) => [
    name,
    significant(harnessMs),
    significant(scriptMs),
    ratio.toFixed(3),
    fastestRatio.toFixed(3),
  ]);
  const place = browsers?.name ?? `Node ${process.versions.node}`;
  process.stdout.write(
    joined([
      place,
      "",
      ...layOut(
        [["way of writing", "harness ms", "script ms", "ratio", "of the fastest"], ...rows],
        ["left", "right", "right", "right", "right"],
      ),
      "",
      `geometric mean ${mean.toFixed(3)}; medians of the ratios of ${turns} turns; within 3 %, none off by more than 5 %, is right`,
    ]),
  );
  const isRight = Math.abs(mean - 1) <= MOST_OFF_TOGETHER && ways.every(({ ratio }) => Math.abs(ratio - 1) <= MOST_OFF);
  return isRight ? EXIT.ok : EXIT.failed;
}

/** Without --browser the driver and the bundler are neither loaded nor needed. */
async function openBrowsers(): Promise<Browsers> {
  const { Browsers } = await import("../../harness/runner/browser/browsers.ts");
  return Browsers.open();
}
