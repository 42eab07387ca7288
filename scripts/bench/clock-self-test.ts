import { measureCeilings } from "../../harness/bench/ceilings/measure.ts";
import { runClockSelfTest, SLOWED_KERNELS } from "../../harness/bench/clock/self-test/run.ts";
import { renderClockSelfTest } from "../../reports/clock-self-test.ts";
import { interruptSignal } from "../cli/common-options.ts";
import { EXIT } from "../cli/main.ts";
import { oneOf, type ParsedOptions } from "../cli/options.ts";
import { ProgressLines } from "../cli/progress.ts";
import { threshold } from "../cli/threshold.ts";
import { gateShape } from "./options.ts";

const RUNS = 20;

/** Tests the clock; exit 1 when more than one run in twenty of unchanged code would have ended with exit status 3. */
export async function clockSelfTest(parsed: ParsedOptions): Promise<number> {
  const runs = parsed.number("runs", { min: 1, max: 10_000, integer: true }) ?? RUNS;
  const { cellSeconds, ...rounds } = gateShape(parsed.number("time", { min: 0.01, max: 86_400, integer: false }));
  const interrupted = interruptSignal();
  const progress = new ProgressLines();
  const limit = threshold(parsed);
  const names = parsed.list("impl").map((name) =>
    oneOf(
      "kernel",
      name,
      SLOWED_KERNELS.map((kernel) => kernel.name),
    ),
  );
  const results = await runClockSelfTest(
    {
      kernels: names.length === 0 ? SLOWED_KERNELS : SLOWED_KERNELS.filter(({ name }) => names.includes(name)),
      runs,
      shape: { cellMs: 1000 * cellSeconds, ...rounds },
      threshold: limit,
      seed: parsed.number("seed", { min: 0, max: 2 ** 31 - 1, integer: true }) ?? 1,
      ceilings: [await measureCeilings(1)],
      onRun: ({ comparisons }, done) => {
        const slower = comparisons.filter(({ verdict }) => verdict === "slower").length;
        progress.update("self-test", `${done} of ${runs}: ${slower} of ${comparisons.length} cells called slower`);
      },
    },
    interrupted,
  );
  progress.clear();
  if (results.length > 0) process.stdout.write(renderClockSelfTest(results, limit));
  if (interrupted.aborted) return EXIT.interrupted;
  const alarms = results.filter(({ comparisons }) =>
    comparisons.some(({ slowdown, verdict }) => slowdown === 0 && verdict === "slower"),
  ).length;
  return alarms > Math.ceil(results.length / 20) ? EXIT.failed : EXIT.ok;
}
