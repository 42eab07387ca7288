import type { ElementArray } from "../../core/element-types.ts";
import type { Tensors } from "../../core/plugin.ts";
import type { ConvProblem, Pass } from "../../core/problem.ts";
import type { Poison } from "../../core/tensors.ts";
import type { CallOutcome } from "../runner/channel.ts";
import type { Runner } from "./runner.ts";

/** What one attempt has of a bundle. */
export interface Seat {
  /** One call of a plan of its own. */
  call(problem: ConvProblem, pass: Pass, operands: Tensors<ElementArray>, threads?: number): Promise<CallOutcome>;
  /** The attempt is over. */
  leave(): void;
}

interface Waiting {
  readonly call: {
    readonly problem: ConvProblem;
    readonly pass: Pass;
    readonly threads: number;
    readonly poison: Poison;
    readonly operands: Tensors<ElementArray>;
  };
  readonly resolve: (outcome: CallOutcome) => void;
  readonly reject: (error: unknown) => void;
}

/**
 * Calls of attempts that go on at the same time: they are sent together as soon as every attempt waits for one, in the
 * order in which they were asked for. Each call may take `limitMs`.
 */
export class Bundle {
  readonly #runner: Runner;
  readonly #limitMs: number;
  readonly #seats = new Set<Seat>();
  #waiting: Waiting[] = [];
  readonly #seatsThatWait = new Set<Seat>();

  constructor(runner: Runner, limitMs: number) {
    this.#runner = runner;
    this.#limitMs = limitMs;
  }

  /** Attempts that join in the same turn of the event loop are sent together. */
  join(): Seat {
    const seat: Seat = {
      call: (problem, pass, operands, threads = this.#runner.threads) => {
        const { promise, resolve, reject } = Promise.withResolvers<CallOutcome>();
        const poison = poisonOf(this.#runner.nextPlan());
        this.#waiting.push({ call: { problem, pass, threads, poison, operands }, resolve, reject });
        this.#seatsThatWait.add(seat);
        queueMicrotask(() => this.#sendWhereAllWait());
        return promise;
      },
      leave: () => {
        this.#seats.delete(seat);
        queueMicrotask(() => this.#sendWhereAllWait());
      },
    };
    this.#seats.add(seat);
    return seat;
  }

  #sendWhereAllWait(): void {
    const waiting = this.#waiting;
    if (waiting.length === 0 || this.#seatsThatWait.size < this.#seats.size) return;
    this.#waiting = [];
    this.#seatsThatWait.clear();
    this.#runner
      .makeCalls(
        waiting.map(({ call }) => call),
        this.#limitMs,
      )
      .then(
        (outcomes) => waiting.forEach(({ resolve }, index) => resolve(outcomes[index] ?? { kind: "not-run" })),
        (error: unknown) => waiting.forEach(({ reject }) => reject(error)),
      );
  }
}

/** Alternating, so that neither an output read before it is written nor one that is added to can hide. */
export function poisonOf(plan: number): Poison {
  return plan % 2 === 0 ? "nan" : "finite";
}
