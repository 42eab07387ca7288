/**
 * A worker of a team (wasm-team.ts) in a browser, where messages come only to a worker that does not sleep: told to listen, it wakes, takes one message,
 * says so and sleeps again.
 */
import { BOARD, LISTEN, QUIT, type TeamMessage, type TeamStart } from "./wasm-team.ts";
import { TeamRooms } from "./team-rooms.ts";

declare function addEventListener(type: "message", listener: (event: { readonly data: unknown }) => void): void;
declare function postMessage(message: "ready"): void;

let start: TeamStart | undefined;
let rooms: TeamRooms | undefined;
let round = 0;

addEventListener("message", ({ data }) => {
  if (start === undefined || rooms === undefined) {
    start = data as TeamStart; // oxlint-disable-line typescript/no-unsafe-type-assertion -- what the team's own code gave
    rooms = new TeamRooms(start);
    round = Atomics.load(start.board, BOARD.round);
    postMessage("ready");
  } else {
    try {
      rooms.take(data as TeamMessage); // oxlint-disable-line typescript/no-unsafe-type-assertion -- what the team's own code sent
    } catch {
      Atomics.store(start.board, BOARD.failed, 1);
    }
    done(start.board);
  }
  work(start.board, rooms);
});

/** Rounds until the worker is to listen, or to quit. */
function work(board: Int32Array, open: TeamRooms): void {
  for (;;) {
    Atomics.wait(board, BOARD.round, round);
    const now = Atomics.load(board, BOARD.round);
    if (now === round) continue;
    round = now;
    const kernel = board[BOARD.kernel] ?? QUIT;
    if (kernel === LISTEN) return;
    try {
      if (kernel !== QUIT) open.run(kernel);
    } catch {
      Atomics.store(board, BOARD.failed, 1);
    }
    done(board);
    if (kernel === QUIT) return;
  }
}

function done(board: Int32Array): void {
  if (Atomics.sub(board, BOARD.busy, 1) === 1) Atomics.notify(board, BOARD.busy);
}
