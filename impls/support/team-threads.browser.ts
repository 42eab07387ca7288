/** How a team's workers are started and told, in a browser: see team-threads.ts. */
import type { TeamThread } from "./team-threads.ts";
import type { TeamMessage, TeamStart } from "./wasm-team.ts";

interface BrowserWorker {
  postMessage(message: TeamStart | TeamMessage): void;
  addEventListener(type: "message" | "error", listener: (event: { readonly message?: string }) => void): void;
  terminate(): void;
}

declare const Worker: new (url: URL, options: { readonly type: "module" }) => BrowserWorker;

export async function startThread(start: TeamStart): Promise<TeamThread> {
  const worker = new Worker(new URL("./wasm-team-worker.ts", import.meta.url), { type: "module" });
  const { promise, resolve, reject } = Promise.withResolvers<void>();
  worker.addEventListener("message", () => resolve());
  worker.addEventListener("error", ({ message }) => reject(new Error(`a thread does not start: ${message ?? ""}`)));
  worker.postMessage(start);
  await promise;
  return {
    tell: (message) => worker.postMessage(message),
    gone: async () => worker.terminate(),
  };
}
