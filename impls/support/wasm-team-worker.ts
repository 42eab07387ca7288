/** A worker of a team (wasm-team.ts): sleeps until a round begins, does its order, says so. In a browser wasm-team-worker.browser.ts stands in for it. */
import { parentPort, receiveMessageOnPort, workerData, type MessagePort } from "node:worker_threads";
import { TeamRooms } from "./team-rooms.ts";
import { BOARD, LISTEN, QUIT, type TeamMessage, type TeamStart } from "./wasm-team.ts";

const start = workerData as TeamStart & { readonly port: MessagePort }; // oxlint-disable-line typescript/no-unsafe-type-assertion -- what the team's own code gave
const { board, port } = start;
const rooms = new TeamRooms(start);
let round = Atomics.load(board, BOARD.round);
parentPort?.postMessage("ready");

for (;;) {
  Atomics.wait(board, BOARD.round, round);
  const now = Atomics.load(board, BOARD.round);
  if (now === round) continue;
  round = now;
  const kernel = board[BOARD.kernel] ?? QUIT;
  try {
    if (kernel === LISTEN) readMessages();
    else if (kernel !== QUIT) rooms.run(kernel);
  } catch {
    Atomics.store(board, BOARD.failed, 1);
  }
  if (Atomics.sub(board, BOARD.busy, 1) === 1) Atomics.notify(board, BOARD.busy);
  if (kernel === QUIT) break;
}
port.close();

function readMessages(): void {
  for (let received = receiveMessageOnPort(port); received !== undefined; received = receiveMessageOnPort(port))
    rooms.take(received.message as TeamMessage); // oxlint-disable-line typescript/no-unsafe-type-assertion -- what the team's own code sent
}
