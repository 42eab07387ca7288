/** A thread or a process that convolves what it is sent. */
import { parentPort } from "node:worker_threads";
import type { Asked } from "./helpers.ts";
import { convolve, outputElements } from "./kernel.ts";

function answer({ problem, operands }: Asked): Float32Array {
  const y = new Float32Array(outputElements(problem));
  convolve(problem, operands, y);
  return y;
}

parentPort?.on("message", (asked: Asked) => parentPort?.postMessage(answer(asked)));
if (parentPort === null) process.on("message", (asked: Asked) => void process.send?.(answer(asked)));
