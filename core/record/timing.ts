import { Type } from "typebox";
import { cache, count, margin, pass, status, time } from "./common.ts";
import { amount, amountOrNull, closed, intervalOrNull, part, positive, text } from "./part.ts";

const freshSteps = {
  loadMs: amount("Loading", "New data, the weights that the plan had before."),
  runMs: amount("Running", "The first run on them."),
  readMs: amount("Reading", "The outputs."),
  copyLoadMs: amount("Copying operands", "What of the loading a mere copy takes."),
  copyReadMs: amount("Copying outputs", "What of the reading a mere copy takes."),
  repeatedMs: amount("Repeated call", "The p10 of the samples beside it: runs on operands that are loaded."),
  noiseMs: Type.Optional(
    amount("Noise", "A difference that is no longer may be of the clock, the caches or the copying."),
  ),
};

export const launch = part(
  "launch",
  closed("Launch", "The samples of one round's process. Launches of one round have the same start.", {
    startedAt: time.ref({ title: "Start of the samples" }),
    samplesMs: Type.Array(Type.Number({ minimum: 0 }), {
      title: "Samples",
      description: "Milliseconds per call, in time order.",
    }),
    turns: Type.Optional(
      Type.Array(count.ref(), {
        title: "Samples of each repetition",
        description:
          "How many of the samples each repetition of the round gave, in order. Implementations are interleaved, " +
          "so batches of the same repetition are nearest in time.",
      }),
    ),
    fresh: Type.Optional(
      closed("FreshRound", "The fresh call beside the samples of this round, in milliseconds.", freshSteps),
    ),
    addedMs: Type.Optional(
      amount("Added", "Where this round's fresh call takes longer: each of its samples is longer by so much."),
    ),
  }),
);

const flag = closed("Flag", "One thing that makes a time less certain.", {
  kind: Type.Enum(
    [
      "drift",
      "two-modes",
      "wide-interval",
      "throttled",
      "loaded-machine",
      "extra-threads",
      "software-driver",
      "fresh-call",
      "other-process",
      "device-clock",
      "memory-groups",
      "wide-data",
    ],
    { title: "Kind" },
  ),
  message: text("What was seen", "One sentence, with its figures."),
  advice: text("What to do", "One sentence."),
});

const freshCall = closed(
  "FreshCall",
  "A call from operands that the plan never had to outputs in hand: loading, running and reading. Medians over rounds, " +
    "in milliseconds.",
  {
    freshMs: amount("Fresh call", "All steps, without what copying the operands and outputs takes."),
    ...freshSteps,
    addedMs: Type.Optional(
      amount(
        "Added",
        "Where the fresh call is the time: the samples and estimates of this cell are longer by so much.",
      ),
    ),
  },
);

const value = closed("Value", "An input or output of a model.", {
  name: Type.String({ title: "Name" }),
  dims: Type.Array(count.ref(), { title: "Shape", description: "Extents, outermost first." }),
});

const model = closed("Model", "The whole model that was timed.", {
  name: text("Model", "The file's name without its ending."),
  digest: text("SHA-256 of the file", "Hexadecimal."),
  nodes: positive("Operations", "Of the graph, once its constants are computed."),
  inputs: Type.Array(value, { title: "Inputs" }),
  outputs: Type.Array(value, { title: "Outputs" }),
  modelBytes: amount("Model", "Bytes of the file."),
  codeBytes: amountOrNull(
    "Code",
    "Bytes that a web page fetches for the implementation besides the model (JavaScript and WebAssembly, not " +
      "compressed); null where it does not say.",
  ),
});

/** `contender` is in old records alone: reading turns it into `implementation`. */
const layerOf = Type.Unsafe<"implementation" | "plain-typescript">({
  title: "Whose layer",
  description:
    "Who computed a layer that is not a convolution: the implementation, or plain TypeScript because it has no " +
    "such layer. `contender`, in old records, is the implementation.",
  enum: ["implementation", "contender", "plain-typescript"],
});

