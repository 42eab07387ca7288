/** Implementations whose arithmetic is known, and what `identify` has to say of each. */
import type { Algorithm, FunctionImpl } from "../../../core/plugin.ts";
import { roundedBits } from "../../../suites/mutants/rounding.ts";
import { convolve, type Call } from "../../../suites/mutants/convolution.ts";
import { implOf, PLANE, problemOf, SMALL, type Known } from "./known.ts";
import { GRADIENTS, ORDERS, STATES } from "./orders.ts";
import { PRECISIONS } from "./precisions.ts";
import { adjoint, fourier, transformUnsupported, winograd } from "./transforms.ts";

function transform(
  name: string,
  declared: Algorithm,
  compute: (call: Call) => void,
  expected: Known["expected"],
  problem = PLANE,
  r?: number,
): Known {
  const impl = implOf(name, compute, {
    algorithm: declared,
    unsupported: (asked, pass) => (pass === "forward" ? transformUnsupported(asked, r) : "only forward"),
  });
  return { impl, problem, pass: "forward", expected: { products: null, order: null, ...expected } };
}

const TRANSFORMS: readonly Known[] = [
  ...([2, 3, 4, 6, 7] as const).map((m) =>
    transform(
      `winograd-${m}-3`,
      `winograd(${m},3)`,
      (call) => winograd(call, m),
      {
        algorithm: { kind: "winograd", name: `winograd(${m},3)`, tile: [m, m], origin: [0, 0] },
      },
      m < 4 ? SMALL : PLANE,
      3,
    ),
  ),
  transform(
    "winograd-2-5",
    "winograd(2,5)",
    (call) => winograd(call, 2),
    {
      algorithm: { name: "winograd(2,5)", tile: [2, 2] },
    },
    problemOf("mb1_ic2ih14oc3kh5ph2"),
    5,
  ),
  {
    impl: implOf("winograd-2-3-data-gradient", (call) => winograd(adjoint(call), 2)),
    problem: SMALL,
    pass: "backwardData",
    expected: { algorithm: { name: "winograd(2,3)", tile: [2, 2], origin: [0, 0] }, order: null },
  },
  transform("fft-2", "fft", (call) => fourier(call, 2), { algorithm: { name: "fft", tile: [2, 2] } }, SMALL),
  transform("fft-6", "fft", (call) => fourier(call, 6), { algorithm: { name: "fft", tile: [6, 6] } }, SMALL),
  transform(
    "fft-14-float32",
    "fft",
    (call) => fourier(call, 14, Math.fround),
    { algorithm: { name: "fft", tile: [14, 14] } },
    problemOf("mb1_ic2ih20oc2kh3ph1"),
  ),
  transform(
    "fft-whole",
    "fft",
    (call) => fourier(call, undefined),
    { algorithm: { kind: "fft", name: "fft" } },
    problemOf("mb1_ic2ih12oc2kh3ph1"),
  ),
];

/** Implementations that declare one arithmetic and have another, and how each is told. */
export const CONTRADICTING: readonly { readonly impl: FunctionImpl; readonly message: RegExp }[] = [
  {
    impl: implOf("declares-2-3-computes-6-3", (call) => winograd(call, 6), {
      algorithm: "winograd(2,3)",
      unsupported: (asked, pass) => (pass === "forward" ? transformUnsupported(asked, 3) : "only forward"),
    }),
    message: /it declares winograd\(2,3\) and computes winograd\(6,3\)/,
  },
  {
    impl: implOf("declares-direct-tf32-from-512-channels", (call) =>
      convolve(call, call.problem.inChannels >= 512 ? { convert: roundedBits(13) } : {}),
    ),
    message: /it declares float32 and multiplies in tf32/,
  },
];

export const KNOWN: readonly Known[] = [...ORDERS, ...GRADIENTS, ...PRECISIONS, ...STATES, ...TRANSFORMS];
