/** Steps from 2⁻¹⁰ to 2⁻²⁴, each a quarter of the one before: short steps cross fewer kinks, long ones round less. */
const LONGEST_STEP = 2 ** -10;
const STEPS = 8;
const SHRINK = 4;

/**
 * The estimated relative error that ends the search: some digits below what the checks need, as the estimate may be
 * off.
 */
const ENOUGH = 2 ** -30;

/**
 * f'(0) by central differences (f(h) − f(−h)) / 2h over falling steps, extrapolated to h = 0 by Neville's scheme in h²;
 * the result is the entry of the table that differs least from its neighbours.
 * Source: Ridders, "Accurate computation of F'(x) and F'(x)F''(x)", Advances in Engineering Software 4(2), 1982,
 * https://doi.org/10.1016/S0141-1195(82)80057-0
 */
export function numericalDerivative(f: (step: number) => number): number {
  let best = { value: Number.NaN, error: Infinity };
  let above: number[] = [];
  for (let index = 0, step = LONGEST_STEP; index < STEPS; index++, step /= SHRINK) {
    const row = [(f(step) - f(-step)) / (2 * step)];
    for (let order = 1, weight = SHRINK ** 2; order <= index; order++, weight *= SHRINK ** 2) {
      const coarse = above[order - 1]!;
      const fine = row[order - 1]!;
      const value = (weight * fine - coarse) / (weight - 1);
      const error = Math.max(Math.abs(value - fine), Math.abs(value - coarse));
      if (error < best.error) best = { value, error };
      row.push(value);
    }
    if (best.error <= ENOUGH * Math.abs(best.value)) break;
    above = row;
  }
  return best.value;
}
