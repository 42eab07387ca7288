/**
 * Subnormal numbers: whether inputs, weights, products and sums below 2^-126 are kept or become zero.
 *
 * Idea: each is asked where only it is subnormal. An input of 2^-130 times 2^20 is normal, so that zero means that the
 * input was flushed. A product of 2^-140 beside one of 2^-120 is seen in the last bits of the sum. 2^-126 − 1.5·2^-126
 * is a subnormal sum of normal products.
 *
 * Limits: a fused multiply-add, and a wider accumulator, have no subnormal product: it is kept, as the result shows.
 * Types with a smaller range have other subnormals, which are not asked for.
 */
import type { FoundSubnormals, Kept } from "../../core/identification.ts";
import type { Told } from "./algorithm.ts";
import type { Box } from "./box.ts";

export async function probeSubnormals(box: Box): Promise<Told<FoundSubnormals>> {
  if (box.products < 2) return { found: null, reason: "one product has no sum", evidence: [] };
  const two = (first: number, second = 0) =>
    box.question((product) => (product === 0 ? first : product === 1 ? second : 0));
  const input = (await box.ask([two(2 ** 20)], 2 ** -130))[0]!;
  const weight = (await box.ask([two(2 ** -130)], 2 ** 20))[0]!;
  const product = (await box.ask([two(2 ** -70, 2 ** -50)], 2 ** -70))[0]!;
  const sum = (await box.ask([two(2 ** -126, -1.5 * 2 ** -126)]))[0]!;
  const asked: readonly (readonly [name: string, got: number, kept: number, flushed: number])[] = [
    ["x 2^-130 · w 2^20", input, 2 ** -110, 0],
    ["x 2^20 · w 2^-130", weight, 2 ** -110, 0],
    ["2^-120 + 2^-70·2^-70", product, 2 ** -120 + 2 ** -140, 2 ** -120],
    ["2^-126 − 1.5·2^-126", sum, -(2 ** -127), 0],
  ];
  const evidence = asked.map(([probe, got, kept, flushed]) => ({
    probe,
    got: String(got),
    expected: `kept: ${kept}; flushed: ${flushed}`,
  }));
  const [inputs, weights, products, sums] = asked.map(([, got, kept, flushed]): Kept | undefined =>
    got === kept ? "kept" : got === flushed ? "flushed" : undefined,
  );
  if (inputs === undefined || weights === undefined || products === undefined || sums === undefined)
    return { found: null, reason: "a sum of subnormal numbers is neither kept nor zero", evidence };
  return { found: { inputs, weights, products, sums }, evidence };
}
