/** The same as neutral-script.ts in a worker of a browser, which sends the p10; its address says what is timed. */
import { p10OfCalls } from "./neutral-timing.ts";

const { href, searchParams } = new URL(import.meta.url);
const files = href.slice(0, href.indexOf("/file/") + "/file".length);
const [module, name, descriptor, timeMs] = ["module", "name", "descriptor", "timeMs"].map(
  (key) => searchParams.get(key) ?? "",
);
// As bundlers do for modules that look into the environment.
Object.defineProperty(globalThis, "process", { value: { env: {} } });
// oxlint-disable-next-line typescript/no-unsafe-type-assertion -- a module
const loaded = (await import(`${files}${module ?? ""}`)) as object;
const send: unknown = Reflect.get(globalThis, "postMessage");
if (typeof send !== "function") throw new Error("this is no worker");
Reflect.apply(send, undefined, [await p10OfCalls(loaded, name ?? "", descriptor ?? "", Number(timeMs))]);
