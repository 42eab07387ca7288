/** The process of describe-together.ts: says what each plugin file that it is asked about is. */
import type { Described } from "./describe-together.ts";
import { InProcessChannel } from "./in-process.ts";

let last: Promise<void> = Promise.resolve();
process.on("message", (url: string) => {
  // One after the other: libraries that load side by side load each other's halves.
  last = answerAfter(last, url);
});

async function answerAfter(earlier: Promise<void>, url: string): Promise<void> {
  await earlier;
  const outcome = await new InProcessChannel(url).request({ verb: "describe" }, Infinity);
  const described: Described = { url, outcome };
  process.send?.(described);
}
