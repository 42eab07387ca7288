import { parentPort, workerData } from "node:worker_threads";
import { loadKernels } from "./kernels.ts";
import { isTask, isThreadSettings, type Task } from "./threads.ts";
import type { CallLog } from "./window-rate.ts";

/**
 * A measuring thread: it answers each task with the log of its calls. The first page of its memory holds the operands
 * of the arithmetic kernels; the rest, allocated when a task first needs it, the arrays that exceed the cache.
 */

const PAGE_BYTES = 65_536;
const SCALE = 0;
const CHAINS = 256;
const ARRAYS = PAGE_BYTES;
/** Of arithmetic: long against the timer's resolution and a call of WebAssembly, short against a scheduling quantum. */
const CALL_MS = 0.25;
const FIRST_STEPS = 256;
/** Of the triad: a call longer than a scheduling quantum would include interruptions. A multiple of 64. */
const CHUNK_BYTES = 2 ** 20;

const settings: unknown = workerData;
if (parentPort === null || !isThreadSettings(settings)) throw new Error("this file is a thread of measureCeilings");
const port = parentPort;
const { arrayBytes, instructions } = settings;
const memory = new WebAssembly.Memory({ initial: 1 });
const kernels = loadKernels(memory, instructions);
let touched: Float32Array<ArrayBuffer> | undefined;

// Different start values keep a compiler from merging the chains; factors of 1/4 keep their sums in range.
const operands = new Float32Array(memory.buffer);
operands.fill(0.25, 0, 8);
for (let lane = 0; lane < 96; lane++) operands[CHAINS / 4 + lane] = lane;

port.on("message", (task: unknown) => {
  if (isTask(task)) port.postMessage(perform(task));
});

function perform({ kind, timeMs }: Task): CallLog {
  switch (kind) {
    case "additions":
      return arithmeticLog(timeMs, 32, (rounds) => kernels.additions(1, 1, rounds));
    case "twelve-chains":
      return arithmeticLog(timeMs, 12 * 4 * 2, (steps) => kernels.twelveChains(SCALE, CHAINS, steps));
    case "twenty-four-chains":
      return arithmeticLog(timeMs, 24 * 4 * 2, (steps) => kernels.twentyFourChains(SCALE, CHAINS, steps));
    case "triad": {
      const third = Math.floor(arrays().byteLength / 3 / 64) * 64;
      const [a, b, c] = [ARRAYS, ARRAYS + third, ARRAYS + 2 * third];
      const chunk = Math.min(CHUNK_BYTES, third);
      let at = 0;
      return callLog(timeMs, 3 * chunk, () => {
        if (at + chunk > third) at = 0;
        kernels.triad(a + at, b + at, c + at, SCALE, chunk);
        at += chunk;
      });
    }
    case "copy": {
      // The C library's memmove, which bypasses the cache where the arrays are larger.
      const all = arrays();
      const half = Math.floor(all.length / 2);
      const source = all.subarray(half, 2 * half);
      return callLog(timeMs, 2 * source.byteLength, () => all.set(source));
    }
  }
}

/** Memory that was written once: pages never written all map to one page of zeros, which a cache holds. */
function arrays(): Float32Array {
  if (touched === undefined) {
    const pages = Math.ceil(arrayBytes / PAGE_BYTES);
    memory.grow(pages);
    touched = new Float32Array(memory.buffer, ARRAYS, (pages * PAGE_BYTES) / 4).fill(1);
  }
  return touched;
}

function arithmeticLog(timeMs: number, amountPerStep: number, run: (steps: number) => void): CallLog {
  const startMs = nowMs();
  let steps = FIRST_STEPS;
  for (let beforeMs = startMs; ; steps *= 2) {
    run(steps);
    const afterMs = nowMs();
    if (afterMs - beforeMs >= CALL_MS) break;
    beforeMs = afterMs;
  }
  return callLog(timeMs - (nowMs() - startMs), steps * amountPerStep, () => run(steps));
}

/** Calls until the time is over, at least one. */
function callLog(timeMs: number, amountPerCall: number, call: () => void): CallLog {
  const endsMs: number[] = [];
  const startMs = nowMs();
  for (let now = startMs; endsMs.length === 0 || now - startMs < timeMs; endsMs.push(now)) {
    call();
    now = nowMs();
  }
  return { startMs, endsMs, amountPerCall };
}

/** By the system's monotonic clock, which is the same in all threads. */
function nowMs(): number {
  return Number(process.hrtime.bigint()) / 1e6;
}
