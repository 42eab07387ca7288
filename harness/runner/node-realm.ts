/** The plugin's realm in Node. */
import { Buffer } from "node:buffer";
import { setImmediate } from "node:timers";
import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";
import { importPlugin } from "./foreign/load.ts";
import { builtInsOfThisRealm, type PluginRealm } from "./plugin-realm.ts";

/** Node's clock has steps of a nanosecond; reading it takes some hundred. */
const CLOCK_GRAIN_MS = 2e-4;

/** The realm of this code in Node, as it is now. */
export function thisRealm(): PluginRealm {
  const compare = Buffer.compare.bind(Buffer);
  const laterOfNode = setImmediate;
  return {
    ...builtInsOfThisRealm(),
    import: importPlugin,
    clockGrainMs: CLOCK_GRAIN_MS,
    collectGarbage: collectorOfV8(),
    haveSameBytes: (one, other) => compare(one, other) === 0,
    afterTurn: (callback) => void laterOfNode(callback),
    startCoverage: async () => {
      const { BlockProfiler } = await import("./block-profiler.ts");
      const profiler = new BlockProfiler();
      return () => profiler.take();
    },
  };
}

/** V8's collector, which a plugin's own realm does not get to see. */
function collectorOfV8(): () => void {
  setFlagsFromString("--expose-gc");
  // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- the flag defines it
  const collect = runInNewContext("gc") as () => void;
  setFlagsFromString("--no-expose-gc");
  return collect;
}
