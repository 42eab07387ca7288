import { expect, test } from "vitest";
import type { Finding, Identification } from "../core/identification.ts";
import { compare } from "../harness/identify/compare.ts";
import { renderIdentificationMarkdown } from "./identification-markdown.ts";
import { renderIdentificationPage } from "./identification-page.ts";
import { renderComparison, renderIdentification } from "./identification.ts";
import { treePicture } from "./tree-picture.ts";

const OPTIONS = { columns: 100, colour: false };
const FINDING: Finding = {
  problem: "g1mb1_ic4oc2_ih4oh4kh1",
  bias: true,
  algorithm: { kind: "direct", name: "direct" },
  products: "f32",
  accumulator: { type: "f64", rounding: "nearest", between: "f32" },
  order: {
    shape: "lanes",
    lanes: 2,
    combine: "sequence",
    bias: "last",
    text: "2 lanes; bias last",
    tree: "(([0..6:2] [1..7:2]) bias)",
  },
  fma: null,
  subnormals: { inputs: "flushed", weights: "kept", products: "kept", sums: "kept" },
  zeros: { padding: null, data: "multiplied" },
  invariant: null,
  digest: "0123456789abcdef",
  evidence: [{ probe: "a <probe>", got: "1", expected: "2" }],
  reasons: { fma: "the bits are the same" },
  milliseconds: 1234,
};

function identification(finding: Partial<Finding>, impl = "one"): Identification {
  return {
    impl,
    version: "1.0",
    pass: "forward",
    findings: [{ ...FINDING, ...finding }],
    switches: [{ factor: "channels of 3×3", at: 32, before: 31, changes: ["FMA: no → yes"] }],
    invariant: { batch: null, threads: null, runs: null },
    reasons: {},
  };
}

test("the table has each finding, the tree and the reason of what is not told", () => {
  const text = renderIdentification(identification({}), OPTIONS);
  expect(text).toMatch(/^one 1\.0, forward$/m);
  expect(text).toMatch(/^ +accumulator +f64, f32 between parts$/m);
  expect(text).toMatch(/^ +FMA +not told: the bits are the same$/m);
  expect(text).toMatch(/^ +subnormals +inputs flushed$/m);
  expect(text).toMatch(/^ +tree +\(\(\[0\.\.6:2\] \[1\.\.7:2\]\) bias\)$/m);
  expect(text).toMatch(/channels of 3×3: 31 → 32\n +FMA: no → yes/);
});

test("a comparison names what differs, and bits that differ alone", () => {
  const [before, after] = [identification({}), identification({ fma: true })];
  expect(renderComparison([before, after], compare(before, after), OPTIONS)).toMatch(/ {2}FMA: not told → yes/);
  const other = identification({ digest: "f" });
  expect(renderComparison([before, other], compare(before, other), OPTIONS)).toMatch(/the same findings, other bits/);
  expect(compare(before, before)).toMatchObject({ same: 1, differences: [], switches: [] });
});

test("the page draws the tree and the switches, and escapes what it is given", () => {
  const page = renderIdentificationPage([identification({}, "<b>")]);
  expect(page).toMatch(/&lt;b&gt;/);
  expect(page).not.toMatch(/<b>|<probe>|<script/);
  expect(page.match(/<svg /g)).toHaveLength(2);
});

test("a tree that is cut off, or has very many parts, is not drawn", () => {
  expect(treePicture("((1 2) 3…")).toBeUndefined();
  expect(treePicture(`(${Array.from({ length: 65 }, (_, i) => i).join(" ")})`)).toBeUndefined();
  expect(treePicture("([bias 0..7] [8..15])")).toMatch(/bias 0\.\.7.*8\.\.15/s);
});

test("the table has a row for all layers that are computed alike", () => {
  const named = (name: string): string => `g1mb1_ic4oc2_ih4oh4kh1_n"${name}"`;
  const one = identification({ problem: named("first") });
  const two = { ...one, findings: [...one.findings, ...identification({ problem: named("second") }).findings] };
  const three = { ...two, findings: [...two.findings, { ...FINDING, problem: named("third"), fma: true }] };
  const rows = renderIdentificationMarkdown([three]).split("\n");
  expect(rows[2]).toMatch(
    /^\| one 1\.0 \| first, second \| direct \| 2 lanes; bias last \| f32, f64, f32 between parts/,
  );
  expect(rows[3]).toMatch(/^\| {2}\| third \|.*\| yes \|/);
  expect(rows.at(-2)).toBe("1 implementation, 3 shapes.");
});
