/** The check of what an implementation declares, beside the laws: what its outputs show contradicts nothing of it. */
import { commandLine, shellQuoted } from "../../core/command-line.ts";
import { printDescriptor } from "../../core/descriptor.ts";
import type { Algorithm } from "../../core/plugin.ts";
import type { ConvProblem } from "../../core/problem.ts";
import type { CheckEntry } from "../../core/record.ts";
import { probeAlgorithm } from "../identify/algorithm.ts";
import { Box } from "../identify/box.ts";
import { answered, computeBy } from "../identify/calls.ts";
import { contradiction, type Shown } from "../identify/declared.ts";
import { probeProducts } from "../identify/products.ts";
import { probeSubnormals } from "../identify/subnormals.ts";
import type { Implementation } from "../runner/discovery.ts";
import type { Runner } from "./runner.ts";

export const DECLARED_ARITHMETIC = "declared-arithmetic";

/** From the most telling on: a plane of many tiles, then sizes from which on libraries compute otherwise. */
const PROBLEMS: readonly ConvProblem[] = [
  problemOf({ channels: 8, filters: 16, extent: 20, kernel: 3 }),
  problemOf({ channels: 512, filters: 4, extent: 4, kernel: 3 }),
  problemOf({ channels: 64, filters: 16, extent: 9, kernel: 3 }),
  problemOf({ channels: 1024, filters: 2, extent: 4, kernel: 3 }),
  problemOf({ channels: 128, filters: 8, extent: 4, kernel: 3 }),
  problemOf({ channels: 16, filters: 8, extent: 16, kernel: 5 }),
  problemOf({ channels: 256, filters: 4, extent: 4, kernel: 3 }),
  problemOf({ channels: 512, filters: 16, extent: 4, kernel: 1 }),
  problemOf({ channels: 8, filters: 512, extent: 4, kernel: 3 }),
  problemOf({ channels: 32, filters: 8, extent: 24, kernel: 3 }),
  { ...problemOf({ channels: 16, filters: 16, extent: 20, kernel: 3 }), groups: 16 },
];

function problemOf(size: {
  readonly channels: number;
  readonly filters: number;
  readonly extent: number;
  readonly kernel: number;
}): ConvProblem {
  const pad = (size.kernel - 1) / 2;
  return {
    batch: 1,
    inChannels: size.channels,
    outChannels: size.filters,
    groups: 1,
    input: [size.extent, size.extent],
    kernel: [size.kernel, size.kernel],
    stride: [1, 1],
    dilation: [1, 1],
    padBegin: [pad, pad],
    padEnd: [pad, pad],
    bias: false,
  };
}

/**
 * Holds the declaration against a number of problems, at least one, for about as long as `limitMs`. An implementation
 * that gives no result there is not accused: the laws look at that.
 */
export async function checkDeclaration(
  { name, selector }: Implementation,
  runner: Runner,
  limitMs: number,
): Promise<CheckEntry> {
  const entry = { impl: name, law: DECLARED_ARITHMETIC, pass: "forward", margin: null } as const;
  const { precision, arithmetic } = runner.description;
  const endsAt = performance.now() + limitMs;
  let cases = 0;
  for (const problem of PROBLEMS) {
    if (cases > 0 && performance.now() > endsAt) break;
    if (runner.expectedFailureOf(problem, "forward", "real") !== undefined) continue;
    const declared: { algorithm?: Algorithm } = {};
    const shown = await answered(() => probed(problem, runner, (algorithm) => (declared.algorithm = algorithm)));
    if (shown.kind === "unanswered" || declared.algorithm === undefined) continue;
    cases++;
    const message = contradiction({ algorithm: declared.algorithm, precision, arithmetic }, shown.value);
    if (message === undefined) continue;
    const descriptor = printDescriptor(problem);
    const rerun = commandLine("identify", [
      `--impl ${shellQuoted(selector)}`,
      `--problem ${shellQuoted(descriptor)}`,
      "--no-bias",
    ]);
    const failure = { descriptor, seed: 0, data: "probes", message, foundAfterCases: cases, rerun };
    return { ...entry, status: "failed", reason: message, cases, failure };
  }
  if (cases > 0) return { ...entry, status: "passed", cases };
  return { ...entry, status: "unsupported", reason: "it does none of the problems that are looked at", cases };
}

async function probed(
  problem: ConvProblem,
  runner: Runner,
  onAlgorithm: (declared: Algorithm) => void,
): Promise<Shown> {
  const compute = computeBy(runner, "forward", runner.threads, onAlgorithm);
  const algorithm = (await probeAlgorithm(problem, "forward", compute)).found;
  // A transform rounds a product alone too: its precision is not to be seen so.
  if (algorithm?.kind !== "direct") return { algorithm, products: null, subnormals: null };
  const box = new Box(problem, "forward", compute);
  const products = (await probeProducts(box)).found;
  const subnormals = products?.hasWideRange === true ? (await probeSubnormals(box)).found : null;
  return { algorithm, products: products?.type ?? null, subnormals };
}
