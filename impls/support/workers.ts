/** Workers and their messages in Node. In a browser workers.browser.ts replaces this file. */
import { once } from "node:events";
import { parentPort, Worker } from "node:worker_threads";

export interface PoolWorker {
  send(message: unknown): void;
  /** Ends the worker, whatever it is doing. */
  stop(): Promise<unknown>;
}

/** Starts a worker that does not keep the process alive; resolves when it has answered its first message. */
export async function startWorker(url: URL, first: unknown): Promise<PoolWorker> {
  const worker = new Worker(url);
  worker.postMessage(first);
  await once(worker, "message");
  worker.unref();
  return {
    send: (message) => worker.postMessage(message),
    stop() {
      worker.ref();
      return worker.terminate();
    },
  };
}

/** In a worker: calls `receive` with each message that it is sent. */
export function onMessage(receive: (message: unknown) => void): void {
  parentPort?.on("message", receive);
}

/** In a worker: answers its first message. */
export function answer(): void {
  parentPort?.postMessage("ready");
}
