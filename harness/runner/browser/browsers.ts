import { basename, dirname } from "node:path";
import { fileURLToPath } from "node:url";
import type { Browser } from "playwright-core";
import type { Outcome, ResidentChannel } from "../channel.ts";
import { NOT_IN_A_BROWSER } from "./bundle.ts";
import { BrowserChannel } from "./channel.ts";
import { hasGpu, launchChromium, type Graphics } from "./chromium.ts";
import { SuiteServer } from "./server.ts";

/** The time limit for loading a plugin file and asking it whether it can run. */
const DESCRIBE_LIMIT_MS = 60_000;

/**
 * Runs implementations in browsers on this machine; each that is timed has its own browser, as it has a process in
 * Node.
 */
export class Browsers {
  /** The browser's name and version, and its graphics. */
  readonly name: string;
  readonly #server: SuiteServer;
  readonly #graphics: Graphics;
  /** Only for describing plugins. */
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
   * Starts the server and a first browser, which tells what graphics the machine has where `graphics` is left out.
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
    // One after the other: a browser is many processes, and many that start at once slow each other down.
    const browser = this.#lastStart.then(() => launchChromium(this.#graphics));
    this.#lastStart = browser.catch(() => {});
    return new BrowserChannel(this.#server.open(pluginUrl, threads), browser, async () => (await browser).close());
  }

  /** What a module sends that runs in a worker of a browser of its own, without the harness. */
  async messageOf(moduleUrl: string, parameters: Readonly<Record<string, string>>): Promise<unknown> {
    const browser = await launchChromium(this.#graphics);
    const site = this.#server.open(moduleUrl, 1);
    try {
      const page = await (await browser.newContext()).newPage();
      await page.goto(site.blankUrl);
      const address = `${site.url}file${new URL(moduleUrl).pathname}?${new URLSearchParams(parameters).toString()}`;
      return await page.evaluate(`new Promise((resolve, reject) => {
        const worker = new Worker(${JSON.stringify(address)}, { type: "module" });
        worker.onmessage = ({ data }) => resolve(data);
        worker.onerror = ({ message }) => reject(new Error(message ?? "it did not load"));
      })`);
    } finally {
      site.close();
      await browser.close();
    }
  }

  /** Describes a plugin file; one that cannot load in a browser is unavailable, with what is missing. */
  async describe(pluginUrl: string): Promise<Outcome<"describe">> {
    const browser = Promise.resolve(this.#first);
    const channel = new BrowserChannel(this.#server.open(pluginUrl, 1), browser, async (context) => context?.close());
    const outcome = await channel.request({ verb: "describe" }, DESCRIBE_LIMIT_MS);
    await channel.stop();
    if (outcome.kind === "threw") {
      const unavailable = missingIn(outcome.reason);
      if (unavailable === undefined) return outcome;
      const name = nameOf(fileURLToPath(pluginUrl));
      return { kind: "answer", answer: { impls: [{ ...UNKNOWN, name, unavailable }] }, tensors: {}, wallMs: 0 };
    }
    if (outcome.kind !== "answer") return outcome;
    const impls = outcome.answer.impls.map((impl) => {
      const unavailable = missingIn(impl.unavailable ?? "");
      return unavailable === undefined ? impl : { ...impl, unavailable };
    });
    return { ...outcome, answer: { impls } };
  }

  async stop(): Promise<void> {
    this.#server.stop();
    await this.#first.close();
  }
}

/** What is said of an implementation whose module does not load. */
const UNKNOWN = { algorithm: "direct", precision: "float32", arithmetic: "ieee", passes: [] } as const;

/** What no browser has, in the words of a module's error, wherever it stands in a text. */
function missingIn(text: string): string | undefined {
  const start = text.indexOf(NOT_IN_A_BROWSER);
  return start < 0 ? undefined : text.slice(start);
}

/** `impls/NAME.ts` and `impls/NAME/index.ts`. */
function nameOf(path: string): string {
  const [name = ""] = basename(path).split(".");
  return name === "index" ? basename(dirname(path)) : name;
}
