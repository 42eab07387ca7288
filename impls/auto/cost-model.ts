import type { ConvProblem, Pass } from "../../core/problem.ts";
import { CANDIDATES, elements, type Candidate } from "./candidates.ts";

/** Milliseconds for each multiplication, each element and each call: never negative. */
export type Costs = readonly [perMultiplication: number, perElement: number, perCall: number];

/** The costs of each candidate, by its name, in each pass. */
export type CostModel = Readonly<Record<string, Readonly<Record<Pass, Costs>>>>;

/** A problem and how long a candidate took for it. */
export interface Probe {
  readonly problem: ConvProblem;
  readonly pass: Pass;
  readonly ms: number;
}

type Quantities = readonly [multiplications: number, elements: number, calls: number];

function quantities(
  { multiplications, isThreaded }: Candidate,
  problem: ConvProblem,
  pass: Pass,
  threads: number,
): Quantities {
  return [multiplications(problem, pass) / (isThreaded ? threads : 1), elements(problem), 1];
}

/** About how long a candidate takes; undefined where the model does not say. */
export function predictedMs(
  model: CostModel,
  candidate: Candidate,
  problem: ConvProblem,
  pass: Pass,
  threads: number,
): number | undefined {
  const costs = model[candidate.impl.name]?.[pass];
  if (costs === undefined) return undefined;
  return quantities(candidate, problem, pass, threads).reduce((ms, quantity, i) => ms + quantity * costs[i]!, 0);
}

/** The candidate that does the problem and is expected to be the quickest. */
export function pick(model: CostModel, problem: ConvProblem, pass: Pass, threads: number): Candidate {
  const [first] = CANDIDATES;
  let best: { readonly candidate: Candidate; readonly ms: number } | undefined;
  for (const candidate of CANDIDATES) {
    if (candidate.isWorthwhile?.(problem) === false) continue;
    if (candidate.impl.unsupported?.(problem, pass) !== undefined) continue;
    const ms = predictedMs(model, candidate, problem, pass, threads);
    if (ms !== undefined && (best === undefined || ms < best.ms)) best = { candidate, ms };
  }
  return best?.candidate ?? first!;
}

const SWEEPS = 2000;

/**
 * The costs that explain the probes of one candidate and pass best: least squares of the relative errors, no cost
 * negative. Coordinate descent: one cost at a time takes its best value, or zero (Franc, Hlaváč and Navara, "Sequential
 * coordinate-wise algorithm for the non-negative least squares problem", CAIP 2005).
 */
export function fittedCosts(candidate: Candidate, probes: readonly Probe[]): Costs {
  // Divided by its time, a probe's prediction should be 1.
  const rows = probes.map(({ problem, pass, ms }) =>
    quantities(candidate, problem, pass, 1).map((quantity) => quantity / ms),
  );
  const costs: [number, number, number] = [0, 0, 0];
  for (let sweep = 0; sweep < SWEEPS; sweep++) {
    for (const i of [0, 1, 2] as const) {
      let [above, below] = [0, 0];
      for (const row of rows) {
        const others = row.reduce((sum, quantity, j) => (j === i ? sum : sum + quantity * costs[j]!), 0);
        above += row[i]! * (1 - others);
        below += row[i]! ** 2;
      }
      costs[i] = below === 0 ? 0 : Math.max(0, above / below);
    }
  }
  return costs;
}
