import { setTimeout as delay } from "node:timers/promises";
import type { RunRecord } from "../../core/record.ts";
import { encodeReadableRecord } from "../../core/record-file.ts";
import { UsageError } from "../../core/usage-error.ts";
import { ServerAway, type FleetClient } from "./client.ts";
import type { Unit } from "./unit.ts";

/** A third of the lease: two may be lost. */
const ALIVE_MS = 3_000;
const IDLE_MS = { least: 200, most: 2_000 };
const AWAY_MS = { least: 200, most: 5_000 };

export interface WorkerOptions {
  readonly name: string;
  readonly labels: readonly string[];
  readonly run: (unit: Unit) => Promise<RunRecord>;
  /** It ends when there was nothing to do for so long. */
  readonly idleMs: number;
  readonly signal: AbortSignal;
  readonly onUnit: (id: string, unit: Unit, outcome: string, elapsedMs: number) => void;
  readonly onAway: (reason: string) => void;
}

/** Takes units and hands in their results until there are none for a while; holds no state of its own. */
export async function work(client: FleetClient, options: WorkerOptions): Promise<void> {
  const { name, labels, idleMs, signal, onAway } = options;
  let [idleSince, pauseMs] = [performance.now(), IDLE_MS.least];
  while (!signal.aborted) {
    const claim = await untilThere(() => client.claim(name, labels), signal, onAway);
    if (claim === undefined) {
      if (performance.now() - idleSince >= idleMs) return;
      await pause(pauseMs, signal);
      pauseMs = Math.min(IDLE_MS.most, 2 * pauseMs);
      continue;
    }
    await doUnit(client, claim, options);
    [idleSince, pauseMs] = [performance.now(), IDLE_MS.least];
  }
}

async function doUnit(
  client: FleetClient,
  { id, unit, attempt }: { readonly id: string; readonly unit: Unit; readonly attempt: number },
  { name, run, signal, onUnit, onAway }: WorkerOptions,
): Promise<void> {
  const startedAt = performance.now();
  // A server that is away for a moment has a lease that it will find lapsed: the result counts all the same.
  const alive = setInterval(() => void client.keepAlive(name, id, attempt).catch(() => {}), ALIVE_MS);
  try {
    const record = encodeReadableRecord(await run(unit));
    const elapsedMs = performance.now() - startedAt;
    await untilThere(() => client.finish(id, { worker: name, elapsedMs, record }), signal, onAway);
    onUnit(id, unit, "done", elapsedMs);
  } catch (error) {
    // What this machine cannot do, another may. Anything else is a defect of ours, and ends the worker.
    if (!(error instanceof UsageError)) throw error;
    await untilThere(() => client.giveBack(id, attempt, error.message), signal, onAway);
    onUnit(id, unit, error.message, performance.now() - startedAt);
  } finally {
    clearInterval(alive);
  }
}

/** The answer, once the server is there again; undefined where the worker is to end first. */
async function untilThere<T>(
  ask: () => Promise<T>,
  signal: AbortSignal,
  onAway: (reason: string) => void,
): Promise<T | undefined> {
  for (let waitMs = AWAY_MS.least; ; waitMs = Math.min(AWAY_MS.most, 2 * waitMs)) {
    try {
      return await ask();
    } catch (error) {
      if (!(error instanceof ServerAway)) throw error;
      onAway(error.message);
      if (signal.aborted) return undefined;
      await pause(waitMs * (1 + Math.random()), signal);
    }
  }
}

async function pause(ms: number, signal: AbortSignal): Promise<void> {
  await delay(ms, undefined, { signal }).catch(() => {});
}
