import type { Worker } from "node:worker_threads";
import { afterEach, expect, test } from "vitest";
import { ThreadPools, sharesOf, type ThreadedInstance } from "./thread-pool.ts";
import { WasmLibrary } from "./wasm.ts";

const FLOATS = 1024;
const library = new WasmLibrary(new URL("../wasm-gemm/assembly/gemm", import.meta.url));
const pools = new ThreadPools(library, ["multiplyVector"]);

/** Workers that started and that ended. */
const seen = { started: 0, ended: 0 };
process.on("worker", countWorker);
afterEach(() => Object.assign(seen, { started: 0, ended: 0 }));

function countWorker(worker: Worker): void {
  seen.started++;
  worker.once("exit", () => seen.ended++);
}

/** Writes a job of `multiplyVector`, [3]·[x] + 0, at `address`, and returns where its result will be. */
function writeJob({ integers, floats }: ThreadedInstance, address: number, x: number): Float32Array {
  const [weights, vector, out, bias] = [address + 256, address + 512, address + 768, address + 832];
  integers(address, 8).set([weights, 1, 1, 4, vector, out, bias, 0]);
  floats(weights, 1).set([3]);
  floats(vector, 1).set([x]);
  floats(bias, 1).set([0]);
  return floats(out, 1).fill(NaN);
}

test("every thread does its task, in the memory of its plan", async () => {
  const instances = [await pools.open(2 ** 16, 3), await pools.open(2 ** 16, 3)];
  for (const [plan, instance] of instances.entries()) {
    const addresses = [1024, 2048, 4096];
    const results = addresses.map((address, thread) => writeJob(instance, address, 10 * plan + thread));
    instance.run(
      "multiplyVector",
      addresses.map((address) => ({ address, count: 1 })),
    );
    expect(results.map(([result]) => result)).toEqual([0, 1, 2].map((thread) => 3 * (10 * plan + thread)));
  }
  for (const instance of instances) await instance.close();
});

test("workers start with the first plan and end with the last", async () => {
  const alone = await pools.open(FLOATS, 1);
  expect(seen).toEqual({ started: 0, ended: 0 });
  const [first, second] = [await pools.open(FLOATS, 3), await pools.open(FLOATS, 3)];
  await first.close();
  expect(seen).toEqual({ started: 2, ended: 0 });
  await second.close();
  await alone.close();
  expect(seen).toEqual({ started: 2, ended: 2 });
});

test("a task that fails is an error of the run, and the next run is a new one", async () => {
  const instance = await pools.open(2 ** 16, 2);
  const [good, outside] = [
    { address: 1024, count: 1 },
    { address: 2 ** 30, count: 1 },
  ];
  const result = writeJob(instance, good.address, 7);
  expect(() => instance.run("multiplyVector", [good, outside])).toThrow("a thread failed in the kernel multiplyVector");
  expect(() => instance.run("multiplyVector", [outside, good])).toThrow("out of bounds");
  expect(() => instance.run("missing", [good, good])).toThrow("a thread failed in the kernel missing");
  result.fill(NaN);
  instance.run("multiplyVector", [{ address: 0, count: 0 }, good]);
  expect(result[0]).toBe(21);
  await instance.close();
});

test("a plan that asks for too much memory leaves no worker behind", async () => {
  await expect(pools.open(2 ** 33, 2)).rejects.toThrow("4 GiB");
  expect(seen).toEqual({ started: 1, ended: 1 });
});

test("shares are whole units that cover everything once", () => {
  expect(sharesOf(21, 3, 4)).toEqual([
    [0, 8],
    [8, 16],
    [16, 21],
  ]);
  expect(sharesOf(3, 2, 4)).toEqual([
    [0, 0],
    [0, 3],
  ]);
});
