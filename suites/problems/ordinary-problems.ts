import type { RandomStream } from "../data/random.ts";
import { multiplyAdds, totalElements } from "../../core/shape.ts";
import { Coverage } from "./coverage.ts";
import { pick } from "./draws.ts";
import { KERNELS, type FilledProblem } from "./factors.ts";
import { realise } from "./realisation.ts";
import { AXES, decideRow, emptyRow, RANK, type Row } from "./row.ts";

/** What a problem may cost. Operands cost time to make and to move, whatever is computed from them. */
interface Cost {
  readonly multiplyAdds: number;
  readonly elements: number;
}

const CHEAP: Cost = { multiplyAdds: 2 ** 13, elements: 2 ** 13 };
const MIDDLING: Cost = { multiplyAdds: 2 ** 16, elements: 2 ** 15 };
const DEAR: Cost = { multiplyAdds: 2 ** 18, elements: 2 ** 16 };
/** Most problems are cheap, so that there are many of them: this many of 19 of each cost. */
const COSTS = [CHEAP, MIDDLING, DEAR].flatMap((cost, at) => Array.from({ length: [12, 4, 3][at]! }, () => cost));

/** Who takes only a few has cheap ones. */
const CHEAP_AT_FIRST = 100;

/** In how many of 4 draws a factor has a class that most layers have. */
const ORDINARY_OF_4 = [1, 2, 3, 3, 3];
/**
 * In how many of 5 problems all axes have the same kernel, stride, dilation and padding, in how many all but one of the
 * four; in the others they are of any classes.
 */
const SQUARE_OF_5 = 3;
const NEARLY_SQUARE_OF_5 = 1;
const AXIS_FACTORS = ["kernel", "stride", "dilation", "padding"] as const;
/** The classes of kernels up to 5. */
const SMALL_KERNELS = KERNELS.indexOf("5") + 1;

/** Classes that an implementation does not do are not drawn: see Coverage. */
export interface OrdinaryCoverage {
  readonly any: Pick<Coverage, "allows">;
  readonly square: Pick<Coverage, "allows">;
}

/** Where none of this many draws can be had, there are no more. */
const MOST_REFUSED = 1000;

/**
 * Random problems that are ordinary in most factors and unusual in a few: what public reports are about. Each factor has
 * a class that most layers have (one group, 3 × 3, stride 1, …) more often than not, else any class. The covering arrays
 * meet every pair and triple; a conjunction of four classes and more is met here, if three of them are usual. They have
 * no end where the implementation does any of them.
 */
export function* ordinaryProblems(
  random: RandomStream,
  { coverage = everything(), ordinaryOf4 = ORDINARY_OF_4 }: OrdinaryOptions = {},
): Generator<FilledProblem, void, undefined> {
  let drawn = 0;
  for (let refused = 0; refused < MOST_REFUSED; refused++) {
    const cost = drawn < CHEAP_AT_FIRST ? CHEAP : pick(random, COSTS);
    const filled = drawOrdinary(coverage, random, { cost, ordinaryOf4: pick(random, ordinaryOf4) });
    if (filled === undefined) continue;
    refused = -1;
    drawn++;
    yield filled;
  }
}

interface OrdinaryOptions {
  /** All classes where it is left out. */
  readonly coverage?: OrdinaryCoverage | undefined;
  /** Of 4 draws of a class so many are of the usual ones: one of these numbers for each problem. */
  readonly ordinaryOf4?: readonly number[];
}

let all: OrdinaryCoverage | undefined;

/** Nothing is excluded but what no problem has. */
function everything(): OrdinaryCoverage {
  if (all !== undefined) return all;
  const square = new Coverage();
  square.excludeOuterAxis();
  return (all = { any: new Coverage(), square });
}

function drawOrdinary(
  { any, square }: OrdinaryCoverage,
  random: RandomStream,
  { cost, ordinaryOf4 }: { readonly cost: Cost; readonly ordinaryOf4: number },
): FilledProblem | undefined {
  const shape = random.nextBelow(5);
  const isSquare = shape < SQUARE_OF_5;
  const isNearlySquare = !isSquare && shape < SQUARE_OF_5 + NEARLY_SQUARE_OF_5;
  const isDecidedAsSquare = isSquare || isNearlySquare;
  const coverage = isDecidedAsSquare ? square : any;
  const other = isNearlySquare ? pick(random, AXIS_FACTORS) : undefined;
  // Of kernels that are not square any small ones are usual: 1 × 3, 3 × 2, 5 × 1.
  const row = emptyRow(other === "kernel" ? [[AXES.inner.kernel, random.nextBelow(SMALL_KERNELS)]] : []);
  decideRow(row, { most: cost.multiplyAdds, coverage, random, isSquare: isDecidedAsSquare, ordinaryOf4 });
  if (other !== undefined) spreadBut(other, row);
  const decided = isNearlySquare ? any : coverage;
  if (!row.every((index, factor) => index < 0 || decided.allows(row, factor))) return undefined;
  const filled = realise(row, random, isSquare);
  return filled !== undefined && isWithin(filled, cost) ? filled : undefined;
}

/** The outer axis has the classes of the inner one, but for one factor, which is left open. */
function spreadBut(other: (typeof AXIS_FACTORS)[number], row: Row): void {
  if (row[RANK] === 0) return;
  for (const factor of AXIS_FACTORS) {
    if (factor !== other) row[AXES.outer[factor]] = row[AXES.inner[factor]]!;
  }
}

function isWithin({ problem }: FilledProblem, most: Cost): boolean {
  return multiplyAdds(problem) <= most.multiplyAdds && totalElements(problem) <= most.elements;
}
