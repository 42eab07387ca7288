/** Workers and their messages in a browser: see workers.ts. */
import type { PoolWorker } from "./workers.ts";

interface BrowserWorker {
  postMessage(message: unknown): void;
  addEventListener(type: "message" | "error", listener: (event: { readonly message?: string }) => void): void;
  terminate(): void;
}

declare const Worker: new (url: URL, options: { readonly type: "module" }) => BrowserWorker;
declare function addEventListener(type: "message", listener: (event: { readonly data: unknown }) => void): void;
declare function postMessage(message: "ready"): void;

export async function startWorker(url: URL, first: unknown): Promise<PoolWorker> {
  const worker = new Worker(url, { type: "module" });
  const { promise, resolve, reject } = Promise.withResolvers<void>();
  worker.addEventListener("message", () => resolve());
  worker.addEventListener("error", ({ message }) => reject(new Error(`a worker does not start: ${message ?? ""}`)));
  worker.postMessage(first);
  await promise;
  return {
    send: (message) => worker.postMessage(message),
    stop: async () => worker.terminate(),
  };
}

export function onMessage(receive: (message: unknown) => void): void {
  addEventListener("message", ({ data }) => receive(data));
}

export function answer(): void {
  postMessage("ready");
}
