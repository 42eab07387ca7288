/** The loop of an implementation's process, from the bytes of a request to the bytes of its answer. */
import type { AnyTensors } from "../../core/tensors.ts";
import { encodeFrame, readFrames } from "./frames.ts";
import type { CallAnswer, CallsEnd, CallsRequest, Envelope, Reply, Request } from "./messages.ts";
import { PluginHost } from "./plugin-host.ts";
import type { PluginRealm } from "./plugin-realm.ts";

/** The channel to the harness as functions of the system. */
export interface Wire {
  /** Reads at most `bytes.length` bytes; 0 when the other end is gone. */
  read(bytes: Uint8Array, onRead: (count: number) => void): void;
  /** Writes from `offset` on, and gives how many bytes it wrote. */
  write(bytes: Uint8Array, offset: number): number;
  /** Ends this process. */
  end(): void;
}

const CHUNK_BYTES = 2 ** 18;

/** Answers requests about one plugin file until the harness is gone, then ends the process. */
export async function serve(wire: Wire, pluginUrl: string, realm: PluginRealm): Promise<void> {
  const send = (answer: Envelope<Reply | CallAnswer | CallsEnd>, outputs: AnyTensors): void => {
    for (const bytes of encodeFrame(answer, outputs)) {
      for (let written = 0; written < bytes.length;) written += wire.write(bytes, written);
    }
  };
  try {
    const host = new PluginHost(pluginUrl, realm);
    for await (const { message, tensors } of readFrames(chunksOf(wire))) {
      // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- both ends are this version's own code
      const { key, body: request } = message as Envelope<Request | CallsRequest>;
      if (request.verb === "calls") {
        const frames = host.answerCalls(request, tensors.x ?? new Float32Array(0));
        for await (const { body, outputs } of frames) send({ key, body }, outputs);
      } else {
        const { reply, outputs } = await host.answer(request, tensors);
        send({ key, body: reply }, outputs);
      }
    }
  } finally {
    wire.end();
  }
}

async function* chunksOf(wire: Wire): AsyncGenerator<Uint8Array, void, undefined> {
  const bytes = new Uint8Array(CHUNK_BYTES);
  for (;;) {
    const count = await new Promise<number>((resolve) => wire.read(bytes, resolve));
    if (count === 0) return;
    yield bytes.subarray(0, count);
  }
}
