import { randomInt } from "node:crypto";
import type { AnyTensorName, AnyTensors } from "../../../core/tensors.ts";
import type { CallSteps, Changing, Request, SampleResult, Touched } from "../../runner/messages.ts";
import { freshMsOf, isSuspicious, shortestCall, type FreshRound } from "./fresh-call.ts";
import { OTHER } from "./operand-sets.ts";
import type { Answer } from "./requests.ts";
import { p10 } from "./statistics.ts";

/** Of short calls there are several fresh ones, for about so long together. */
const FRESH_MS = 4;
const MOST_CALLS = 8;
/** A fresh call that takes longer than the repeated one is looked at again so often: the machine may have been slow. */
const MOST_LOOKS = 5;
/** Where loading and reading take less than this share of a call, nobody asks what of it is copying. */
const WORTH_COPYING = 0.05;

const WORDS = 2 ** 32;

/** Changes of operands that nobody can know before: not by the run's seed either. */
export function newChanging(operand: AnyTensorName): Changing {
  return { operand, seed: newWord(), first: newWord(), sampled: newWord(), fresh: newWord() };
}

function newWord(): number {
  return randomInt(WORDS);
}

/** What a fresh call computed, and the change of its operands. */
export interface FreshOutputs {
  readonly change: number;
  readonly outputs: AnyTensors;
  readonly touched: Touched;
}

/** What one of a cell's batches is followed by: its fresh calls, and what some of them gave. */
export interface TakenFresh {
  readonly round: FreshRound;
  /** To be checked; none where the fresh call was one of the samples, which is checked as such. */
  readonly given: readonly FreshOutputs[];
}

/** Asks a cell's implementation; undefined when that has ended the cell. */
type Ask = <R extends Extract<Request, { readonly verb: "fresh" | "copy" }>>(
  request: R,
) => Promise<Answer<R> | undefined>;

/**
 * The fresh calls of a plan beside a batch of its samples: those that the batch has made, otherwise some more. Where
 * they take longer than the repeated calls, others follow, and the shortest counts: it is checked that it did the work.
 */
export async function takeFreshCalls(
  ask: Ask,
  plan: number,
  changing: Changing,
  { fresh, samplesMs }: SampleResult,
  isInBrowser: boolean,
): Promise<TakenFresh | undefined> {
  // Of long calls the first sample is the fresh call: the others, if any, are what it is compared with.
  const repeatedMs = p10(fresh !== null && samplesMs.length > 1 ? samplesMs.slice(1) : samplesMs);
  const lookAt = async (change: number, calls: number): Promise<Look | undefined> => {
    const settings = { set: OTHER, operand: changing.operand, calls, seed: newWord(), checked: change };
    const answer = await ask({ verb: "fresh", plan, settings });
    const steps = shortestCall(answer?.answer.calls ?? []);
    if (answer === undefined || steps === undefined) return undefined;
    const copy = await copyingOf(ask, plan, steps, repeatedMs);
    const given = { change, outputs: answer.tensors, touched: answer.answer.touched };
    return copy === undefined ? undefined : { round: { ...steps, ...copy, repeatedMs }, given: [given] };
  };
  const calls = Math.min(MOST_CALLS, Math.max(1, Math.floor(FRESH_MS / Math.max(repeatedMs, 1e-6))));
  const first = fresh === null ? await lookAt(changing.fresh, calls) : await ofSample(ask, plan, fresh, repeatedMs);
  if (first === undefined) return undefined;
  let shortest = first;
  for (let looks = 1; looks < MOST_LOOKS && isSuspicious(shortest.round, isInBrowser); looks++) {
    const look = await lookAt(newWord(), 1);
    if (look === undefined) return undefined;
    if (freshMsOf(look.round) < freshMsOf(shortest.round)) shortest = look;
  }
  return { round: shortest.round, given: [...new Set([...first.given, ...shortest.given])] };
}

type Look = TakenFresh;

async function ofSample(ask: Ask, plan: number, steps: CallSteps, repeatedMs: number): Promise<Look | undefined> {
  const copy = await copyingOf(ask, plan, steps, repeatedMs);
  return copy === undefined ? undefined : { round: { ...steps, ...copy, repeatedMs }, given: [] };
}

async function copyingOf(
  ask: Ask,
  plan: number,
  { loadMs, readMs }: CallSteps,
  repeatedMs: number,
): Promise<Pick<FreshRound, "copyLoadMs" | "copyReadMs"> | undefined> {
  if (loadMs + readMs <= WORTH_COPYING * repeatedMs) return { copyLoadMs: loadMs, copyReadMs: readMs };
  const answer = await ask({ verb: "copy", plan, set: OTHER });
  if (answer === undefined) return undefined;
  const { answer: copy } = answer;
  return { copyLoadMs: Math.min(loadMs, copy.loadMs), copyReadMs: Math.min(readMs, copy.readMs) };
}
