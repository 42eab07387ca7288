import { expect, test } from "vitest";
import { allowedCores, cacheBytes, instructionSets, readProcessor, statedGHz } from "./processor.ts";

const XEON = `processor	: 0
vendor_id	: GenuineIntel
model name	: Intel(R) Xeon(R) Processor @ 2.50GHz
cpu MHz		: 2499.998
flags		: fpu sse2 fma avx avx2 avx512f
vmx flags	: vnmi preemption_timer

processor	: 1
model name	: Intel(R) Xeon(R) Processor @ 2.50GHz
cpu MHz		: 3100.5
`;

test("/proc/cpuinfo gives the instruction sets of x86 and of Arm", () => {
  expect(instructionSets(XEON)).toEqual(new Set(["fpu", "sse2", "fma", "avx", "avx2", "avx512f"]));
  expect(instructionSets("processor\t: 0\nFeatures\t: fp asimd sve\n")).toEqual(new Set(["fp", "asimd", "sve"]));
  expect(instructionSets("")).toBeUndefined();
});

test("/proc/cpuinfo gives each core's clock and the model's", () => {
  expect(statedGHz(XEON)).toEqual([2.499998, 3.1005, 2.5, 2.5]);
  expect(statedGHz("model name\t: AMD EPYC 7B13\n")).toEqual([]);
});

test("the affinity is counted by ranges", () => {
  expect(allowedCores("Name:\tnode\nCpus_allowed:\tff\nCpus_allowed_list:\t0-3,8,10-11\n")).toBe(7);
  expect(allowedCores("Cpus_allowed_list:\t5\n")).toBe(1);
  expect(allowedCores("")).toBeUndefined();
});

test("cache sizes are read with their units", () => {
  expect(["36608K\n", "32M", "512", "1G", "", "big"].map(cacheBytes)).toEqual([
    36608 * 1024,
    32 * 2 ** 20,
    512,
    2 ** 30,
    undefined,
    undefined,
  ]);
});

test("this machine says how many processors it has", () => {
  expect(readProcessor().logicalCores).toBeGreaterThanOrEqual(1);
});
