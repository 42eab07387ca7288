import { FleetClient } from "../client.ts";
import { openDatabase } from "../database.ts";
import { serveFleet } from "../server.ts";
import { FleetStore } from "../store.ts";

export const TOKEN = "a-token-of-the-tests";

/** A server in this process, on a database that ends with it. */
export interface TestFleet {
  readonly url: string;
  readonly client: FleetClient;
  readonly store: FleetStore;
  readonly close: () => Promise<void>;
}

export async function openFleet(): Promise<TestFleet> {
  const store = await FleetStore.open(await openDatabase("memory:"), (error) => {
    throw error;
  });
  const page = async (path: string) =>
    path === "" ? { html: "<p>status</p>", policy: "default-src 'none'" } : undefined;
  const server = await serveFleet(store, { host: "127.0.0.1", port: 0, token: TOKEN, log: () => {}, page });
  const close = async (): Promise<void> => {
    await server.close();
    await store.close();
  };
  return { url: server.url, client: new FleetClient(new URL(server.url), TOKEN), store, close };
}
