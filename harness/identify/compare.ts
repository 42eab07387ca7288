/** What differs between two findings, or two releases. */
import type { Finding, Identification } from "../../core/identification.ts";

/** The parts of a finding that say how something is computed, in words. */
const FACTS: readonly (readonly [name: string, text: (finding: Finding) => string | null])[] = [
  [
    "algorithm",
    ({ algorithm }) =>
      algorithm && `${algorithm.name}${algorithm.tile === undefined ? "" : ` in tiles of ${algorithm.tile.join("×")}`}`,
  ],
  ["products", ({ products }) => products],
  ["accumulator", ({ accumulator }) => accumulator && accumulatorText(accumulator)],
  ["order", ({ order }) => order && order.text],
  ["FMA", ({ fma }) => (fma === null ? null : fma ? "yes" : "no")],
  ["subnormals", ({ subnormals }) => subnormals && subnormalsText(subnormals)],
  ["zeros", ({ zeros }) => zeros && zerosText(zeros)],
];

export function accumulatorText(accumulator: NonNullable<Finding["accumulator"]>): string {
  const { type, rounding, between, roundedEvery } = accumulator;
  return [
    type,
    ...(rounding === "nearest" ? [] : ["cut toward zero"]),
    ...(between === undefined ? [] : [`${between} between parts`]),
    ...(roundedEvery === undefined ? [] : [`rounded to f32 after every ${roundedEvery}`]),
  ].join(", ");
}

export function subnormalsText(subnormals: NonNullable<Finding["subnormals"]>): string {
  const flushed = Object.entries(subnormals).filter(([, kept]) => kept === "flushed");
  if (flushed.length === 0) return "kept";
  if (flushed.length === Object.keys(subnormals).length) return "flushed";
  return `${flushed.map(([what]) => what).join(", ")} flushed`;
}

export function zerosText({ padding, data }: NonNullable<Finding["zeros"]>): string {
  return `padding ${padding ?? "not told"}, data ${data ?? "not told"}`;
}

/** The facts of a finding, null where one is not told. */
export function factsOf(finding: Finding): readonly (readonly [name: string, text: string | null])[] {
  return FACTS.map(([name, text]) => [name, text(finding)]);
}

/** Which facts differ, in words. */
export function changesOf(before: Finding, after: Finding): readonly string[] {
  return FACTS.flatMap(([name, text]) => {
    const [old, next] = [text(before), text(after)];
    if (name === "order" && before.order?.shape === after.order?.shape && scaled(before) === scaled(after)) return [];
    return old === next ? [] : [`${name}: ${old ?? "not told"} → ${next ?? "not told"}`];
  });
}

/** An order without the numbers that change with the size of the problem. */
function scaled({ order }: Finding): string {
  if (order === null) return "";
  const { shape, lanes, block, rest, combine, loops, bias } = order;
  return JSON.stringify([shape, lanes, shape === "split-k" ? undefined : block, rest, combine, loops, bias]);
}

/** One problem of two releases. */
export interface Difference {
  readonly problem: string;
  /** Empty where the bits alone differ. */
  readonly changes: readonly string[];
}

export interface Comparison {
  readonly differences: readonly Difference[];
  /** Problems with the same findings and bits. */
  readonly same: number;
  /** Problems that only one of the two has. */
  readonly unmatched: readonly string[];
  readonly switches: readonly string[];
}

/** What changed from one release to another. */
export function compare(before: Identification, after: Identification): Comparison {
  const keyOf = ({ problem, bias }: Finding): string => `${problem}${bias ? "" : " without bias"}`;
  const old = new Map(before.findings.map((finding) => [keyOf(finding), finding]));
  const differences: Difference[] = [];
  const unmatched = new Set([...old.keys()].filter((key) => !after.findings.some((finding) => keyOf(finding) === key)));
  let same = 0;
  for (const finding of after.findings) {
    const key = keyOf(finding);
    const earlier = old.get(key);
    if (earlier === undefined) {
      unmatched.add(key);
      continue;
    }
    const changes = changesOf(earlier, finding);
    if (changes.length === 0 && earlier.digest === finding.digest) same++;
    else differences.push({ problem: key, changes });
  }
  const textOf = ({ factor, at }: { readonly factor: string; readonly at: number }): string => `${factor} at ${at}`;
  const [then, now] = [before, after].map(({ switches }) => (switches ?? []).map(textOf));
  const isCompared = before.switches !== null && after.switches !== null;
  return {
    differences,
    same,
    unmatched: [...unmatched],
    switches: !isCompared
      ? []
      : [
          ...then!.filter((text) => !now!.includes(text)).map((text) => `no longer: ${text}`),
          ...now!.filter((text) => !then!.includes(text)).map((text) => `new: ${text}`),
        ],
  };
}
