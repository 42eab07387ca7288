import { isAsItShould, runSelfTest, type SelfTestOptions } from "../../harness/verify/self-test/run.ts";
import { renderSelfTest } from "../../reports/self-test.ts";
import { textOptions } from "../../reports/text-table.ts";
import { interruptSignal } from "../cli/common-options.ts";
import { EXIT } from "../cli/main.ts";
import type { ParsedOptions } from "../cli/options.ts";
import { ProgressLines } from "../cli/progress.ts";

/** Seconds for each correct implementation of the self-test, unless --time says otherwise. */
const CORRECT_SECONDS = 10;

/** Judges the checker; gives the exit status. */
export async function selfTest(parsed: ParsedOptions): Promise<number> {
  const seconds = parsed.number("time", { min: 0.1, max: 86_400, integer: false });
  const seed = parsed.number("seed", { min: 0, max: 2 ** 31 - 1, integer: true }) ?? 1;
  const seeds = parsed.number("seeds", { min: 1, max: 1000, integer: true }) ?? 1;
  const progress = new ProgressLines();
  const interrupted = interruptSignal();
  const options: SelfTestOptions = {
    seeds: Array.from({ length: seeds }, (_, i) => seed + i),
    names: parsed.list("impl"),
    faultSeconds: seconds ?? 20,
    correctSeconds: seconds ?? CORRECT_SECONDS,
    onResult: (result, done, total) => progress.update("self-test", `${done} of ${total}: ${result.name}`),
  };
  const results = await runSelfTest(options, interrupted);
  progress.clear();
  process.stdout.write(renderSelfTest(results, textOptions(process.stdout)));
  if (interrupted.aborted) return EXIT.interrupted;
  return results.every(isAsItShould) ? EXIT.ok : EXIT.failed;
}
