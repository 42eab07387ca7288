import { FleetClient } from "../client.ts";
import { openDatabase } from "../database.ts";
import { serveFleet } from "../server.ts";
import { FleetStore } from "../store.ts";

export const TOKEN = "a-token-of-the-tests";

/** A server in this process, on a database that ends with it. */
export async function withFleet(
  use: (fleet: { readonly url: string; readonly client: FleetClient; readonly store: FleetStore }) => Promise<void>,
): Promise<void> {
  const store = await FleetStore.open(await openDatabase("memory:"), (error) => {
    throw error;
  });
  const page = async (path: string) =>
    path === "" ? { html: "<p>status</p>", policy: "default-src 'none'" } : undefined;
  const { url, close } = await serveFleet(store, { host: "127.0.0.1", port: 0, token: TOKEN, log: () => {}, page });
  try {
    await use({ url, client: new FleetClient(new URL(url), TOKEN), store });
  } finally {
    await close();
    await store.close();
  }
}
