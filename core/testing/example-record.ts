import { PASSES, type Pass } from "../problem.ts";
import type {
  Ceilings,
  CheckEntry,
  ComparisonEntry,
  ImplEntry,
  Launch,
  RunRecord,
  TimingEntry,
  TimingFlag,
} from "../record.ts";

/** AlexNet at batch 1: name, descriptor, multiply-adds in millions. */
const LAYERS = [
  ["conv1", "mb1_ic3oc96_ih227oh55kh11sh4dh0ph0", 105.4],
  ["conv2", "mb1_ic96oc256_ih27oh27kh5sh1dh0ph2", 447.9],
  ["conv3", "mb1_ic256oc384_ih13oh13kh3sh1dh0ph1", 149.5],
  ["conv4", "mb1_ic384oc384_ih13oh13kh3sh1dh0ph1", 224.3],
  ["conv5", "mb1_ic384oc256_ih13oh13kh3sh1dh0ph1", 149.5],
  ["fc6", "mb1_ic256oc4096_ih6oh1kh6sh1dh0ph0", 37.7],
  ["fc7", "mb1_ic4096oc4096_ih1oh1kh1sh1dh0ph0", 16.8],
  ["fc8", "mb1_ic4096oc1000_ih1oh1kh1sh1dh0ph0", 4.1],
] as const;

/** GFLOP/s per layer, as seen on a two-core machine; 0 = timed out. */
const RATES: Readonly<Record<string, readonly number[]>> = {
  naive: [0.55, 0.61, 0.58, 0.59, 0.58, 0.62, 0.64, 0.63],
  "im2col-gemm": [5.1, 6.3, 5.8, 6.1, 5.9, 1.9, 2.0, 1.9],
  fft: [0.42, 2.7, 2.1, 2.3, 2.2, 0.31, 0.9, 0.85],
  onnxruntime: [117, 122, 137, 139, 133, 9.8, 10.4, 9.1],
  "tfjs-cpu": [0.21, 0.19, 0.2, 0.2, 0.2, 0, 0.31, 0.29],
  "tfjs-wasm": [19.5, 24.8, 25.1, 24.7, 24.9, 4.3, 4.8, 4.5],
};

const MISSING = "the optional package @tensorflow/tfjs-node is not installed: npm install @tensorflow/tfjs-node";
const MISSING_GPU =
  "the optional package @tensorflow/tfjs-node-gpu is not installed: npm install @tensorflow/tfjs-node-gpu";

const IMPLS: readonly ImplEntry[] = [
  { name: "naive", algorithm: "direct", status: "passed", description: "The loops of the definition." },
  { name: "im2col-gemm", algorithm: "gemm", status: "passed", description: "im2col, blocked GEMM, col2im." },
  { name: "fft", algorithm: "fft", status: "passed", source: "arXiv:1312.5851" },
  { name: "onnxruntime", version: "1.30.0", algorithm: "gemm", status: "passed" },
  { name: "tfjs-cpu", version: "4.22.0", algorithm: "direct", status: "passed" },
  { name: "tfjs-wasm", version: "4.22.0", algorithm: "gemm", status: "failed", reason: "see its checks" },
  { name: "tfjs-node", algorithm: "direct", status: "unavailable", reason: MISSING },
  { name: "tfjs-node-gpu", algorithm: "direct", status: "unavailable", reason: MISSING_GPU },
];

/** A record with the shape and the sizes of a real run of verify and bench together; the same at every call. */
export function exampleRecord(): RunRecord {
  const random = uniform(20261101);
  return {
    schema: "benchconv/1",
    environment: {
      startedAt: "2026-11-20T09:30:00.000Z",
      benchconv: "0.1.0",
      node: "24.21.0",
      v8: "13.6.233.17-node.29",
      os: "Linux 6.12.0 x64",
      cpu: "Intel(R) Xeon(R) Platinum 8481C CPU @ 2.70GHz",
      cores: 2,
      memoryBytes: 8 * 2 ** 30,
      loadAverage: 0.31,
    },
    command: "npm run bench -- --json record.json",
    impls: IMPLS,
    checks: IMPLS.filter(({ name }) => name in RATES).flatMap(({ name }) =>
      PASSES.flatMap((pass) => checksOf(name, pass)),
    ),
    timings: IMPLS.flatMap((impl) => LAYERS.map((_, layer) => timingOf(impl, layer, random))),
    ceilings: [CEILINGS],
    comparisons: COMPARED.map(comparisonOf),
  };
}

