/**
 * A worker of a thread pool: sleeps until there is a task, does it, and reports that it is done. To receive a message
 * it leaves its loop, then enters it again.
 */
import { LISTEN, SHARED, type MemoryMessage, type WorkerStart } from "./thread-pool.ts";
import type { Kernels } from "./wasm.ts";
import { answer, onMessage } from "./workers.ts";

let start: WorkerStart | undefined;
let sequence = 0;
const kernelsById = new Map<number, Kernels>();

onMessage((message) => {
  if (start === undefined) {
    start = message as WorkerStart; // oxlint-disable-line typescript/no-unsafe-type-assertion -- what the pool sent
    sequence = Atomics.load(start.shared, SHARED.sequence);
    answer();
  } else {
    // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- what the pool sent
    take(start, message as MemoryMessage);
  }
  work(start);
});

function take({ shared, module }: WorkerStart, { id, memory }: MemoryMessage): void {
  finish(shared, () => {
    if (memory === undefined) kernelsById.delete(id);
    else kernelsById.set(id, new WebAssembly.Instance(module, { env: { memory } }).exports);
  });
}

/** Does tasks until there is a message to take. */
function work(pool: WorkerStart): void {
  const { shared } = pool;
  for (;;) {
    Atomics.wait(shared, SHARED.sequence, sequence);
    const now = Atomics.load(shared, SHARED.sequence);
    if (now === sequence) continue;
    sequence = now;
    const kernel = shared[SHARED.kernel] ?? LISTEN;
    if (kernel === LISTEN) return;
    finish(shared, () => run(pool, kernel));
  }
}

/** Does this worker's task. Throws an Error where the kernel or the memory is not known. */
function run({ shared, index, kernels }: WorkerStart, kernel: number): void {
  const at = SHARED.tasks + index * SHARED.taskLength;
  const count = shared[at + 1] ?? 0;
  if (count === 0) return;
  const name = kernels[kernel] ?? "";
  const found = kernelsById.get(shared[SHARED.memory] ?? 0)?.[name];
  if (found === undefined) throw new Error(`there is no kernel ${name}`);
  found(shared[at] ?? 0, count);
}

function finish(shared: Int32Array, act: () => void): void {
  try {
    act();
  } catch {
    Atomics.store(shared, SHARED.failed, 1);
  }
  if (Atomics.sub(shared, SHARED.busy, 1) === 1) Atomics.notify(shared, SHARED.busy);
}
