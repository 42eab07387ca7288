import type { AnyTensors } from "../../../core/tensors.ts";
import type { Outcome, ResidentChannel } from "../../runner/channel.ts";
import type { Request } from "../../runner/messages.ts";
import type { Cell } from "./cell.ts";
import type { Cost, WallCosts } from "./costs.ts";
import type { Implementation } from "../../runner/discovery.ts";

/** How requests to implementations are made. */
export interface RequestContext {
  readonly processOf: (cell: Cell) => ResidentChannel | undefined;
  readonly costs: WallCosts;
  readonly signal: AbortSignal;
  /** Others are resident, which may be the cause of an end that came from outside: it is tried alone then. */
  readonly isShared: boolean;
  /** Those that ended so. */
  readonly lost: Set<Implementation>;
}

/** What is asked, and how long it may take. */
export interface Asked<R extends Request> {
  readonly request: R;
  readonly cost: Cost;
  readonly limitMs: number;
  readonly tensors?: AnyTensors;
}

export type Answer<R extends Request> = Extract<Outcome<R["verb"]>, { kind: "answer" }>;

/** Asks a cell's implementation; an implementation that fails ends the cell, and the answer is undefined. */
export async function ask<R extends Request>(
  cell: Cell,
  { request, cost, limitMs, tensors = {} }: Asked<R>,
  { processOf, costs, signal, isShared, lost }: RequestContext,
): Promise<Answer<R> | undefined> {
  const process = processOf(cell);
  if (!cell.isOpen || process === undefined || signal.aborted || lost.has(cell.implementation)) return undefined;
  const askedAt = performance.now();
  const outcome = await costs.of(cost, () => process.request(request, limitMs, tensors));
  if (cost !== "timing") cell.record({ kind: "overhead", ms: performance.now() - askedAt });
  // An interrupted run ends its processes itself: that is not their fault.
  if (signal.aborted) return undefined;
  switch (outcome.kind) {
    case "answer":
      return outcome;
    case "threw":
      cell.record({ kind: "ended", status: "crashed", reason: `${request.verb} threw ${outcome.reason}` });
      return undefined;
    case "crashed":
    case "timed-out":
    case "mistrusted":
      if (isShared && process.isEndedFromOutside === true) {
        lost.add(cell.implementation);
        return undefined;
      }
      cell.record({ kind: "ended", status: outcome.kind, reason: outcome.reason });
      return undefined;
  }
}
