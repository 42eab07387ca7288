import { elementCount, multiplyAdds, tensorShapes } from "../../core/shape.ts";
import { randomStream, type RandomStream } from "../data/random.ts";
import { classesIn, Coverage, type Strength } from "./coverage.ts";
import { classesOf, FACTORS, type FilledProblem } from "./factors.ts";
import { realise } from "./realisation.ts";
import { decideCosts, leastMultiplyAdds, type Row } from "./row.ts";

/** A row has at most this many multiply-adds: first cheap ones, then those that no cheap problem can show. */
const COST_STEPS = [2 ** 12, 2 ** 15, 2 ** 18, 2 ** 20, 2 ** 23];
/** Large tensors cost time to make and to move, whatever is computed from them. */
const MOST_ELEMENTS = 2 ** 19;
/** Problems that are drawn around one tuple at one cost; where none has it, it waits for the next cost. */
const DRAWS = 8;

/**
 * Problems with their fills that together have every pair and then every triple of classes of {@link FACTORS} (a
 * covering array of strength 2, then 3), the cheapest first. Rows are made one at a time, each around a tuple that is
 * not met yet: of a few draws the one that meets most tuples. The same seed gives the same rows; another seed draws
 * other members of the classes. What other sources meet counts too: they add to the same `coverage`.
 * Source: Cohen, Dalal, Fredman and Patton, "The AETG system", IEEE TSE 23(7), 1997 (candidates of which the best is
 * taken); Kuhn, Kacker and Lei, NIST SP 800-142, 2010.
 */
export function* coveringArray(seed: number, coverage = new Coverage()): Generator<FilledProblem, void, undefined> {
  const random = randomStream("covering array", seed);
  for (const strength of [2, 3] as const) {
    let waiting = shuffled(coverage.unmet(strength), random);
    for (const most of COST_STEPS) {
      const missed: number[] = [];
      for (const tuple of waiting) {
        if (coverage.isMet(strength, tuple)) continue;
        const filled = rowAround(strength, tuple, most, coverage, random);
        if (filled === undefined) {
          missed.push(tuple);
          continue;
        }
        coverage.add(classesOf(filled));
        yield filled;
      }
      waiting = Uint32Array.from(missed);
    }
    // No problem within the highest cost has them.
    for (const tuple of waiting) coverage.giveUp(strength, tuple);
  }
}

/** Of a few problems that have the tuple's classes, the one that meets most tuples that are not met yet. */
function rowAround(
  strength: Strength,
  tuple: number,
  most: number,
  coverage: Coverage,
  random: RandomStream,
): FilledProblem | undefined {
  const wanted = classesIn(strength, tuple);
  let best: FilledProblem | undefined;
  let bestGain = 0;
  for (let draw = 0; draw < DRAWS; draw++) {
    const row: Row = new Int8Array(FACTORS.length).fill(-1);
    for (const [factor, index] of wanted) row[factor] = index;
    if (leastMultiplyAdds(row) > most) return undefined;
    decideCosts(row, most, random);
    const filled = realise(row, random);
    if (filled === undefined || multiplyAdds(filled.problem) > most || elements(filled) > MOST_ELEMENTS) continue;
    const classes = classesOf(filled);
    if (!wanted.every(([factor, index]) => classes[factor] === index)) continue;
    const gain = coverage.gain(strength, classes);
    if (gain > bestGain) [best, bestGain] = [filled, gain];
  }
  return best;
}

/** All elements of the operands and the output. */
function elements({ problem }: FilledProblem): number {
  const { x, weights, y } = tensorShapes(problem);
  return elementCount(x) + elementCount(weights) + elementCount(y);
}

/** The same values in random order (Fisher and Yates), in place. */
function shuffled(values: Uint32Array, random: RandomStream): Uint32Array {
  for (let at = values.length - 1; at > 0; at--) {
    const other = random.nextBelow(at + 1);
    [values[at], values[other]] = [values[other]!, values[at]!];
  }
  return values;
}
