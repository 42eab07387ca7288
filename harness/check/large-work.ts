/** The harness's own work on large tensors, in a thread: Ctrl-C is heard meanwhile, and ends it. */
import { Worker } from "node:worker_threads";
import { moduleUrl } from "../../core/module-url.ts";
import type { ElementArray } from "../../core/element-types.ts";
import type { ConvProblem, Pass } from "../../core/problem.ts";
import { byteCounts, multiplyAdds } from "../../core/shape.ts";
import type { Tensors } from "../../core/tensors.ts";
import type { Verdict } from "../../core/verdict.ts";
import type { DataKind } from "../../suites/data/operands.ts";
import { operandsOfAnyType } from "../../suites/data/typed-operands.ts";
import { checkOfAnyType } from "./any-type-check.ts";
import type { Declaration } from "./declaration.ts";

/** What operands are drawn from. */
export interface Drawing {
  readonly problem: ConvProblem;
  readonly pass: Pass;
  readonly data: DataKind;
  readonly seed: number;
}

/** What outputs are held to. */
export interface Checking extends Drawing {
  readonly operands: Tensors<ElementArray>;
  readonly outputs: Tensors<ElementArray>;
  readonly declaration: Declaration;
}

export type Job = { readonly kind: "draw"; readonly of: Drawing } | { readonly kind: "check"; readonly of: Checking };

/** Tensors go to the thread and back without a copy: the arrays that were sent are gone. */
export type Done =
  | { readonly kind: "drawn"; readonly operands: Tensors<ElementArray> }
  | { readonly kind: "checked"; readonly verdict: Verdict; readonly outputs: Tensors<ElementArray> };

/** Smaller work takes less than a tenth of a second, and no thread of its own. */
const LARGE = { bytes: 2 ** 24, multiplyAdds: 1e9 } as const;

export function isLarge({ problem, pass }: Drawing): boolean {
  const { operands, outputs } = byteCounts(problem, pass);
  return operands + outputs >= LARGE.bytes || multiplyAdds(problem) >= LARGE.multiplyAdds;
}

/** The operands of a case; undefined where the work was stopped. */
export async function drawOperands(of: Drawing, signal: AbortSignal): Promise<Tensors<ElementArray> | undefined> {
  if (!isLarge(of)) return operandsOfAnyType(of.problem, of.pass, of.data, of.seed);
  const done = await inThread({ kind: "draw", of }, [], signal);
  return done?.kind === "drawn" ? done.operands : undefined;
}

/**
 * The verdict on outputs, and the outputs; undefined where the work was stopped. Large arrays that are given are gone
 * afterwards.
 */
export async function checkInThread(
  of: Checking,
  signal: AbortSignal,
): Promise<{ readonly verdict: Verdict; readonly outputs: Tensors<ElementArray> } | undefined> {
  if (!isLarge(of)) return { verdict: verdictOf(of), outputs: of.outputs };
  const done = await inThread({ kind: "check", of }, buffersOf(of.operands, of.outputs), signal);
  return done?.kind === "checked" ? done : undefined;
}

/** Does a job, in whichever thread. */
export function verdictOf({ problem, pass, operands, outputs, declaration, seed }: Checking): Verdict {
  return checkOfAnyType(problem, pass, operands, outputs, declaration, seed);
}

/** The memory of these tensors, each once. */
export function buffersOf(...groups: readonly Tensors<ElementArray>[]): ArrayBuffer[] {
  const buffers = groups.flatMap((tensors) => Object.values(tensors).map(({ buffer }) => buffer));
  return [...new Set(buffers)].filter((buffer) => buffer instanceof ArrayBuffer);
}

async function inThread(job: Job, transferList: ArrayBuffer[], signal: AbortSignal): Promise<Done | undefined> {
  if (signal.aborted) return undefined;
  const { promise, resolve, reject } = Promise.withResolvers<Done | undefined>();
  const thread = new Worker(moduleUrl("./large-work-thread.ts", import.meta.url), {
    workerData: job,
    transferList,
    execArgv: [],
  });
  const stop = (): void => resolve(undefined);
  signal.addEventListener("abort", stop);
  thread.once("message", resolve);
  // A defect of the harness, as it would be here.
  thread.once("error", reject);
  thread.once("exit", () => reject(new Error("the thread of large work ended without a result")));
  try {
    return await promise;
  } finally {
    signal.removeEventListener("abort", stop);
    void thread.terminate();
  }
}
