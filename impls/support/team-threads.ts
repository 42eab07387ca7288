/** How a team's workers are started and told, in Node. In a browser team-threads.browser.ts stands in for this file. */
import { once } from "node:events";
import { MessageChannel, Worker } from "node:worker_threads";
import type { TeamMessage, TeamStart } from "./wasm-team.ts";

/** A worker of a team. */
export interface TeamThread {
  /** Leaves a message, which the worker reads when it is woken. */
  tell(message: TeamMessage): void;
  /** Resolves when the worker, having been told to quit, is gone. */
  gone(): Promise<void>;
}

/** Starts a worker that does not keep the process alive; it sleeps when the promise resolves. */
export async function startThread(start: TeamStart): Promise<TeamThread> {
  const { port1, port2 } = new MessageChannel();
  port1.unref();
  const workerData: TeamStart & { readonly port: typeof port2 } = { ...start, port: port2 };
  const worker = new Worker(new URL("./wasm-team-worker.ts", import.meta.url), { workerData, transferList: [port2] });
  await once(worker, "message");
  worker.unref();
  const exit = once(worker, "exit");
  return {
    tell: (message) => port1.postMessage(message),
    async gone() {
      worker.ref();
      await exit;
      port1.close();
    },
  };
}
