import type { Processor } from "./processor.ts";

/** A rate that no float32 result of a processor can exceed, in GFLOP/s, and how it was computed, in words. */
export interface TheoreticalPeak {
  readonly gflops: number;
  readonly basis: string;
}

/** What a core can multiply and add in one cycle. */
interface VectorUnits {
  readonly lanes: number;
  readonly units: number;
  readonly name: string;
}

/** Where the system does not list the instruction sets (macOS, Windows): the widest of any processor on sale. */
const WIDEST: VectorUnits = { lanes: 16, units: 2, name: "unknown vector units, taken as the widest" };

/** The widest first, each with two units that multiply: no x86 core has more. */
const X86_UNITS: readonly (readonly [flag: string, units: VectorUnits])[] = [
  ["avx512f", { lanes: 16, units: 2, name: "AVX-512" }],
  ["avx", { lanes: 8, units: 2, name: "AVX, AVX2" }],
  ["sse2", { lanes: 4, units: 2, name: "SSE2" }],
];
/** The widest first. An Arm core's 128-bit units are at most four. */
const ARM_UNITS: readonly (readonly [flag: string, units: VectorUnits])[] = [
  // One outer product of 16 by 16 lanes a cycle, at the 512 bits that are built.
  ["sme", { lanes: 16, units: 16, name: "SME" }],
  // The system does not tell the width; 512 bits is the widest built.
  ["sve", { lanes: 16, units: 2, name: "SVE" }],
  ["asimd", { lanes: 4, units: 4, name: "Advanced SIMD" }],
  ["neon", { lanes: 4, units: 2, name: "NEON" }],
];

/** Where nothing states or shows a clock: above that of any processor on sale. */
const UNKNOWN_CLOCK_GHZ = 6.5;
/**
 * The measured clock is that of this moment; cores may run faster when fewer of them are busy, the machine is cooler,
 * or a neighbour on the same processor is idle. A frequency driver states that maximum itself. Without one the stated
 * clock is nominal, and turbo goes up to twice that on server processors of many cores; but the measured clock includes
 * most of that, so that beside it the nominal one has a lower factor.
 */
const HEADROOM = { driver: 1.1, measured: 1.35, nominal: 1.5, nominalAlone: 2 } as const;
/** The peak is at least this many times every rate that was measured here. */
const ABOVE_MEASURED = 1.25;

/**
 * Lanes × units × 2 operations × clock × all logical processors, however many threads were asked for: a library may
 * start more. The clock is the highest of what the frequency driver, /proc/cpuinfo and a chain of dependent additions
 * say, each with its headroom. Two logical processors on one core count as two cores, so that the peak may be twice too
 * high there. A measured rate near it or above it raises it.
 * `measuredGHz` is undefined where it could not be measured; `measuredGflops` are rates of all kinds.
 */
export function theoreticalPeak(
  processor: Processor,
  measuredGHz: number | undefined,
  measuredGflops: readonly number[],
): TheoreticalPeak {
  const { lanes, units, name } = vectorUnits(processor.flags);
  const clock = highestClock(processor, measuredGHz);
  const { logicalCores } = processor;
  const computed = lanes * units * 2 * clock.gigahertz * logicalCores;
  const words =
    `${name}: ${lanes} lanes × ${units} units × 2 operations × ${clock.gigahertz.toFixed(2)} GHz (${clock.basis}) × ` +
    `${logicalCores} logical ${logicalCores === 1 ? "processor" : "processors"}`;
  const measured = measuredGflops.reduce((most, rate) => Math.max(most, rate), 0);
  if (measured * ABOVE_MEASURED <= computed) return { gflops: computed, basis: words };
  return {
    gflops: measured * ABOVE_MEASURED,
    basis: `${ABOVE_MEASURED} × the measured ${measured.toFixed(0)} GFLOP/s, which is more than ${words}`,
  };
}

/** The widest float32 vector units that a processor's flags name. */
export function vectorUnits(flags: ReadonlySet<string> | undefined): VectorUnits {
  if (flags === undefined) return WIDEST;
  return [...X86_UNITS, ...ARM_UNITS].find(([flag]) => flags.has(flag))?.[1] ?? WIDEST;
}

function highestClock(
  { driverMaxGHz, nominalGHz }: Processor,
  measuredGHz: number | undefined,
): { readonly gigahertz: number; readonly basis: string } {
  const candidates: readonly (readonly [stated: number | undefined, headroom: number, source: string])[] = [
    [driverMaxGHz, HEADROOM.driver, "the frequency driver's highest"],
    [measuredGHz, HEADROOM.measured, "measured"],
    [
      driverMaxGHz === undefined ? nominalGHz : undefined,
      measuredGHz === undefined ? HEADROOM.nominalAlone : HEADROOM.nominal,
      "nominal",
    ],
  ];
  const clocks = candidates.flatMap(([stated, headroom, source]) =>
    stated === undefined
      ? []
      : [{ gigahertz: stated * headroom, basis: `${source} ${stated.toFixed(2)} GHz × ${headroom} headroom` }],
  );
  const [first, ...others] = clocks;
  if (first === undefined) return { gigahertz: UNKNOWN_CLOCK_GHZ, basis: "assumed: no clock is known" };
  return others.reduce((most, one) => (one.gigahertz > most.gigahertz ? one : most), first);
}
