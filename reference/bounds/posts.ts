import type { FloatFormat } from "../../core/element-types.ts";
import type { ParsedPost } from "../../core/posts.ts";

/** Where a right number may lie. */
export interface Range {
  readonly least: number;
  readonly most: number;
}

/**
 * Where the operations' result may lie for a sum in a range, before it is stored. Each is computed in the accumulator's
 * format, of which `nearest` rounds to it: exact where its result is a number of that format, else off by what its
 * roundings are: one for a residual, two for a slope (its own, and the product's), six for hardswish
 * v·min(max(v/6 + ½, 0), 1) (of 1/6, three products and a sum; Higham, §3.1, to first order).
 */
export function afterPosts(
  posts: readonly ParsedPost[],
  sum: Range,
  residual: number,
  { unitRoundoff: u, smallestNormal, largest, nearest }: FloatFormat & { readonly nearest: (real: number) => number },
): Range {
  const tiny = 2 * u * smallestNormal;
  const widened = (
    { least, most }: Range,
    roundings: number,
    magnitude = Math.max(Math.abs(least), Math.abs(most)),
  ): Range => {
    if (!Number.isFinite(magnitude)) return { least, most };
    const error = roundings * (u + 2 ** -50) * magnitude + roundings * tiny;
    return { least: least - error, most: most + error };
  };
  let range = sum;
  for (const post of posts) {
    const { least, most } = range;
    switch (post.kind) {
      case "relu":
        range = { least: Math.max(0, least), most: Math.max(0, most) };
        break;
      case "clip": {
        const ends = [post, { least: nearest(post.least), most: nearest(post.most) }];
        const clipped = ends.flatMap((end) => [least, most].map((v) => Math.min(Math.max(v, end.least), end.most)));
        range = { least: Math.min(...clipped), most: Math.max(...clipped) };
        break;
      }
      case "leaky": {
        const [from, to] = [least < 0 ? least * post.slope : least, most < 0 ? most * post.slope : most];
        const isExact = least >= 0 || (least === most && nearest(post.slope) === post.slope && nearest(from) === from);
        range = isExact ? { least: from, most: to } : widened({ least: from, most: to }, 2.1);
        break;
      }
      case "hardswish": {
        const values = [least, most, ...(least < LOWEST && most > LOWEST ? [LOWEST] : [])].map(hardswish);
        const ends = { least: Math.min(...values), most: Math.max(...values) };
        // Far below it is zero, however it is computed; far above, v·6/6 may overflow on the way.
        const magnitude = Math.max(most, Math.min(Math.max(0, -least), 4));
        const wide = most <= -4 ? ends : widened(ends, 6, 1.2 * magnitude);
        range = 6 * most > largest ? { least: wide.least, most: Infinity } : wide;
        break;
      }
      case "add": {
        const ends = { least: least + residual, most: most + residual };
        const isExact = least === most && ends.least - residual === least && nearest(ends.least) === ends.least;
        range = isExact ? ends : widened(ends, 1.1);
        break;
      }
    }
  }
  return range;
}

/** Where hardswish is lowest. */
const LOWEST = -1.5;

function hardswish(value: number): number {
  return value * Math.min(Math.max(value / 6 + 0.5, 0), 1);
}
