/** Operations that are fused into a convolution: what follows its sum and bias, element by element, in order. */

/** `add` adds a residual, a tensor of the output's shape. */
export type Post = "relu" | "hardswish" | "add" | `clip(${number},${number})` | `leaky(${number})`;
export type PostKind = "relu" | "hardswish" | "add" | "clip" | "leaky";

export type ParsedPost =
  | { readonly kind: "relu" | "hardswish" | "add" }
  | { readonly kind: "clip"; readonly least: number; readonly most: number }
  | { readonly kind: "leaky"; readonly slope: number };

export const POST_KINDS: readonly PostKind[] = ["relu", "clip", "leaky", "hardswish", "add"];

const FORM = /^(relu|hardswish|add|clip|leaky)(?:\(([^()]*)\))?$/;

/** Reads `add,relu` or `clip(0,6)`; a text in place of the list says what is wrong. */
export function readPosts(text: string): readonly Post[] | string {
  const words = text.match(/[^,()]+(?:\([^()]*\))?/g) ?? [];
  if (words.join(",") !== text) return `a list such as add,relu or clip(0,6) was expected`;
  const posts: readonly Post[] = words.flatMap((word) => (isPost(word) ? [word] : []));
  const wrong = words.find((word) => !isPost(word));
  if (wrong !== undefined)
    return `there is no "${wrong}"; operations are relu, clip(a,b) with a < b, leaky(a) with 0 < a < 1, hardswish and add`;
  return posts.filter((post) => post === "add").length > 1 ? "there is one residual: add stands once" : posts;
}

function isPost(word: string): word is Post {
  return parsed(word) !== undefined;
}

function parsed(word: string): ParsedPost | undefined {
  const [, kind, inner] = FORM.exec(word) ?? [];
  const numbers = inner?.split(",").map((one) => (one.trim() === "" ? NaN : Number(one))) ?? [];
  const [a = NaN, b = NaN] = numbers;
  switch (kind) {
    case "relu":
    case "hardswish":
    case "add":
      return inner === undefined ? { kind } : undefined;
    case "clip":
      return numbers.length === 2 && a < b ? { kind, least: a, most: b } : undefined;
    case "leaky":
      return numbers.length === 1 && a > 0 && a < 1 ? { kind, slope: a } : undefined;
    default:
      return undefined;
  }
}

/** An operation as a value. @throws RangeError for a text that is none */
export function parsedPost(post: Post): ParsedPost {
  const found = parsed(post);
  if (found === undefined) throw new RangeError(`${post} is no operation`);
  return found;
}

/** The slope of the operations where they gave `y`: what a gradient of y is multiplied with. */
export function slopeByOutput(posts: readonly ParsedPost[], y: number): number {
  let [slope, value] = [1, y];
  for (const post of posts.toReversed()) {
    switch (post.kind) {
      case "relu":
        if (!(value > 0)) slope = 0;
        break;
      case "clip":
        if (!(value > post.least && value < post.most)) slope = 0;
        break;
      case "leaky":
        if (!(value > 0)) [slope, value] = [slope * post.slope, value / post.slope];
        break;
      case "add":
      case "hardswish":
        break;
    }
  }
  return slope;
}

/** Why an output does not tell the slope of the operations; undefined where it does. */
export function slopeFault(posts: readonly Post[]): string | undefined {
  if (posts.includes("hardswish")) return "the slope of hardswish is not told by its output";
  return posts.lastIndexOf("add") > 0
    ? "behind a residual the output does not tell the slope of what is before it"
    : undefined;
}
