import { execFileSync } from "node:child_process";
import { describe, expect, test } from "vitest";
import { parseDescriptor } from "../../core/descriptor.ts";
import type { PlanImpl } from "../../core/plugin.ts";
import { expectedOf, integerOperands, outputsOf } from "../testing/exact.ts";
import { openDevice } from "./device.ts";
import webgpuImpls from "./index.ts";
import { planPass } from "./plan.ts";

const [webgpu] = webgpuImpls;
const unavailable = await webgpu?.unavailable?.();

describe.skipIf(unavailable !== undefined)(`on WebGPU${unavailable === undefined ? "" : ` (${unavailable})`}`, () => {
  // Few, as a software driver takes a good part of a second to compile each; verify checks the rest.
  test.each([
    ["forward", "tiles of 32 × 64", "mb2_ic20ih7oc24kh3ph1"],
    ["forward", "tiles of 64 × 32, sums in 4 slices", "mb2_ic40ih9iw5oc40kh5kw3"],
    ["forward", "dot products", "mb1ic128ih3oc40kh3ph0"],
    ["backwardData", "direct by rows", "mb1ic128ih3oc40kh3ph0"],
    ["backwardData", "direct by columns", "g2mb3ic6ih9oc8kh3sh2ph1"],
    ["backwardWeights", "dot products", "g8mb4ic8ih20oc8kh3ph1"],
  ] as const)("%s by %s comes out exactly: %s", async (pass, kernel, descriptor) => {
    const { problem } = parseDescriptor(descriptor);
    const choices: (string | undefined)[] = [];
    expect(await outputsOf(dealt(Infinity, choices), problem, pass)).toEqual(expectedOf(problem, pass));
    expect(choices).toEqual([kernel]);
  });

  test("a run has a time by the device's own clock, shorter than the wall's", async ({ skip }) => {
    const { problem } = parseDescriptor("g8mb4ic8ih20oc8kh3ph1");
    const gpu = await openDevice();
    if (gpu.timestamps === undefined) skip("the adapter has no timestamp-query");
    const plan = await planPass(gpu, problem, "forward", "f32");
    await plan.load(integerOperands(problem, "forward"));
    const start = performance.now();
    await plan.run();
    const wallMs = performance.now() - start;
    const deviceMs = await plan.deviceMs?.();
    await plan.dispose?.();
    expect(deviceMs).toBeGreaterThan(0);
    expect(deviceMs).toBeLessThan(wallMs);
  });

  test("a batch that fits no buffer is dealt out to several", async () => {
    const { problem } = parseDescriptor("mb5ic4ih8oc6oh8kh3ph1");
    for (const pass of ["forward", "backwardWeights"] as const)
      expect(await outputsOf(dealt(2 * 6 * 64 * 4, []), problem, pass)).toEqual(expectedOf(problem, pass));
  });

  test("a buffer larger than the adapter's largest is an error with its size", async () => {
    const gpu = await openDevice();
    await expect(gpu.buffers([gpu.mostBytes + 4])).rejects.toThrow(String(gpu.mostBytes + 4));
  });

  test("after the device was lost a plan says so, and the next one has a new device", async () => {
    const { problem } = parseDescriptor("ic2ih4oc2kh3");
    const gpu = await openDevice();
    const plan = await planPass(gpu, problem, "forward", "f32");
    gpu.device.destroy();
    await gpu.device.lost;
    await expect(async () => plan.run()).rejects.toThrow(/device was lost/);
    expect(await outputsOf(dealt(Infinity, []), problem, "forward")).toEqual(expectedOf(problem, "forward"));
  });
});

/** The implementation with buffers of at most `mostBytes`; records what each plan chose. */
function dealt(mostBytes: number, choices: (string | undefined)[]): PlanImpl {
  return {
    name: "webgpu",
    async plan(problem, pass) {
      const gpu = await openDevice();
      const plan = await planPass(gpu, problem, pass, "f32", Math.min(gpu.mostBytes, mostBytes));
      choices.push(plan.choice);
      return plan;
    },
  };
}

test("without a driver it says what is missing", { skip: process.platform !== "linux" }, () => {
  const adapter = new URL("../support/gpu/adapter.ts", import.meta.url).href;
  const script = `const { gpuUnavailable } = await import(${JSON.stringify(adapter)});
    process.stdout.write((await gpuUnavailable()) ?? "");
    process.exit(0);`;
  const said = execFileSync(process.execPath, ["--input-type=module", "--eval", script], {
    env: { ...process.env, VK_ICD_FILENAMES: "/nonexistent/driver.json", VK_DRIVER_FILES: "" },
    encoding: "utf8",
  });
  expect(said).toMatch(
    /VK_ICD_FILENAMES names \/nonexistent\/driver\.json, which is not there|libvulkan\.so\.1 is missing/,
  );
});
