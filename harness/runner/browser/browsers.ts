import { basename, dirname } from "node:path";
import { fileURLToPath } from "node:url";
import type { Browser } from "playwright-core";
import type { Outcome, ResidentChannel } from "../channel.ts";
import { BrowserChannel } from "./channel.ts";
import { hasGpu, launchChromium, type Graphics } from "./chromium.ts";
import { MISSING, SuiteServer } from "./server.ts";

/** A plugin file has so long to load and to say whether it can run. */
const DESCRIBE_LIMIT_MS = 60_000;

/** Where implementations run in browsers of this machine: each that is timed has one of its own, as it has a process in Node. */
export class Browsers {
  /** What the browser calls itself, and what draws for it. */
  readonly name: string;
  readonly #server: SuiteServer;
  readonly #graphics: Graphics;
  /** Only for asking plugins what they are. */
  readonly #first: Browser;
  #lastStart: Promise<unknown> = Promise.resolve();

  private constructor(server: SuiteServer, first: Browser, graphics: Graphics) {
    this.#server = server;
    this.#first = first;
    this.#graphics = graphics;
    const drawing = graphics === "gpu" ? "a GPU" : "a software driver for graphics";
    this.name = `Chromium ${first.version()}, headless, with ${drawing}`;
  }

  /**
   * Begins to serve, and starts a first browser, which shows what graphics there are where that is not said.
   * @throws UsageError where there is no Chromium, or it does not start
   */
  static async open(graphics?: Graphics): Promise<Browsers> {
    const first = await launchChromium(graphics ?? "gpu");
    const server = await SuiteServer.start();
    if (graphics !== undefined) return new Browsers(server, first, graphics);
    const page = server.open(import.meta.url, 1);
    const isGpu = await hasGpu(first, page.blankUrl);
    page.close();
    if (isGpu) return new Browsers(server, first, "gpu");
    await first.close();
    return new Browsers(server, await launchChromium("software"), "software");
  }

  /** An implementation in a browser of its own. */
  start(pluginUrl: string, threads: number): ResidentChannel {
    // One after the other: a browser is many processes, which hold each other up where many start at once.
    const browser = this.#lastStart.then(() => launchChromium(this.#graphics));
    this.#lastStart = browser.catch(() => {});
    return new BrowserChannel(this.#server.open(pluginUrl, threads), browser, async () => (await browser).close());
  }

  /** Asks a plugin file what it is; one that has no way to load in a browser is unavailable, with what is missing. */
  async describe(pluginUrl: string): Promise<Outcome<"describe">> {
    const browser = Promise.resolve(this.#first);
    const channel = new BrowserChannel(this.#server.open(pluginUrl, 1), browser, async (context) => context?.close());
    const outcome = await channel.request({ verb: "describe" }, DESCRIBE_LIMIT_MS);
    const { missing } = channel;
    await channel.stop();
    if (missing === undefined) return outcome;
    const unavailable = `not in a browser: ${missing}`;
    if (outcome.kind === "answer") {
      // What a plugin says of an import that failed tells of a file of ours that is not there.
      const impls = outcome.answer.impls.map((impl) =>
        impl.unavailable?.includes(MISSING) ? { ...impl, unavailable } : impl,
      );
      return { ...outcome, answer: { impls } };
    }
    if (outcome.kind !== "threw") return outcome;
    const impl = {
      name: nameOf(fileURLToPath(pluginUrl)),
      algorithm: "direct",
      precision: "float32",
      arithmetic: "ieee",
      passes: [],
      unavailable,
    } as const;
    return { kind: "answer", answer: { impls: [impl] }, tensors: {}, wallMs: 0 };
  }

  async stop(): Promise<void> {
    this.#server.stop();
    await this.#first.close();
  }
}

/** `impls/NAME.ts` and `impls/NAME/index.ts`. */
function nameOf(path: string): string {
  const [name = ""] = basename(path).split(".");
  return name === "index" ? basename(dirname(path)) : name;
}
