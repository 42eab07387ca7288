/**
 * The worker that an implementation runs in, in a browser: it fetches the harness's requests and sends the answers
 * back, one after another, as ../child.ts does over a pipe. Its address says which plugin file, and how many threads.
 */
import { encodeFrame, readFrames } from "../frames.ts";
import type { Envelope, Reply, Request } from "../messages.ts";
import { PluginHost } from "../plugin-host.ts";
import { workerRealm } from "./realm.ts";

const here = new URL(import.meta.url);
const FILES = "/file/";
/** The page's own path: what comes before the path on the disk. */
const page = here.href.slice(0, here.href.indexOf(FILES));
const onDisk = (path: string): string => `${page}${FILES}${path.replace(/^\//, "")}`;
const realm = workerRealm((url) => (url.startsWith("file:") ? onDisk(new URL(url).pathname) : url));
const send = fetch.bind(globalThis);

// As bundlers do for plugins that look into the environment.
const env = { BENCHCONV_THREADS: here.searchParams.get("threads") ?? "1" };
Object.defineProperty(globalThis, "process", { value: { env }, configurable: true, writable: true });

const host = new PluginHost(onDisk(here.searchParams.get("plugin") ?? ""), realm);
for (;;) {
  const response = await send(`${page}/next`);
  // 204: nothing yet, ask again.
  if (response.body === null) continue;
  for await (const { message, tensors } of readFrames(response.body)) {
    const { key, body } = message as Envelope<Request>; // oxlint-disable-line typescript/no-unsafe-type-assertion -- both ends are this version's own code
    const { reply, outputs } = await host.answer(body, tensors);
    const answer: Envelope<Reply> = { key, body: reply };
    await send(`${page}/answer`, { method: "POST", body: new Blob(encodeFrame(answer, outputs).map(copied)) });
  }
}

/** A part of a message as a Blob takes it: in memory that is not shared. */
function copied(bytes: Uint8Array): Uint8Array<ArrayBuffer> {
  return bytes.buffer instanceof ArrayBuffer
    ? new Uint8Array(bytes.buffer, bytes.byteOffset, bytes.byteLength)
    : bytes.slice();
}
