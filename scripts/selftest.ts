import { commandLine } from "../core/command-line.ts";
import { SEED_OPTION } from "./cli/common-options.ts";
import { main } from "./cli/main.ts";
import { refuseAlone, refuseBeside } from "./cli/options.ts";

const USAGE = `${commandLine("selftest", ["[options]"])}
Tests the checker: it must catch every mutant of suites/mutants/ and accuse none of the correct implementations there.
With --clock, tests the clock: no timing mutant of suites/mutants/timing/ may have a time that is shorter than that of
its work and not say so, and no honest one may be accused; with --runs also one kernel under two names, and the same
kernel made 5 and 10 % slower. Exit status 1 when a mutant survives, an honest or correct implementation is accused, or
more than one gate in twenty gives a false alarm.`;

const OPTIONS = {
  clock: { help: "test the clock in place of the checker: times of work that was not done" },
  neutral: { help: "compare the clock with an independent script, for several ways of writing a kernel" },
  browser: { help: "with --neutral: in headless Chromium, in place of Node" },
  impl: { value: "A,B", help: "only these: names or globs of suites/mutants/, with --clock of suites/mutants/timing/" },
  kind: { value: "A,B", help: "only mutants of these kinds, such as conjunction or reported" },
  correct: { help: "only the correct implementations" },
  draw: { value: "N", help: "N conjunctions that --seed draws, in place of suites/mutants/" },
  time: {
    value: "SECONDS",
    help: "per implementation (default 20, 10 for a correct one); with --clock of samples per cell (default 2)",
  },
  seed: SEED_OPTION,
  seeds: { value: "N", help: "test under N seeds, from --seed on (default 1)" },
  runs: {
    value: "N",
    help: "with --clock: also N gates of eight cells each (default 0; 20 show a rate of alarms); with --neutral: N turns (default 8)",
  },
  fuzz: { value: "N", help: "load and check N drawn plugins in place of suites/mutants/: none may stop the harness" },
  threshold: { value: "PERCENT", help: "with --clock: a smaller change is not reported (default 2.5)" },
} as const;

// Each self-test is loaded when it is asked for: drawing all mutants takes a second.
await main({ usage: USAGE, options: OPTIONS }, async (parsed) => {
  refuseAlone(parsed, "threshold", ["clock"]);
  refuseAlone(parsed, "runs", ["clock", "neutral"]);
  refuseAlone(parsed, "browser", ["neutral"]);
  refuseBeside(parsed, "neutral", ["clock", "impl", "kind", "correct", "draw", "time", "seeds", "fuzz"]);
  if (parsed.has("neutral")) return (await import("./selftest/neutral.ts")).testNeutrality(parsed);
  refuseBeside(parsed, "clock", ["kind", "correct", "draw", "fuzz"]);
  refuseBeside(parsed, "fuzz", ["impl", "kind", "correct", "draw", "time", "seeds"]);
  refuseBeside(parsed, "correct", ["kind", "draw"]);
  if (parsed.has("fuzz")) return (await import("./selftest/fuzz.ts")).fuzz(parsed);
  if (parsed.has("clock")) return (await import("./selftest/clock.ts")).testClock(parsed);
  return (await import("./selftest/checker.ts")).testChecker(parsed);
});
