/** Unusual, but the time is that of the work. */
import { InThread } from "./helpers.ts";
import { called, honest, planned, type TimingMutant } from "./timing-mutant.ts";

/** What the others are held against. */
export const PLAIN = "plain";

const compiled = new Set<string>();

export const HONEST: readonly TimingMutant[] = [
  planned(PLAIN, "computes in run", ({ compute }) => ({ run: () => compute() })),
  called("plain-function", "computes in one function", (_, __, compute) => compute()),
  planned("lazy-start", "makes what it needs in its first call", (work) => {
    let table: Float32Array | undefined;
    return {
      run: () => {
        table ??= Float32Array.from({ length: 300_000 }, (_, i) => Math.sin(i));
        work.compute();
      },
    };
  }),
  planned("packs-weights", "transforms the weights when a load brings new ones", (work) => {
    let packed = new Float32Array();
    return {
      load: (changed) => {
        const { weights = packed } = work.operands;
        if (changed?.includes("weights") !== false)
          packed = weights.map((weight) => Math.fround(Math.cbrt(weight) ** 3));
      },
      run: () => work.compute(),
    };
  }),
  planned("packs-by-content", "keeps its packed weights while the weights' contents are the same", (work) => {
    let kept = new Float32Array();
    let packed = kept;
    return {
      load: () => {
        const { weights = kept } = work.operands;
        if (weights.length === kept.length && kept.every((value, i) => value === weights[i])) return;
        kept = weights.slice();
        packed = kept.map((weight) => Math.fround(Math.cbrt(weight) ** 3));
      },
      run: () => work.compute(0, packed.length > 0 ? work.problem.outChannels : 0),
    };
  }),
  planned("compiles-per-shape", "compiles once for each shape, in a cache of the whole process", (work) => {
    const key = JSON.stringify(work.problem);
    if (!compiled.has(key)) for (const until = performance.now() + 30; performance.now() < until;);
    compiled.add(key);
    return { run: () => work.compute() };
  }),
  planned("late-threads", "starts a thread after some calls, which waits for work", (work) => {
    let calls = 0;
    let thread: InThread | undefined;
    return {
      run: () => {
        if (++calls === 15) void (thread = new InThread()).compute(work.problem, work.operands).catch(() => {});
        work.compute();
      },
      dispose: () => thread?.end(),
    };
  }),
  planned("garbage", "leaves much for the collector at each call", (work) => {
    let held: unknown[] = [];
    return {
      run: () => {
        held = Array.from({ length: 2000 }, (_, i) => ({ i, before: held.length }));
        work.compute();
      },
    };
  }),
  planned("asynchronous", "waits for a promise in each call", (work) => ({
    run: async () => {
      await Promise.resolve();
      work.compute();
    },
  })),
  planned("copies", "copies its operands in load", (work) => ({
    load: () => {
      const { x = new Float32Array(), weights = x, bias } = work.operands;
      work.operands = { x: x.slice(), weights: weights.slice(), ...(bias === undefined ? {} : { bias: bias.slice() }) };
    },
    run: () => work.compute(),
  })),
];

export const HONEST_ONES: readonly TimingMutant[] = HONEST.map(honest);
