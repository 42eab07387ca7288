import { availableParallelism, loadavg } from "node:os";

/** However loaded the machine is, nobody is waited for longer than so many times the limit. */
const MOST = 20;

/**
 * How many times longer than alone a process may take on this machine now: with R runnable processes for each core it gets 1/R of one. At least
 * 1; 1 where the system does not tell (Windows).
 */
export function loadFactor(load = loadavg()[0] ?? 0, cores = availableParallelism()): number {
  return Math.min(MOST, Math.max(1, load / cores));
}
