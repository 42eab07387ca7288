/** Plugins drawn from a grammar: what they declare, what they give back, and outputs that take no convolution. */
import fc from "fast-check";
import { convolve, functionsOf } from "../../../suites/mutants/convolution.ts";

const right = functionsOf(convolve);

/** What a drawn plugin fills its outputs with; all but `right` take no convolution. */
export type Filling =
  | "right"
  | "nothing"
  | "zeros"
  | "ones"
  | "not a number"
  | "infinity"
  | "operand"
  | "bias"
  | "mean"
  | "first half"
  | "first of a length";

export interface DrawnPlugin {
  readonly filling: Filling;
  /** The default export of its module. */
  readonly exported: unknown;
}

const FILLINGS: readonly Filling[] = [
  "right",
  "nothing",
  "zeros",
  "ones",
  "not a number",
  "infinity",
  "operand",
  "bias",
  "mean",
  "first half",
  "first of a length",
];

type Odd = fc.Arbitrary<unknown>;

/** Values that no field should have, and texts that somebody may write there. */
const odd: Odd = fc.oneof(
  fc.constantFrom<unknown>(null, undefined, true, NaN, Infinity, -1, -0, 1e308, 7n, Symbol("odd"), ""),
  fc.constantFrom("4 MiB", "__proto__", "constructor", "\u202emine", "a\u0301", "x".repeat(5000), "\n\u0007"),
  fc.string({ unit: "binary", maxLength: 20 }),
  fc.double(),
  fc.constantFrom<unknown>([], {}, [[]], new Map(), new Date(NaN), /x/, new Float32Array(3), Object.create(null)),
  fc.constant({
    get name(): never {
      throw new TypeError("looked at");
    },
    toString(): never {
      throw new TypeError("made a text");
    },
  }),
  // oxlint-disable-next-line unicorn/no-thenable -- somebody may
  fc.constant({ then: 1, toJSON: () => "4 MiB", valueOf: () => 4 }),
);

/** Now and then something odd. */
function mostly(usual: fc.Arbitrary<unknown>): Odd {
  return fc.oneof({ weight: 40, arbitrary: usual }, { weight: 1, arbitrary: odd });
}

const left = fc.constant(undefined);
const tile = fc.tuple(fc.nat({ max: 12 }), fc.nat({ max: 8 })).map(([m, r]) => `winograd(${m},${r})`);
const algorithmName = fc.oneof(fc.constantFrom("direct", "gemm", "fft", "winograd(3000,3000)"), tile);
const algorithm = mostly(
  fc.oneof(
    left,
    algorithmName,
    algorithmName.map((name) => () => name),
    odd.map((value) => () => value),
  ),
);
/** A function that gives this, throws it, or promises it. */
function giving(value: Odd): Odd {
  return fc.oneof(
    left,
    value.map((given) => () => given),
    value.map((given) => () => {
      throw given;
    }),
    value.map((given) => () => Promise.resolve(given)),
    value.map((given) => () => rejected(given)),
  );
}

/** In a process of its own a rejection that nobody waits for ends the plugin; here it is kept from ending the fuzzer. */
function rejected(reason: unknown): Promise<never> {
  const promise = Promise.withResolvers<never>();
  promise.promise.catch(() => {});
  promise.reject(reason);
  return promise.promise;
}

const words = mostly(fc.oneof(left, fc.string()));
const declared = fc.record({
  name: mostly(fc.constantFrom("mine", "mine:other", "my-conv")),
  description: words,
  version: words,
  source: words,
  algorithm,
  precision: mostly(fc.constantFrom(undefined, "float32", "tf32", "f16", "bf16")),
  arithmetic: mostly(fc.constantFrom(undefined, "ieee", "flushes-subnormals", "finite-only")),
  layout: mostly(fc.constantFrom(undefined, "nchw", "nhwc")),
  device: mostly(fc.constantFrom(undefined, "cpu", "gpu")),
  layers: mostly(fc.constantFrom(undefined, {})),
  unavailable: fc.oneof({ weight: 8, arbitrary: left }, { weight: 1, arbitrary: giving(odd) }),
  software: fc.oneof({ weight: 8, arbitrary: left }, { weight: 1, arbitrary: giving(odd) }),
  unsupported: fc.oneof({ weight: 8, arbitrary: left }, { weight: 1, arbitrary: giving(odd) }),
});

