import { spawn, type ChildProcess } from "node:child_process";
import { FrameReader } from "./safetensors.ts";

/** Round trips for one measurement, the shortest of which counts. */
const TRIPS = 20;
/** A machine that holds up a trip for so long says nothing. */
const LIMIT_MS = 1000;

/**
 * What a frame's way to another program and back takes, by one that gives back what it gets: not the implementation's,
 * which could be slow to answer an empty request and seem the faster for it.
 */
export class Echo {
  #child: ChildProcess | undefined;
  readonly #reader = new FrameReader();
  #arrived: (() => void) | undefined;

  /** The shortest of some round trips, in milliseconds; undefined where there is no such program. */
  async roundTripMs(frame: readonly Uint8Array[]): Promise<number | undefined> {
    this.#child ??= this.#start();
    let shortest: number | undefined;
    for (let trip = 0; trip < TRIPS; trip++) {
      const start = performance.now();
      if (!(await this.#trip(frame))) return shortest;
      shortest = Math.min(shortest ?? Infinity, performance.now() - start);
    }
    return shortest;
  }

  end(): void {
    this.#child?.kill("SIGKILL");
  }

  #start(): ChildProcess {
    const child = spawn("cat", { stdio: ["pipe", "pipe", "ignore"] });
    for (const each of [child, child.stdin]) each.on("error", () => {});
    child.stdout.on("data", (chunk: Buffer) => {
      for (const _ of this.#reader.take(chunk)) this.#arrived?.();
    });
    return child;
  }

  async #trip(frame: readonly Uint8Array[]): Promise<boolean> {
    let timer: NodeJS.Timeout | undefined;
    const isBack = await new Promise<boolean>((resolve) => {
      this.#arrived = () => resolve(true);
      timer = setTimeout(() => resolve(false), LIMIT_MS);
      for (const part of frame) this.#child?.stdin?.write(part);
    });
    clearTimeout(timer);
    return isBack;
  }
}
