/** A worker of a team (wasm-team.ts): sleeps until a round begins, does its order, says so. */
import { parentPort, receiveMessageOnPort, workerData } from "node:worker_threads";
import { BOARD, QUIT, type TeamMessage, type TeamStart } from "./wasm-team.ts";
import type { Kernels } from "./wasm.ts";

const { board, index, module, port, kernels } = workerData as TeamStart; // oxlint-disable-line typescript/no-unsafe-type-assertion -- what the team's own code gave
const rooms = new Map<number, Kernels>();
let round = Atomics.load(board, BOARD.round);
parentPort?.postMessage("ready");

for (;;) {
  Atomics.wait(board, BOARD.round, round);
  const now = Atomics.load(board, BOARD.round);
  if (now === round) continue;
  round = now;
  const kernel = board[BOARD.kernel] ?? QUIT;
  try {
    readMessages();
    if (kernel !== QUIT) runKernel(kernels[kernel] ?? "");
  } catch {
    Atomics.store(board, BOARD.failed, 1);
  }
  if (Atomics.sub(board, BOARD.busy, 1) === 1) Atomics.notify(board, BOARD.busy);
  if (kernel === QUIT) break;
}
port.close();

function readMessages(): void {
  for (let received = receiveMessageOnPort(port); received !== undefined; received = receiveMessageOnPort(port)) {
    const message = received.message as TeamMessage; // oxlint-disable-line typescript/no-unsafe-type-assertion -- what the team's own code sent
    if (message.kind === "close") rooms.delete(message.room);
    else rooms.set(message.room, new WebAssembly.Instance(module, { env: { memory: message.memory } }).exports);
  }
}

function runKernel(name: string): void {
  const at = BOARD.first + index * BOARD.orderLength;
  const count = board[at + 1] ?? 0;
  if (count === 0) return;
  const run = rooms.get(board[BOARD.room] ?? 0)?.[name];
  if (run === undefined) throw new Error(`there is no kernel ${name}`);
  run(board[at] ?? 0, count);
}
