import type { Processor } from "./processor.ts";

/** A rate that no honest float32 result of a processor passes, in GFLOP/s, and how it was reckoned, in words. */
export interface PlausibleLimit {
  readonly gflops: number;
  readonly basis: string;
}

/** What a core can multiply and add in one cycle. */
interface VectorUnits {
  readonly lanes: number;
  readonly units: number;
  readonly name: string;
}

/** Where the instruction sets are not told (macOS, Windows): the widest units that a processor on sale has. */
const WIDEST: VectorUnits = { lanes: 16, units: 2, name: "unknown vector units, taken as the widest" };

/** The widest first. Each has two units that multiply: no x86 core has more; the many 128-bit units of an Arm core count as four. */
const X86_UNITS: readonly (readonly [flag: string, units: VectorUnits])[] = [
  ["avx512f", { lanes: 16, units: 2, name: "AVX-512" }],
  ["avx", { lanes: 8, units: 2, name: "AVX, AVX2" }],
  ["sse2", { lanes: 4, units: 2, name: "SSE2" }],
];
const ARM_UNITS: readonly (readonly [flag: string, units: VectorUnits])[] = [
  // One outer product of 16 by 16 lanes a cycle, at the 512 bits that are built.
  ["sme", { lanes: 16, units: 16, name: "SME" }],
  // The width is not told; 512 bits is the widest built.
  ["sve", { lanes: 16, units: 2, name: "SVE" }],
  ["asimd", { lanes: 4, units: 4, name: "Advanced SIMD" }],
  ["neon", { lanes: 4, units: 2, name: "NEON" }],
];

/** Where nothing states or shows a clock: above any that is sold. */
const UNKNOWN_CLOCK_GHZ = 6.5;
/**
 * The measured clock is that of this moment; the cores may rise above it when fewer of them are busy, the machine is cooler, or a neighbour on the same
 * processor rests. A frequency driver states that rise itself. Without one the clock that is stated is nominal, and turbo goes up to twice that
 * on server processors of many cores; but the measured clock has seen most of that, so beside it each has a lower factor.
 */
const HEADROOM = { driver: 1.1, measured: 1.35, nominal: 1.5, nominalAlone: 2 } as const;
/** No limit is nearer than this to a rate that was measured here. */
const ABOVE_MEASURED = 1.25;

/**
 * Lanes × units × 2 operations × clock × all logical processors, however many threads were asked for: a library may start more. The clock is the
 * highest of what the frequency driver, /proc/cpuinfo and a chain of dependent additions say, each with its headroom. Two logical processors on one core
 * count as two cores, so the limit is up to twice too high there. A measured rate that comes near it or passes it raises it.
 * `measuredGHz` is undefined where it could not be measured; `measuredGflops` are rates of all kinds.
 */
export function plausibleLimit(
  processor: Processor,
  measuredGHz: number | undefined,
  measuredGflops: readonly number[],
): PlausibleLimit {
  const { lanes, units, name } = vectorUnits(processor.flags);
  const clock = highestClock(processor, measuredGHz);
  const { logicalCores } = processor;
  const reckoned = lanes * units * 2 * clock.gigahertz * logicalCores;
  const words = `${name}: ${lanes} lanes × ${units} units × 2 operations × ${clock.gigahertz.toFixed(2)} GHz (${clock.basis}) × ${logicalCores} logical ${logicalCores === 1 ? "processor" : "processors"}`;
  const measured = measuredGflops.reduce((most, rate) => Math.max(most, rate), 0);
  if (measured * ABOVE_MEASURED <= reckoned) return { gflops: reckoned, basis: words };
  return {
    gflops: measured * ABOVE_MEASURED,
    basis: `${ABOVE_MEASURED} × the measured ${measured.toFixed(0)} GFLOP/s, which is more than this gives room for: ${words}`,
  };
}

/** What the flags of a processor promise for float32. */
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
  if (first === undefined) return { gigahertz: UNKNOWN_CLOCK_GHZ, basis: "assumed: none is stated" };
  return others.reduce((most, one) => (one.gigahertz > most.gigahertz ? one : most), first);
}