const CEILINGS: Ceilings = {
  threads: 1,
  wasmGflops: 55.2,
  wasmInstructions: "relaxed-simd",
  nativeGflops: 171,
  nativeSource: "onnxruntime's MatMul, 1024 × 1024 × 1024",
  plausibleGflops: 512,
  plausibleBasis: "16 lanes × 2 units × 2 operations × 4.0 GHz × 2 cores",
  bandwidthGBs: 11.8,
  lastLevelCacheBytes: 32 * 2 ** 20,
};

/** im2col-gemm beside the state before a change: ratio, half of the interval, verdict. */
const COMPARED = [
  [0.912, 0.012, "faster"],
  [0.874, 0.009, "faster"],
  [1.004, 0.011, "same"],
  [0.997, 0.014, "same"],
  [1.03, 0.19, "inconclusive"],
  [1.071, 0.016, "slower"],
  [1.002, 0.018, "same"],
  [0.991, 0.013, "same"],
] as const;

function comparisonOf([ratio, half, verdict]: (typeof COMPARED)[number], index: number): ComparisonEntry {
  const [layer, problem] = LAYERS[index] ?? LAYERS[0];
  return {
    impl: "im2col-gemm",
    against: "im2col-gemm-before",
    suite: "alexnet",
    layer,
    problem: `${problem}_n"alexnet:${layer}"`,
    pass: "forward",
    threads: 1,
    cache: "hot",
    verdict,
    ...(verdict === "inconclusive" ? { reason: "the machine changed between two modes: more rounds are needed" } : {}),
    method: "same-rounds",
    ratio,
    interval: [ratio - half, ratio + half],
    confidence: 0.99375,
    threshold: 0.025,
    smallestChange: half + 0.025,
  };
}

const TWO_MODES: readonly TimingFlag[] = [
  {
    kind: "two-modes",
    message: "the samples lie in two groups, 1.4 times apart",
    advice: "Read the fast-mode time; close what else runs on the machine.",
  },
  {
    kind: "wide-interval",
    message: "the 95 % interval is 38 % wide after 5 rounds",
    advice: "Give it more rounds with --time 30.",
  },
];

/** The record with one implementation under another name. */
export function renamed(record: RunRecord, from: string, to: string): RunRecord {
  const rename = <T extends { readonly impl: string }>(entry: T): T =>
    entry.impl === from ? { ...entry, impl: to } : entry;
  return {
    ...record,
    impls: record.impls.map((impl) => (impl.name === from ? { ...impl, name: to } : impl)),
    checks: record.checks.map(rename),
    timings: record.timings.map(rename),
  };
}

function checksOf(impl: string, pass: Pass): CheckEntry[] {
  const scale = impl === "fft" ? 0.21 : impl === "naive" ? 0.034 : 0.012;
  if (impl === "tfjs-wasm" && pass === "backwardWeights") {
    const reason = "the wasm backend has no gradient of the filter";
    return ["exact", "real", "special"].map((law) => ({
      impl,
      law,
      pass,
      status: "unsupported",
      reason,
      cases: 0,
      margin: null,
    }));
  }
  const laws: CheckEntry[] = [
    { impl, law: "exact", pass, status: "passed", cases: 214, margin: 0 },
    { impl, law: "real", pass, status: "passed", cases: 188, margin: scale },
    { impl, law: "special", pass, status: "passed", cases: 61, margin: 0 },
  ];
  if (impl === "tfjs-cpu" && pass === "backwardWeights") {
    const reason = "not checked within 20 s: alexnet:conv1 to alexnet:fc8";
    return [...laws, { impl, law: "alexnet", pass, status: "unsupported", reason, cases: 0, margin: null }];
  }
  return impl === "tfjs-wasm" && pass === "forward" ? [...laws.slice(0, 2), infinityOverPadding()] : laws;
}

