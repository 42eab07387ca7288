/** V8's own count of the blocks of code that run, in the process of an implementation. */
import { Session } from "node:inspector";
import { runInThisContext } from "node:vm";
import type { BlockRange, ScriptCoverage } from "./messages.ts";

/** What a plugin gets of ours to import; and our own implementations, which installed are in `node_modules`. */
const CORE = new URL("../../core/", import.meta.url).href;
const IMPLS = new URL("../../impls/", import.meta.url).href;
/** Larger scripts are libraries or compilers' output: what they reach says little of a problem, and takes long. */
const LONGEST_SCRIPT = 2 ** 19;
const MARK = "benchconv:mark";

/** What V8 says of a script, as far as it is used here. */
interface CoveredScript {
  readonly scriptId: string;
  readonly url: string;
  readonly functions: readonly {
    readonly ranges: readonly { readonly startOffset: number; readonly endOffset: number; readonly count: number }[];
  }[];
}

/**
 * Counts the blocks that run of scripts loaded after it was made. It slows them down, for good: it is for a process
 * that nobody times. V8 compiles a function for counting only while it counts, hence before the plugin is loaded.
 * Source: Chrome DevTools Protocol, domain Profiler; Gruber, "JavaScript code coverage", v8.dev/blog, 2017.
 */
export class BlockProfiler {
  readonly #session = new Session();
  readonly #first: number;
  readonly #tooLong = new Set<string>();

  constructor() {
    this.#session.connect();
    this.#session.post("Profiler.enable");
    this.#session.post("Profiler.startPreciseCoverage", { callCount: true, detailed: true });
    // V8 numbers scripts as they come: those before this one are Node's and the harness's.
    runInThisContext("0", { filename: MARK });
    const mark = this.#scripts().find(({ url }) => url === MARK);
    this.#first = Number(mark?.scriptId ?? Infinity);
  }

  /** What ran of the plugin's own scripts since the last time. */
  take(): readonly ScriptCoverage[] {
    return this.#scripts()
      .filter((script) => this.#isOwn(script))
      .map(({ url, functions }) => ({
        url,
        ranges: functions.flatMap(({ ranges }) =>
          ranges.map(({ startOffset, endOffset, count }): BlockRange => [startOffset, endOffset, count > 0]),
        ),
      }));
  }

  #scripts(): readonly CoveredScript[] {
    let scripts: readonly CoveredScript[] = [];
    // In the same thread the answer comes before `post` returns.
    this.#session.post("Profiler.takePreciseCoverage", (error, { result }) => {
      if (error === null) scripts = result;
    });
    return scripts;
  }

  #isOwn({ scriptId, url, functions }: CoveredScript): boolean {
    if (Number(scriptId) <= this.#first || this.#tooLong.has(scriptId)) return false;
    const isLibrary = url.includes("/node_modules/") && !url.startsWith(IMPLS);
    if (!url.startsWith("file:") || isLibrary || url.startsWith(CORE)) return false;
    if (functions.every(({ ranges }) => (ranges[0]?.endOffset ?? 0) <= LONGEST_SCRIPT)) return true;
    this.#tooLong.add(scriptId);
    return false;
  }
}
