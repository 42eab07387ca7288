/** What the implementations that come with us are, asked all together: for a list, which runs none of them. */
import { fork, type ChildProcess } from "node:child_process";
import { fileURLToPath } from "node:url";
import { moduleUrl } from "../../core/module-url.ts";
import type { Outcome } from "./channel.ts";
import { builtInUrls, inProcess } from "./discovery.ts";
import { withoutSecrets } from "./sandbox/environment.ts";
import { strippedTypesFlags } from "./stripped-types.ts";

const CHILD = fileURLToPath(moduleUrl("./describe-child.ts", import.meta.url));
const PACKAGE = new URL("../../", import.meta.url).href;
/** The libraries of all of them load in a second; who takes this long is asked in a process of its own. */
const LIMIT_MS = 10_000;

/** What the child answers. */
export interface Described {
  readonly url: string;
  readonly outcome: Outcome<"describe">;
}

/** Asks modules of ours in one process, which loads each library once; a user's file in a process of its own. */
export class DescribeTogether {
  readonly #ours: ReadonlySet<string>;
  readonly #waiting = new Map<string, (outcome: Outcome<"describe"> | undefined) => void>();
  #child: ChildProcess | undefined;

  /** `ours` are asked together. */
  constructor(ours: readonly string[] = builtInUrls()) {
    this.#ours = new Set(ours);
  }

  describe = async (url: string): Promise<Outcome<"describe">> => {
    // Who takes the process down is asked again, alone, which tells how it ended.
    return (this.#ours.has(url) ? await this.#ask(url) : undefined) ?? inProcess(url);
  };

  stop(): void {
    this.#child?.kill("SIGKILL");
  }

  #ask(url: string): Promise<Outcome<"describe"> | undefined> {
    const child = (this.#child ??= this.#start());
    return new Promise((resolve) => {
      const limit = setTimeout(() => this.#answer(url, undefined), LIMIT_MS);
      this.#waiting.set(url, (outcome) => {
        clearTimeout(limit);
        resolve(outcome);
      });
      if (child.connected) child.send(url);
      else this.#answer(url, undefined);
    });
  }

  #start(): ChildProcess {
    const child = fork(CHILD, [], {
      execArgv: CHILD.endsWith(".ts") ? [...strippedTypesFlags(PACKAGE)] : [],
      env: withoutSecrets(process.env),
      serialization: "advanced",
      // Libraries say much about drivers that are not there.
      stdio: ["ignore", "ignore", "ignore", "ipc"],
    });
    child.on("message", ({ url, outcome }: Described) => this.#answer(url, outcome));
    child.on("exit", () => {
      for (const url of this.#waiting.keys()) this.#answer(url, undefined);
    });
    return child;
  }

  #answer(url: string, outcome: Outcome<"describe"> | undefined): void {
    this.#waiting.get(url)?.(outcome);
    this.#waiting.delete(url);
  }
}