export const timing = part(
  "timing",
  closed("Timing", "The time of one implementation on one layer.", {
    impl: text("Implementation"),
    suite: text("Suite"),
    layer: text("Layer"),
    problem: text("Problem descriptor", "benchdnn's syntax."),
    pass: pass.ref(),
    threads: positive("Threads"),
    cache,
    status: status.ref(),
    reason: Type.Optional(text("Reason", "Why there is no time.")),
    medianMs: amountOrNull(
      "Median",
      "Milliseconds: median over rounds of each round's median sample; null where nothing was timed.",
    ),
    minMs: amountOrNull("Minimum", "Milliseconds: the fastest sample."),
    ci95Ms: intervalOrNull(
      "95 % interval of the median",
      "[low, high], milliseconds: bootstrap over rounds; null with fewer than two.",
    ),
    gflops: amountOrNull("Rate", "GFLOP/s: 2 · multiply-adds ÷ median time."),
    launches: Type.Array(launch.ref(), { title: "Launches", description: "One per round, in time order." }),
    planMs: amountOrNull("Planning time", "Milliseconds; not in the median."),
    loadMs: amountOrNull("Loading time", "Milliseconds to take the operands; not in the median."),
    choice: Type.Optional(
      text("Choice", "What the plan chose, of an implementation that has several ways to compute."),
    ),
    computed: Type.Optional(
      text("How it was computed", "What `identify` found of the implementation on this problem, in words."),
    ),
    deviceMs: Type.Optional(
      amount(
        "Device time",
        "Milliseconds of a call by the device's own clock, such as a GPU's timestamps; submission and waiting " +
          "are not in it.",
      ),
    ),
    roundTripMs: Type.Optional(
      amount(
        "Round trip",
        "Milliseconds of a frame's way to another program and back, where one computes: taken off every sample.",
      ),
    ),
    workspaceBytes: amountOrNull("Workspace", "Bytes beside operands and outputs."),
    verified: Type.Boolean({
      title: "Verified",
      description: "The timed output was checked and held; a time without this is never shown.",
    }),
    margin: margin.ref(),
    fastMs: Type.Optional(
      amountOrNull(
        "Fast mode",
        "Milliseconds: the 10th percentile (p10) of the samples of the round in which it was lowest. It repeats " +
          "between runs where a median across slow and fast modes of the machine does not.",
      ),
    ),
    fastCi95Ms: Type.Optional(
      intervalOrNull("95 % interval of the fast mode", "[low, high], milliseconds: bootstrap over rounds."),
    ),
    p90Ms: Type.Optional(
      amountOrNull(
        "90th percentile",
        "Milliseconds (p90): nine in ten of all samples took at most this. The fast mode is the p10.",
      ),
    ),
    quartilesMs: Type.Optional(intervalOrNull("Quartiles", "[first, third], milliseconds, of all samples.")),
    firstCallMs: Type.Optional(
      amountOrNull("First call", "Milliseconds of the first call after planning; median over rounds."),
    ),
    peakMemoryBytes: Type.Optional(
      amountOrNull(
        "Peak memory",
        "Peak resident bytes of the implementation's process, its library and the operands included.",
      ),
    ),
    kind: Type.Optional(
      Type.String({
        title: "Kind of layer",
        description:
          "What was timed where it is not a convolution: relu, max-pooling, …, or end-to-end for all layers of " +
          "the pass in one call, or model for a whole model, which count in no sum. Absent for convolutions and fully connected layers. " +
          "`problem` is then a description.",
        minLength: 1,
      }),
    ),
    model: Type.Optional(model),
    freshCall: Type.Optional(freshCall),
    group: Type.Optional(
      positive(
        "Group",
        "Where the memory did not hold all implementations at once: only times of the same group were taken side by side.",
      ),
    ),
    layerOf: Type.Optional(layerOf),
    multiplicity: Type.Optional(
      positive("Multiplicity", "How often the network uses the layer; 1 when absent. The median is of one use."),
    ),
    flags: Type.Optional(
      Type.Array(flag, {
        title: "Flags",
        description: "What makes the time less certain than its interval says.",
      }),
    ),
  }),
);
