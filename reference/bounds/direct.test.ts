import { seededUniforms } from "../testing/uniforms.ts";
import fc from "fast-check";
import { expect, test } from "vitest";
import { biasGradientBound, directBound } from "./direct.ts";
import { roundingModel } from "./float32.ts";
import { probabilisticBound } from "./probabilistic.ts";

const f = Math.fround;

/** One output element: products x_i·w_i and a bias (0 where there is none). */
interface Dot {
  readonly x: readonly number[];
  readonly w: readonly number[];
  readonly bias: number;
}

const bits = new BigInt64Array(1);
const asFloat = new Float64Array(bits.buffer);

/** a + b rounded to odd in float64 (Boldo and Melquiond 2008), so that a second rounding to float32 is a single one. */
function addToOdd(a: number, b: number): number {
  const sum = a + b;
  const back = sum - a;
  const error = a - (sum - back) + (b - back);
  if (error === 0) return sum;
  asFloat[0] = sum;
  if ((bits[0]! & 1n) === 0n) bits[0] = bits[0]! + (error > 0 === sum > 0 ? 1n : -1n);
  return asFloat[0];
}

/** A true fused multiply-add: a·b is exact in float64. */
const fma = (a: number, b: number, c: number): number => f(addToOdd(a * b, c));

const terms = ({ x, w, bias }: Dot): number[] => [
  ...x.map((value, i) => f(value * w[i]!)),
  ...(bias === 0 ? [] : [bias]),
];
const sum = (values: readonly number[]): number => values.reduce((total, value) => f(total + value), 0);
const pairwise = (values: readonly number[]): number => {
  if (values.length < 2) return values[0] ?? 0;
  const half = values.length >> 1;
  return f(pairwise(values.slice(0, half)) + pairwise(values.slice(half)));
};
const fmaChain = ({ x, w }: Dot, start: number): number =>
  x.reduce((total, value, i) => fma(value, w[i]!, total), start);

/** Eight lanes of FMA that are added in a tree: a vectorised micro-kernel. */
function lanes(dot: Dot): number {
  const lane = Array.from({ length: 8 }, () => 0);
  dot.x.forEach((value, i) => (lane[i % 8] = fma(value, dot.w[i]!, lane[i % 8]!)));
  return f(pairwise(lane) + dot.bias);
}

const orders: Readonly<Record<string, (dot: Dot) => number>> = {
  forward: (dot) => sum(terms(dot)),
  reversed: (dot) => sum(terms(dot).reverse()),
  pairwise: (dot) => pairwise(terms(dot)),
  blocked: (dot) => {
    const all = terms(dot);
    const blocks = Array.from({ length: Math.ceil(all.length / 5) }, (_, block) =>
      sum(all.slice(5 * block, 5 * block + 5)),
    );
    return sum(blocks);
  },
  "ascending magnitude": (dot) => sum(terms(dot).sort((a, b) => Math.abs(a) - Math.abs(b))),
  "descending magnitude": (dot) => sum(terms(dot).sort((a, b) => Math.abs(b) - Math.abs(a))),
  "float64 accumulator": ({ x, w, bias }) => f(x.reduce((total, value, i) => total + value * w[i]!, bias)),
  "float64 accumulator, bias after": (dot) => f(f(orders["float64 accumulator"]!({ ...dot, bias: 0 })) + dot.bias),
  "fused, bias first": (dot) => fmaChain(dot, dot.bias),
  "fused, bias last": (dot) => f(fmaChain(dot, 0) + dot.bias),
  "rounded twice": ({ x, w, bias }) => x.reduce((total, value, i) => f(total + value * w[i]!), bias),
  "fused lanes": lanes,
};

/** The float64 reference's value and magnitude. */
function reference({ x, w, bias }: Dot): { value: number; magnitude: number } {
  return {
    value: x.reduce((total, value, i) => total + value * w[i]!, bias),
    magnitude: x.reduce((total, value, i) => total + Math.abs(value * w[i]!), Math.abs(bias)),
  };
}

const largest = ({ x, w }: Dot): number => Math.max(0, ...[...x, ...w].map(Math.abs));

/** Error ÷ bound; 0 where both are 0. */
function margin(dot: Dot, got: number, model = roundingModel()): number {
  const { value, magnitude } = reference(dot);
  const error = Math.abs(got - value);
  const element = { products: dot.x.length, magnitude, hasBias: dot.bias !== 0, largestOperand: largest(dot) };
  return error === 0 ? 0 : error / directBound(element, model);
}

