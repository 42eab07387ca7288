import type { Browser, BrowserContext } from "playwright-core";
import { ask, type Outcome, type ResidentChannel } from "../channel.ts";
import { ExpectedOutputs } from "../expected-outputs.ts";
import { encodeFrame } from "../frames.ts";
import { forgetPeak, memoryLimitBytes, peakResidentBytes, residentBytes } from "../memory.ts";
import type { Request } from "../messages.ts";
import type { AnyTensors } from "../../../core/tensors.ts";
import type { ImplementationPage } from "./server.ts";

/** Long enough for a loaded machine to open a page. */
const START_LIMIT_MS = 120_000;

/** A process of the browser: what it does for the page, and its number. */
interface BrowserProcess {
  readonly type: string;
  readonly id: number;
}

/** An implementation in a worker of a page, under the watchdog for time and memory that a process of Node's has. */
export class BrowserChannel implements ResidentChannel {
  readonly #site: ImplementationPage;
  readonly #started: Promise<void>;
  readonly #ended: Promise<string>;
  readonly #end: (how: string) => void;
  readonly #release: (context: BrowserContext | undefined) => Promise<void>;
  readonly #expected = new ExpectedOutputs();
  readonly #limitBytes = memoryLimitBytes();
  #context: BrowserContext | undefined;
  #processes: readonly BrowserProcess[] = [];
  #alive = true;
  #stopping: Promise<void> | undefined;

  /** Opens the page in a browser; `release` lets go of the browser when the implementation ends. */
  constructor(
    site: ImplementationPage,
    browser: Promise<Browser>,
    release: (context: BrowserContext | undefined) => Promise<void>,
  ) {
    this.#site = site;
    this.#release = release;
    const { promise, resolve } = Promise.withResolvers<string>();
    this.#ended = promise;
    this.#end = (how) => {
      this.#alive = false;
      resolve(how);
    };
    void site.mailbox.gone.then(this.#end);
    this.#started = this.#start(browser).catch((error: unknown) =>
      this.#end(`the page did not open: ${error instanceof Error ? error.message.split("\n", 1)[0] : String(error)}`),
    );
  }

  get alive(): boolean {
    return this.#alive;
  }

  get pids(): readonly number[] {
    return this.#processes.map(({ id }) => id);
  }

  /** Of the processes that hold pages; what the browser has for itself is not the implementation's. */
  peakMemoryBytes(): number | undefined {
    const peaks = this.#renderers().map((pid) => peakResidentBytes(pid) ?? 0);
    return peaks.length === 0 ? undefined : Math.max(...peaks);
  }

  forgetPeakMemory(): void {
    for (const pid of this.#renderers()) forgetPeak(pid);
  }

  async request<R extends Request>(request: R, limitMs: number, tensors: AnyTensors = {}): Promise<Outcome<R["verb"]>> {
    // The browser's own start is not the implementation's time.
    await this.#started;
    if (!this.#alive) return { kind: "crashed", reason: await this.#ended };
    return ask(
      {
        exchange: (envelope) => this.#site.mailbox.exchange(encodeFrame(envelope, tensors)),
        ended: this.#ended,
        checkMemory: () => this.#checkMemory(),
        stop: () => this.stop(),
      },
      request,
      limitMs,
      this.#expected.of(request),
    );
  }

  async stop(): Promise<void> {
    this.#stopping ??= this.#stop();
    await this.#stopping;
  }

  endProcess(): Promise<void> {
    return this.stop();
  }

  async #start(opening: Promise<Browser>): Promise<void> {
    const browser = await opening;
    browser.on("disconnected", () => this.#end("the browser ended"));
    // A profile of its own, hence a process of its own.
    this.#context = await browser.newContext();
    const page = await this.#context.newPage();
    page.on("crash", () => this.#end("the page's process ended: out of memory, or a fault in the browser"));
    await page.goto(this.#site.url, { timeout: START_LIMIT_MS });
    const session = await browser.newBrowserCDPSession();
    this.#processes = (await session.send("SystemInfo.getProcessInfo")).processInfo;
  }

  async #stop(): Promise<void> {
    await this.#started;
    this.#end("the page was closed");
    this.#site.close();
    await this.#release(this.#context);
  }

  #renderers(): readonly number[] {
    return this.#processes.filter(({ type }) => type === "renderer").map(({ id }) => id);
  }

  #checkMemory(): void {
    const excess = this.#renderers().find((pid) => (residentBytes(pid) ?? 0) > this.#limitBytes);
    if (excess === undefined) return;
    this.#end(`it used more than ${(this.#limitBytes / 2 ** 30).toPrecision(3)} GiB of memory`);
  }
}