function infinityOverPadding(): CheckEntry {
  const descriptor = 'mb1_ic1oc1_ih3oh3kh3sh1dh0ph1_n"inf-over-padding"';
  const failure = {
    descriptor,
    seed: 91,
    data: "special",
    tensor: "y",
    index: [0, 0, 0, 0],
    got: NaN,
    expected: -Infinity,
    bound: 0,
    picture: ["y[0, 0, :, :]: ■ wrong, · right", "■ ■ ■", "■ · ■", "■ ■ ■"],
    cause: "padding ≥ 1: all 41 tried with it fail, all 28 without it hold; only with special data; only in forward",
    pattern: "wrong in 8 of 9 elements; only at the border",
    foundAfterCases: 414,
    foundAfterMs: 2140,
    message: "y is NaN where the one product that reaches it is −Infinity",
    rerun: `npm run verify -- --impl tfjs-wasm --pass forward --law special --seed 91 --problem '${descriptor}'`,
  };
  return { impl: "tfjs-wasm", law: "special", pass: "forward", status: "failed", cases: 12, margin: Infinity, failure };
}

function timingOf({ name, status, reason }: ImplEntry, index: number, random: () => number): TimingEntry {
  const [layer, problem, megaMacs] = LAYERS[index] ?? LAYERS[0];
  const common = {
    impl: name,
    suite: "alexnet",
    layer,
    problem: `${problem}_n"alexnet:${layer}"`,
    pass: "forward",
    threads: 1,
    cache: "hot",
  } as const;
  const rate = RATES[name]?.[index];
  if (rate === undefined) return { ...common, ...UNTIMED, status, reason: reason ?? "" };
  if (rate === 0) return { ...common, ...UNTIMED, status: "timed-out", reason: "no call ended within 30 s" };
  const typicalMs = (2 * megaMacs) / rate;
  // One cell met a machine with two modes.
  const spread = name === "im2col-gemm" && layer === "conv5" ? 0.9 : 0.006 + 0.02 * random();
  const launches = [0, 1, 2, 3, 4].map((round): Launch => {
    const level = typicalMs * (1 + spread * (random() - 0.3));
    const samplesMs = Array.from({ length: 12 }, () => level * (1 + 0.04 * random() ** 4));
    return { startedAt: `2026-11-20T09:3${round}:00.000Z`, samplesMs, turns: [4, 4, 4] };
  });
  const samples = launches.flatMap(({ samplesMs }) => samplesMs).sort((a, b) => a - b);
  const fastMs = median(launches.map(({ samplesMs }) => Math.min(...samplesMs)));
  const medians = launches.map(({ samplesMs }) => median(samplesMs)).sort((a, b) => a - b);
  const medianMs = median(medians);
  return {
    ...common,
    status: "passed",
    medianMs,
    minMs: samples[0] ?? medianMs,
    fastMs,
    fastCi95Ms: [samples[0] ?? fastMs, fastMs * 1.004],
    quartilesMs: [samples[samples.length >> 2] ?? medianMs, samples[(3 * samples.length) >> 2] ?? medianMs],
    ci95Ms: [medians[0] ?? medianMs, medians.at(-1) ?? medianMs],
    gflops: (2 * megaMacs) / medianMs,
    launches,
    planMs: 0.4 + random(),
    loadMs: 1 + random(),
    firstCallMs: medianMs * (name.startsWith("tfjs") ? 2.6 : 1.2),
    workspaceBytes: name === "im2col-gemm" ? Math.round(megaMacs * 1e5) : null,
    peakMemoryBytes: Math.round(90e6 + megaMacs * 2e5),
    multiplicity: 1,
    flags: spread > 0.5 ? TWO_MODES : [],
    verified: true,
    margin: (name === "fft" ? 0.2 : 0.01) * random(),
  };
}

const UNTIMED = {
  medianMs: null,
  minMs: null,
  ci95Ms: null,
  gflops: null,
  launches: [],
  planMs: null,
  loadMs: null,
  workspaceBytes: null,
  verified: false,
  margin: null,
} as const;

function median(values: readonly number[]): number {
  const sorted = values.toSorted((a, b) => a - b);
  return sorted[sorted.length >> 1] ?? NaN;
}

/** mulberry32: the same uniform numbers in [0, 1) for the same seed. */
function uniform(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}