type Kind = "uniform" | "positive" | "scales" | "cancelling" | "subnormal" | "ties";
const KINDS: readonly Kind[] = ["uniform", "positive", "scales", "cancelling", "subnormal", "ties"];

function draw(kind: Kind, length: number, seed: number): Dot {
  const next = seededUniforms(seed);
  const signed = (): number => f(2 * next() - 1);
  const value: Readonly<Record<Kind, () => number>> = {
    uniform: signed,
    positive: () => f(next() + 0.5),
    scales: () => f(signed() * 2 ** Math.floor(40 * next() - 20)),
    cancelling: signed,
    subnormal: () => f(signed() * 2 ** -(64 + Math.floor(12 * next()))),
    ties: () => 1 + Math.floor(next() * 3) * 2 ** -23,
  };
  const x = Array.from({ length }, value[kind]);
  const w = Array.from({ length }, value[kind]);
  if (kind === "cancelling") {
    // The second half takes the first half back, up to one unit in the last place.
    const half = length >> 1;
    for (let i = 0; i < half; i++) [x[half + i], w[half + i]] = [f(-x[i]! * (1 + (i % 2) * 2 ** -23)), w[i]!];
  }
  return { x, w, bias: next() < 0.5 ? 0 : value[kind]() };
}

test.each(Object.entries(orders))("a correct float32 sum stays inside: %s", (_, order) => {
  let worst = 0;
  for (const kind of KINDS) {
    for (let seed = 0; seed < 250; seed++) {
      const dot = draw(kind, 1 + ((seed * seed) % 97), seed);
      worst = Math.max(worst, margin(dot, order(dot)));
    }
  }
  expect(worst).toBeLessThan(1);
  expect(worst).toBeGreaterThan(0.05);
});

test("a correct float32 sum stays inside for any values, subnormals and huge ones included", () => {
  const operand = fc.float({ noNaN: true, noDefaultInfinity: true, min: f(-1e15), max: f(1e15) });
  const dots = fc.record({ pairs: fc.array(fc.tuple(operand, operand), { maxLength: 12 }), bias: operand });
  const law = fc.property(dots, ({ pairs, bias }) => {
    const dot = { x: pairs.map(([x]) => x), w: pairs.map(([, w]) => w), bias };
    for (const order of Object.values(orders)) expect(margin(dot, order(dot))).toBeLessThanOrEqual(1);
  });
  fc.assert(law, { numRuns: 500 });
});

test("the bound is attained: one product at a tie, and a long sum of ties, come close to it", () => {
  const product = { x: [1 + 2 ** -12], w: [1 + 2 ** -12], bias: 0 };
  expect(margin(product, orders["forward"]!(product))).toBeGreaterThan(0.99);
  // 1 + u + u + …: every addition is lost (ties to even), n − 1 times u.
  const ones = {
    x: [1, ...Array.from({ length: 500 }, () => 2 ** -24)],
    w: Array.from({ length: 501 }, () => 1),
    bias: 0,
  };
  expect(orders["forward"]!(ones)).toBe(1);
  expect(margin(ones, 1)).toBeGreaterThan(0.99);
});

test("long sums stay inside", () => {
  for (const kind of KINDS) {
    const dot = draw(kind, 4608, 7);
    for (const order of Object.values(orders)) expect(margin(dot, order(dot))).toBeLessThan(1);
  }
});

test("no product means exactly the bias, and nothing means zero", () => {
  expect(directBound({ products: 0, magnitude: 3, hasBias: true })).toBe(0);
  expect(directBound({ products: 0, magnitude: 0, hasBias: false })).toBe(0);
  const flushing = roundingModel({ arithmetic: "flushes-subnormals" });
  expect(directBound({ products: 0, magnitude: 3, hasBias: true }, flushing)).toBe(0);
  expect(directBound({ products: 0, magnitude: 2 ** -130, hasBias: true }, flushing)).toBe(2 ** -130);
});

test("the formula of a plain case", () => {
  const bound = directBound({ products: 9, magnitude: 5, hasBias: true });
  expect(bound / (10 * 2 ** -24 * 5)).toBeCloseTo(1, 6);
  expect(directBound({ products: 3, magnitude: 0, hasBias: false })).toBe(3 * 2 ** -149);
  expect(biasGradientBound({ terms: 4, magnitude: 2 }) / (4 * 2 ** -24 * 2)).toBeCloseTo(1, 6);
});

