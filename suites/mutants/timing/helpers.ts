import { fork, type ChildProcess } from "node:child_process";
import { once } from "node:events";
import { fileURLToPath } from "node:url";
import { Worker } from "node:worker_threads";
import type { ConvProblem } from "../../../core/problem.ts";
import type { Tensors } from "../../../core/tensors.ts";

const HELPER = new URL("./helper-process.ts", import.meta.url);

/** What a helper is asked. */
export interface Asked {
  readonly problem: ConvProblem;
  readonly operands: Tensors;
}

/** Somebody who computes outside the thread that is timed. */
export interface Elsewhere {
  compute(problem: ConvProblem, operands: Tensors): Promise<Float32Array>;
  end(): void;
}

/** A thread of the same process. */
export class InThread implements Elsewhere {
  #worker: Worker | undefined;

  async compute(problem: ConvProblem, operands: Tensors): Promise<Float32Array> {
    this.#worker ??= new Worker(HELPER);
    this.#worker.postMessage({ problem, operands } satisfies Asked);
    return resultOf(await once(this.#worker, "message"));
  }

  end(): void {
    void this.#worker?.terminate();
  }
}

/** A process of its own. */
export class InProcess implements Elsewhere {
  #child: ChildProcess | undefined;

  async compute(problem: ConvProblem, operands: Tensors): Promise<Float32Array> {
    this.#child ??= fork(fileURLToPath(HELPER), { serialization: "advanced", execArgv: [] });
    this.#child.send({ problem, operands } satisfies Asked);
    return resultOf(await once(this.#child, "message"));
  }

  end(): void {
    this.#child?.kill();
  }
}

function resultOf([result]: readonly unknown[]): Float32Array {
  if (!(result instanceof Float32Array)) throw new Error("the helper gave no result");
  return result;
}

/** Runs work a little later. */
export function deferred(work: () => void): Promise<void> {
  return new Promise((resolve) => {
    setImmediate(() => {
      work();
      resolve();
    });
  });
}
