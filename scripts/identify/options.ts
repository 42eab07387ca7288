import picomatch from "picomatch";
import { commandLine } from "../../core/command-line.ts";
import { parseDescriptor, printDescriptor } from "../../core/descriptor.ts";
import { plainText } from "../../core/plain-text.ts";
import type { ConvProblem } from "../../core/problem.ts";
import { UsageError } from "../../core/usage-error.ts";
import { findSuite, SUITES } from "../../suites/index.ts";
import { withBatch } from "../../suites/suite.ts";
import { COMMON_OPTIONS } from "../cli/common-options.ts";
import { oneOf, refuseAlone, type ParsedOptions } from "../cli/options.ts";

const SUITE_NAMES = SUITES.map(({ name }) => name);

export const OPTIONS = {
  impl: { value: "A,B", help: "implementations: names, globs or paths of plugin files" },
  problem: { value: "DESCRIPTOR", help: "only this problem, such as 'mb1_ic64ih14oc64kh3ph1'" },
  suite: { value: "A,B", help: `the distinct layers of ${SUITE_NAMES.join(", ")}` },
  layer: { value: "GLOB", help: "of the suite, only the layers whose name matches" },
  mb: { value: "N", help: "batch size of the suite's layers (default: the suite's)" },
  "no-bias": { help: "the problems have no bias" },
  pass: { ...COMMON_OPTIONS.pass, help: `${COMMON_OPTIONS.pass.help} (default forward)` },
  threads: COMMON_OPTIONS.threads,
  sandbox: COMMON_OPTIONS.sandbox,
  "allow-addons": COMMON_OPTIONS["allow-addons"],
  switches: { value: "SECONDS", help: "look for sizes at which the arithmetic changes (default 10; 0: not at all)" },
  json: { value: "FILE", help: "write what was found there; - writes it to stdout and nothing else" },
  markdown: { value: "FILE", help: "write a table of all layers there, those that are computed alike together" },
  html: { value: "FILE", help: "draw it there: trees, switches and digests" },
} as const;

const CALLS: readonly (readonly [options: string, what: string])[] = [
  ["--impl A [options]", "names how an implementation computes, from its outputs alone"],
  ["A.json B.json", "says what changed between two releases"],
];
export const USAGE = `${CALLS.map(([options, what]) => `${commandLine("identify", [options.padEnd(20)])}   ${what}`).join("\n")}
Algorithm and tile, precision, accumulator, order of summation, FMA, subnormals, and what the bits depend on
(docs/identify.md). Without a problem or a suite: four common layers, and where it switches.`;

/** What is asked where nothing is named: 3×3, 1×1, a first layer, depthwise. */
const USUAL = ["mb2ic32ih14oc32kh3ph1", "mb2ic64ih14oc64kh1", "mb1ic3ih56oc64kh7sh2ph3", "g32mb2ic32ih14oc32kh3ph1"];

/** The default of `--switches`, where no problem is named. */
const SWITCHES_SECONDS = 10;

export function switchesMsOf(parsed: ParsedOptions): number | undefined {
  const isNamed = parsed.has("problem") || parsed.has("suite");
  const seconds = parsed.number("switches", { min: 0, max: 3600, integer: false }) ?? (isNamed ? 0 : SWITCHES_SECONDS);
  return seconds === 0 ? undefined : 1000 * seconds;
}

/** @throws UsageError for a problem, a suite or a layer that does not exist. */
export function problemsOf(parsed: ParsedOptions): readonly ConvProblem[] {
  const bias = !parsed.has("no-bias");
  refuseAlone(parsed, "layer", ["suite"]);
  refuseAlone(parsed, "mb", ["suite"]);
  const problem = parsed.text("problem");
  const names = parsed.list("suite");
  if (problem !== undefined) return [parseDescriptor(problem, bias).problem];
  if (names.length === 0) return USUAL.map((descriptor) => parseDescriptor(descriptor, bias).problem);
  const batch = parsed.number("mb", { min: 1, max: 1e6, integer: true });
  const glob = parsed.text("layer") ?? "*";
  const layers = names.flatMap((name) => {
    const suite = findSuite(oneOf("suite", name, SUITE_NAMES))!;
    return (batch === undefined ? suite : withBatch(suite, batch)).layers;
  });
  const chosen = layers.filter((layer) => picomatch.isMatch(layer.name, glob, { bash: true }));
  if (chosen.length === 0) {
    const all = layers.map((layer) => layer.name).join(", ");
    throw new UsageError(`no layer of ${names.join(", ")} matches "${plainText(glob)}"; it has ${all}`);
  }
  const problems = chosen.map((layer) => (bias ? layer.problem : { ...layer.problem, bias }));
  const shapes = new Map<string, ConvProblem>();
  for (const one of problems) {
    const { name: _, ...shape } = one;
    if (!shapes.has(printDescriptor(shape))) shapes.set(printDescriptor(shape), one);
  }
  return [...shapes.values()];
}