test("a dropped, doubled or shifted term of typical data shows", () => {
  let shown = 0;
  for (let seed = 0; seed < 300; seed++) {
    const dot = draw("uniform", 9 + (seed % 92), seed);
    const dropped = { ...dot, x: dot.x.map((value, i) => (i === seed % 9 ? 0 : value)) };
    const shifted = { ...dot, x: [...dot.x.slice(1), dot.x[0]!] };
    if (margin(dot, orders["forward"]!(dropped)) > 1) shown += 1;
    expect(margin(dot, orders["forward"]!(shifted))).toBeGreaterThan(1);
  }
  expect(shown).toBeGreaterThanOrEqual(298);
});

const truncateTo =
  (width: number) =>
  (value: number): number => {
    const scale = 2 ** (Math.floor(Math.log2(Math.abs(value))) - width + 1);
    return value === 0 ? 0 : Math.trunc(value / scale) * scale;
  };

test("operands cut to TF32 or bfloat16 show in float32's bound at short length, and stay inside their own", () => {
  for (const [precision, width] of [
    ["tf32", 11],
    ["bf16", 8],
  ] as const) {
    const model = roundingModel({ precision });
    let shown = 0;
    for (let seed = 0; seed < 200; seed++) {
      const dot = draw("uniform", 9, seed);
      const cut = { x: dot.x.map(truncateTo(width)), w: dot.w.map(truncateTo(width)), bias: dot.bias };
      const got = orders["forward"]!(cut);
      if (margin(dot, got) > 1) shown += 1;
      expect(margin(dot, got, model)).toBeLessThan(1);
      const positive = draw("positive", 9, seed);
      const coarse = {
        x: positive.x.map(truncateTo(width - 3)),
        w: positive.w.map(truncateTo(width - 3)),
        bias: positive.bias,
      };
      expect(margin(positive, orders["forward"]!(coarse), model)).toBeGreaterThan(1);
    }
    expect(shown).toBeGreaterThanOrEqual(199);
  }
});

test("operands rounded to float16 stay inside its bound, below its normal range too; above it there is none", () => {
  const model = roundingModel({ precision: "f16" });
  for (const scale of [1, 2 ** -12, 2 ** -16, 2 ** -26]) {
    for (let seed = 0; seed < 200; seed++) {
      const drawn = draw("uniform", 1 + (seed % 40), seed);
      const dot = { x: drawn.x.map((value) => f(value * scale)), w: drawn.w, bias: drawn.bias };
      const rounded = { x: dot.x.map(Math.f16round), w: dot.w.map(Math.f16round), bias: dot.bias };
      expect(margin(dot, orders["forward"]!(rounded), model)).toBeLessThan(1);
    }
  }
  expect(directBound({ products: 1, magnitude: 65505, hasBias: false, largestOperand: 65505 }, model)).toBe(Infinity);
  expect(() => directBound({ products: 1, magnitude: 1, hasBias: false }, model)).toThrow(/largestOperand/);
});

test("flushed subnormals stay inside their own bound and break the IEEE one", () => {
  const model = roundingModel({ arithmetic: "flushes-subnormals" });
  const flush = (value: number): number => (Math.abs(value) < 2 ** -126 ? 0 : value);
  let shown = 0;
  for (let seed = 0; seed < 500; seed++) {
    const drawn = draw("subnormal", 1 + (seed % 40), seed);
    // Even: products are subnormal. Odd: x is subnormal itself, against large w. A usual bias would hide either.
    const [down, up] = seed % 2 === 0 ? [1, 1] : [2 ** -62, 2 ** 120];
    const dot = { x: drawn.x.map((value) => f(value * down)), w: drawn.w.map((value) => f(value * up)), bias: 0 };
    const got = dot.x.reduce(
      (total, value, i) => flush(f(total + flush(f(flush(value) * flush(dot.w[i]!))))),
      flush(dot.bias),
    );
    expect(margin(dot, got, model)).toBeLessThan(1);
    if (margin(dot, got) > 1) shown += 1;
  }
  expect(shown).toBeGreaterThan(400);
});

test("the RMS error of correct sums lies under the probabilistic bound, and a systematic error far above it", () => {
  const rms = (order: (dot: Dot) => number): number => {
    let squares = 0;
    for (let seed = 0; seed < 400; seed++) {
      const dot = draw("uniform", 576, seed);
      const { value, magnitude } = reference(dot);
      squares +=
        ((order(dot) - value) / probabilisticBound({ products: 576, magnitude, hasBias: dot.bias !== 0 })) ** 2;
    }
    return Math.sqrt(squares / 400);
  };
  for (const order of Object.values(orders)) expect(rms(order)).toBeLessThan(0.5);
  const truncated = truncateTo(15);
  expect(
    rms((dot) => orders["forward"]!({ ...dot, x: dot.x.map(truncated), w: dot.w.map(truncated) })),
  ).toBeGreaterThan(1);
});