/** What a call gives back besides its outputs. */
const returned = fc.oneof({ weight: 6, arbitrary: left }, { weight: 1, arbitrary: giving(odd) });

const planFields = fc.record({
  workspaceBytes: mostly(fc.oneof(left, fc.nat())),
  choice: mostly(fc.oneof(left, fc.string())),
  deviceMs: fc.oneof({ weight: 6, arbitrary: left }, { weight: 1, arbitrary: giving(odd) }),
  dispose: fc.oneof({ weight: 6, arbitrary: left }, { weight: 1, arbitrary: giving(odd) }),
});

type Tensor = Float32Array | undefined;

/** What was computed first for outputs of each length. */
type Firsts = Map<number, Float32Array>;

function fill(
  { filling, firsts }: { readonly filling: Filling; readonly firsts: Firsts },
  out: Tensor,
  operands: readonly Tensor[],
  compute: () => void,
): void {
  switch (filling) {
    case "right":
      return compute();
    case "nothing":
      return;
    case "zeros":
      out?.fill(0);
      return;
    case "ones":
      out?.fill(1);
      return;
    case "not a number":
      out?.fill(NaN);
      return;
    case "infinity":
      out?.fill(Infinity);
      return;
    case "mean": {
      compute();
      out?.fill(out.reduce((sum, value) => sum + value, 0) / Math.max(1, out.length));
      return;
    }
    case "first half":
      compute();
      out?.fill(0, Math.ceil(out.length / 2));
      return;
    case "first of a length": {
      const kept = firsts.get(out?.length ?? 0);
      if (kept === undefined) compute();
      else out?.set(kept);
      firsts.set(out?.length ?? 0, kept ?? out?.slice() ?? new Float32Array());
      return;
    }
    case "operand":
    case "bias": {
      const from = filling === "bias" ? operands[2] : operands[0];
      out?.forEach((_, i) => (out[i] = from === undefined ? 0 : from[i % from.length]!));
    }
  }
}

type Forward = typeof right.forward;

export const drawnPlugin: fc.Arbitrary<DrawnPlugin> = fc
  .record({
    filling: fc.constantFrom(...FILLINGS),
    fields: declared,
    plan: fc.oneof({ weight: 2, arbitrary: left }, { weight: 1, arbitrary: planFields }),
    planned: fc.oneof({ weight: 9, arbitrary: left }, { weight: 1, arbitrary: odd }),
    returned,
    shape: fc.oneof({ weight: 30, arbitrary: fc.constant("object") }, { weight: 1, arbitrary: fc.constant("odd") }),
    odd,
  })
  .map(({ filling, fields, plan, planned, returned: result, shape, odd: other }): DrawnPlugin => {
    const firsts: Firsts = new Map();
    const back = (): unknown => (typeof result === "function" ? Reflect.apply(result, undefined, []) : undefined);
    const forward = (...[problem, x, w, b, y]: Parameters<Forward>): unknown => {
      fill({ filling, firsts }, y, [x, w, b], () => {
        void right.forward(problem, x, w, b, y);
      });
      return back();
    };
    const given = Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== undefined));
    if (shape === "odd") return { filling, exported: other };
    if (plan === undefined) return { filling, exported: { ...given, forward } };
    const open = (problem: Parameters<Forward>[0], pass: unknown): unknown => {
      if (planned !== undefined) return planned;
      let held: Readonly<Record<string, Float32Array>> = {};
      return {
        ...plan,
        load: (operands: Readonly<Record<string, Float32Array>>) => void (held = operands),
        run: back,
        read: (outputs: Readonly<Record<string, Float32Array>>) => {
          const { x, weights, bias } = held;
          if (pass === "forward") forward(problem, x!, weights!, bias, outputs["y"]!);
        },
      };
    };
    return { filling, exported: { ...given, plan: open } };
  });
