/** A thread that computes the last channels of a convolution at the same time as its owner computes the others. */
import { isMainThread, Worker, workerData } from "node:worker_threads";
import type { ConvProblem } from "../../../core/problem.ts";
import type { Tensors } from "../../../core/tensors.ts";
import { convolve, outputElements } from "./kernel.ts";

const NAMES = ["x", "weights", "bias"] as const;
const [IDLE, ASKED] = [0, 1];

interface Shared {
  readonly problem: ConvProblem;
  readonly from: number;
  readonly x: Float32Array<SharedArrayBuffer>;
  readonly weights: Float32Array<SharedArrayBuffer>;
  readonly bias: Float32Array<SharedArrayBuffer>;
  readonly y: Float32Array<SharedArrayBuffer>;
  readonly state: Int32Array<SharedArrayBuffer>;
}

export class SharedThread {
  /** The first channel that is the thread's. */
  readonly from: number;
  readonly #problem: ConvProblem;
  #shared: Shared | undefined;
  #worker: Worker | undefined;

  constructor(problem: ConvProblem, from: number) {
    this.#problem = problem;
    this.from = from;
  }

  take(operands: Tensors): void {
    this.#shared ??= this.#start(operands);
    for (const name of NAMES) this.#shared[name].set(operands[name] ?? []);
  }

  begin(): void {
    if (this.#shared === undefined) return;
    Atomics.store(this.#shared.state, 0, ASKED);
    Atomics.notify(this.#shared.state, 0);
  }

  finish(y: Float32Array): void {
    if (this.#shared === undefined) return;
    const { state, y: theirs } = this.#shared;
    while (Atomics.load(state, 0) === ASKED);
    const start = (y.length / this.#problem.outChannels) * this.from;
    y.set(theirs.subarray(start), start);
  }

  end(): void {
    void this.#worker?.terminate();
  }

  #start(operands: Tensors): Shared {
    const tensor = (elements: number) => new Float32Array(new SharedArrayBuffer(4 * elements));
    const shared: Shared = {
      problem: { ...this.#problem },
      from: this.from,
      x: tensor(operands.x?.length ?? 0),
      weights: tensor(operands.weights?.length ?? 0),
      bias: tensor(operands.bias?.length ?? 0),
      y: tensor(outputElements(this.#problem)),
      state: new Int32Array(new SharedArrayBuffer(4)),
    };
    this.#worker = new Worker(new URL(import.meta.url), { workerData: shared });
    this.#worker.unref();
    return shared;
  }
}

function serve({ problem, from, state, y, x, weights, bias }: Shared): void {
  const operands = { x, weights, ...(bias.length === 0 ? {} : { bias }) };
  for (;;) {
    // A helper that is to be fast does not sleep between calls that come one after another.
    for (let looks = 0; looks < 1e5 && Atomics.load(state, 0) === IDLE; looks++);
    Atomics.wait(state, 0, IDLE);
    convolve(problem, operands, y, from);
    Atomics.store(state, 0, IDLE);
  }
}

// oxlint-disable-next-line typescript/no-unsafe-type-assertion -- what #start has given
if (!isMainThread && workerData !== null && "state" in Object(workerData)) serve(workerData as Shared);
