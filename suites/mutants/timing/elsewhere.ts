/** Work that is done, but not in the timed call. */
import { deferred, InProcess, InThread, type Elsewhere } from "./helpers.ts";
import { SharedThread } from "./shared-thread.ts";
import { called, planned, type Steps, type TimingMutant, type Work } from "./timing-mutant.ts";

const SHARE = 0.5;

export const ELSEWHERE: readonly TimingMutant[] = [
  planned("at-load", "computes in load", ({ compute }) => ({ load: () => compute(), run: () => {} })),
  planned("half-at-load", "computes half of the channels in load", (work) => {
    const half = Math.floor(SHARE * work.problem.outChannels);
    return { load: () => work.compute(0, half), run: () => work.compute(half) };
  }),
  planned("at-read", "computes in read", ({ compute }) => ({ run: () => {}, read: () => compute() })),
  planned("half-at-read", "computes half of the channels in read", (work) => {
    const half = Math.floor(SHARE * work.problem.outChannels);
    return { run: () => work.compute(0, half), read: () => work.compute(half) };
  }),
  planned("quarter-at-read", "computes a quarter of the channels in read", (work) => {
    const most = Math.floor(0.75 * work.problem.outChannels);
    return { run: () => work.compute(0, most), read: () => work.compute(most) };
  }),
  planned("when-new", "runs only what was loaded since", (work) => {
    let isNew = false;
    return {
      load: () => void (isNew = true),
      run: () => {
        if (isNew) work.compute();
        isNew = false;
      },
    };
  }),
  planned("when-read-next", "counts its calls, and computes once when it is read", (work) => {
    let owed = 0;
    return {
      run: () => void owed++,
      read: () => {
        if (owed > 0) work.compute();
        owed = 0;
      },
    };
  }),
  planned("at-dispose", "computes when it is disposed of", (work) => ({
    run: () => {},
    dispose: () => work.compute(),
  })),
  planned("in-timer", "computes in a timer, which read waits for", (work) => {
    let pending: Promise<void> | undefined;
    return {
      run: () => void (pending ??= deferred(() => work.compute())),
      read: async () => {
        await pending;
        pending = undefined;
      },
    };
  }),
  planned("in-timer-unawaited", "computes in a timer that nobody waits for", (work) => {
    let isDue = false;
    return {
      run: () => {
        if (!isDue) void deferred(() => work.compute()).then(() => (isDue = false));
        isDue = true;
      },
    };
  }),
  called("in-microtask", "leaves the work to a microtask, which nobody is told of", (_, __, compute) => {
    void Promise.resolve().then(() => compute());
  }),
  planned("promises-later", "computes at once in its first calls, later in promises", (work) => {
    let calls = 0;
    return {
      run: () => {
        if (calls++ < 5) return work.compute();
        return Promise.resolve().then(() => work.compute());
      },
    };
  }),
  planned("half-in-thread", "computes half of the channels in a thread beside its own", (work) => shared(work, 0.5)),
  planned("quarter-in-thread", "computes a quarter of the channels in a thread beside its own", (work) =>
    shared(work, 0.25),
  ),
  planned("early-promise", "gives a promise that settles before the work", (work) => {
    let pending: Promise<void> | undefined;
    return {
      run: async () => {
        pending ??= deferred(() => work.compute());
        await Promise.resolve();
      },
      read: async () => {
        await pending;
        pending = undefined;
      },
    };
  }),
  planned("in-thread", "computes in a thread, which read waits for", (work) => away(work, new InThread())),
  planned("in-process", "computes in a process of its own, which read waits for", (work) =>
    away(work, new InProcess()),
  ),
  planned("thread-from-load", "begins in a thread when it is loaded; run waits", (work) => {
    const thread = new InThread();
    let pending: Promise<Float32Array> | undefined;
    return {
      load: () => void (pending = thread.compute(work.problem, work.operands)),
      run: async () => {
        work.y.set((await pending) ?? work.y);
      },
      dispose: () => thread.end(),
    };
  }),
  called("late-writer", "writes half of y in a timer after it has returned", (_, y, compute) => {
    const wanted = y.slice();
    compute();
    const half = y.slice(y.length / 2);
    y.set(wanted.subarray(y.length / 2), y.length / 2);
    setTimeout(() => y.set(half, y.length - half.length), 1);
  }),
];

/** Threads that nobody has granted, as native libraries use them: over memory that both see. */
function shared(work: Work, share: number): Steps {
  const helper = new SharedThread(work.problem, Math.floor((1 - share) * work.problem.outChannels));
  return {
    load: () => helper.take(work.operands),
    run: () => {
      helper.begin();
      work.compute(0, helper.from);
      helper.finish(work.y);
    },
    dispose: () => helper.end(),
  };
}

function away(work: Work, elsewhere: Elsewhere): Steps {
  let pending: Promise<Float32Array> | undefined;
  return {
    run: () => void (pending ??= elsewhere.compute(work.problem, work.operands)),
    read: async () => {
      work.y.set((await pending) ?? work.y);
      pending = undefined;
    },
    dispose: () => elsewhere.end(),
  };
}
