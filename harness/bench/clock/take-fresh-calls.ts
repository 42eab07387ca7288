import { randomInt } from "node:crypto";
import type { AnyTensorName, AnyTensors } from "../../../core/tensors.ts";
import type {
  CallSteps,
  Changing,
  FreshSettings,
  MovingSteps,
  Request,
  SampleResult,
  Touched,
} from "../../runner/messages.ts";
import { wholeChange } from "../../runner/operand-changes.ts";
import { freshMsOf, isSuspicious, middleCall, roundOf, shortestCall, type FreshRound } from "./fresh-call.ts";
import type { Answer } from "./requests.ts";
import { p10 } from "./statistics.ts";

/** Of short calls there are several fresh ones, for about so long together. */
const FRESH_MS = 4;
const MOST_CALLS = 16;
/** Each has arrays of its own, so many bytes together. */
const MOST_BYTES = 4 * 2 ** 20;
/** The outputs of so many of them are checked. */
const CHECKED_CALLS = 2;
/** Fresh calls that take longer than the repeated one are looked at again so often: the machine may have been slow. */
const MOST_LOOKS = 5;
/** Where loading and reading take less than this share of a call, nobody asks what of it is copying. */
const WORTH_COPYING = 0.05;

const MOVED_NOTHING: MovingSteps = { copies: [], empties: [], grainMs: 0 };

const WORDS = 2 ** 32;

/** Changes of operands that nobody can know before: not by the run's seed either. */
export function newChanging(operand: AnyTensorName): Changing {
  return { operand, seed: newWord(), first: newChange(), sampled: newChange(), fresh: newChange() };
}

function newWord(): number {
  return randomInt(WORDS);
}

function newChange(): number {
  return wholeChange(newWord());
}

/**
 * The changes of the fresh calls that are checked, one list for each look: the same for all implementations of a row,
 * so that a reference is computed once.
 */
export class CheckedChanges {
  readonly #kind: (word: number) => number;
  readonly #looks: (readonly number[])[] = [];

  /** @param kind what a word becomes: a change of the whole, unless the data must keep their places */
  constructor(kind: (word: number) => number = wholeChange) {
    this.#kind = kind;
  }

  ofLook(look: number): readonly number[] {
    while (this.#looks.length <= look) this.#looks.push(Array.from({ length: CHECKED_CALLS }, () => this.another()));
    return this.#looks[look] ?? [];
  }

  /** One that nobody checks. */
  another(): number {
    return this.#kind(newWord());
  }
}

/** What a fresh call computed, and the change of its operands. */
export interface FreshOutputs {
  readonly change: number;
  readonly outputs: AnyTensors;
  readonly touched: Touched;
}

/** What a cell's last batch is followed by: its fresh calls, and what some of them gave. */
export interface TakenFresh {
  readonly round: FreshRound;
  /** To be checked; none where the fresh call was one of the samples, which is checked as such. */
  readonly given: readonly FreshOutputs[];
}

type FreshRequest = Extract<Request, { readonly verb: "fresh" | "fresh-outputs" | "copy" }>;

/** What fresh calls are taken of. */
export interface FreshSubject {
  /** Asks a cell's implementation; undefined when that has ended the cell. */
  readonly ask: <R extends FreshRequest>(request: R) => Promise<Answer<R> | undefined>;
  readonly plan: number;
  /** Which operands, and how one of them changes. */
  readonly settings: Omit<FreshSettings, "changes">;
  readonly changes: CheckedChanges;
  /** Of the tensors that each of several fresh calls has for itself. */
  readonly bytesPerCall: number;
}

/**
 * The fresh calls of a plan beside a batch of its samples: the one that the batch has made, otherwise some more. Where
 * they take longer than the repeated calls, others follow, and the shortest look counts. In each look the call in the
 * middle counts, and calls that nobody knows before are checked.
 */
export async function takeFreshCalls(
  subject: FreshSubject,
  { fresh, samplesMs }: Pick<SampleResult, "fresh" | "samplesMs">,
): Promise<TakenFresh | undefined> {
  // Of long calls the first sample is the fresh call: the others, if any, are what it is compared with.
  const repeatedMs = p10(fresh !== null && samplesMs.length > 1 ? samplesMs.slice(1) : samplesMs);
  const first = fresh === null ? await lookAt(subject, repeatedMs, 0) : await ofSample(subject, fresh, repeatedMs);
  if (first === undefined) return undefined;
  let shortest = first.round;
  const given = [...first.given];
  for (let look = 1; look < MOST_LOOKS && isSuspicious(shortest); look++) {
    const other = await lookAt(subject, repeatedMs, look);
    if (other === undefined) return undefined;
    given.push(...other.given);
    if (freshMsOf(other.round) < freshMsOf(shortest)) shortest = other.round;
  }
  return { round: shortest, given };
}

/** How many fresh calls a look has. */
function callsOf({ bytesPerCall, settings }: FreshSubject, repeatedMs: number): number {
  if (settings.evictBytes !== undefined) return 1;
  const most = Math.min(MOST_CALLS, Math.floor(MOST_BYTES / Math.max(1, bytesPerCall)));
  return Math.max(1, Math.min(most, Math.floor(FRESH_MS / Math.max(repeatedMs, 1e-6))));
}

/** Some fresh calls one after another, beside a repeated one that takes so long. */
export async function lookAt(subject: FreshSubject, repeatedMs: number, look: number): Promise<TakenFresh | undefined> {
  const { ask, plan, settings } = subject;
  const changes = Array.from({ length: callsOf(subject, repeatedMs) }, () => subject.changes.another());
  const checked = subject.changes.ofLook(look).slice(0, changes.length);
  const places = drawnPlaces(changes.length).slice(0, checked.length);
  for (const [i, place] of places.entries()) changes[place] = checked[i] ?? subject.changes.another();
  const taken = await ask({ verb: "fresh", plan, settings: { ...settings, changes } });
  if (taken === undefined) return undefined;
  const { calls } = taken.answer;
  const steps = calls.length <= CHECKED_CALLS ? shortestCall(calls) : middleCall(calls);
  if (steps === undefined) return undefined;
  const given: FreshOutputs[] = [];
  for (const [i, call] of places.entries()) {
    const answer = await ask({ verb: "fresh-outputs", plan, call });
    if (answer === undefined) return undefined;
    given.push({ change: checked[i] ?? 0, outputs: answer.tensors, touched: answer.answer.touched });
  }
  return { round: roundOf(steps, taken.answer, repeatedMs), given };
}

/** All places of a list, in a random order. */
function drawnPlaces(count: number): readonly number[] {
  const places = Array.from({ length: count }, (_, place) => place);
  for (let last = count - 1; last > 0; last--) {
    const other = randomInt(last + 1);
    [places[last], places[other]] = [places[other] ?? 0, places[last] ?? 0];
  }
  return places;
}

async function ofSample(
  { ask, plan, settings: { set } }: FreshSubject,
  steps: CallSteps,
  repeatedMs: number,
): Promise<TakenFresh | undefined> {
  const isShort = steps.loadMs + steps.readMs <= WORTH_COPYING * repeatedMs;
  const moved = isShort ? { answer: MOVED_NOTHING } : await ask({ verb: "copy", plan, set });
  return moved === undefined ? undefined : { round: roundOf(steps, moved.answer, repeatedMs), given: [] };
}
