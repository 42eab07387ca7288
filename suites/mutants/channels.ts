import type { ConvProblem } from "../../core/problem.ts";
import { elementCount, outputShape } from "../../core/shape.ts";
import { ALL, BACKWARD_DATA, BACKWARD_WEIGHTS, mutant, FORWARD, type Mutant } from "./mutant.ts";

const perIn = (p: ConvProblem): number => p.inChannels / p.groups;
const perOut = (p: ConvProblem): number => p.outChannels / p.groups;
const groupOf = (p: ConvProblem, k: number): number => Math.floor(k / perOut(p));

/** Mutants of channels and groups, of the bias, and of the sums of gradients. */
export const CHANNEL_MUTANTS: readonly Mutant[] = [
  mutant("groups", "groups-read-the-first", FORWARD, () => ({ channel: (_, __, c) => c })),
  mutant("groups", "groups-interleaved", ALL, () => ({ channel: (p, k, c) => (k % p.groups) * perIn(p) + c })),
  mutant("groups", "groups-channels-strided", ALL, () => ({ channel: (p, k, c) => c * p.groups + groupOf(p, k) })),
  mutant("groups", "groups-rounded-up", FORWARD, () => ({
    channel: (p, k, c) => Math.min(p.groups - 1, Math.floor((k + (p.groups > 4 ? 1 : 0)) / perOut(p))) * perIn(p) + c,
  })),
  mutant("groups", "last-group-repeats-the-one-before", FORWARD, () => ({
    channel: (p, k, c) =>
      (p.groups > 2 && groupOf(p, k) === p.groups - 1 ? p.groups - 2 : groupOf(p, k)) * perIn(p) + c,
  })),
  mutant("groups", "depthwise-multiplier-interleaved", ALL, () => ({
    channel: (p, k, c) => (perIn(p) === 1 && p.groups > 1 ? k % p.groups : groupOf(p, k) * perIn(p) + c),
  })),
  mutant("groups", "more-than-16-groups-wrap", ALL, () => ({
    channel: (p, k, c) => (groupOf(p, k) % 16) * perIn(p) + c,
  })),
  mutant("groups", "depthwise-when-groups-are-channels-out", FORWARD, () => ({
    takes: (c, p) => p.groups === 1 || p.groups !== p.outChannels || c === 0,
  })),
  mutant("groups", "backward-data-of-other-group", BACKWARD_DATA, () => ({
    channel: (p, k, c) => ((groupOf(p, k) + 1) % p.groups) * perIn(p) + c,
  })),
  mutant("groups", "backward-weights-of-first-group", BACKWARD_WEIGHTS, () => ({ channel: (_, __, c) => c })),
  mutant("groups", "backward-weights-channel-reversed-in-group", BACKWARD_WEIGHTS, () => ({
    channel: (p, k, c) => groupOf(p, k) * perIn(p) + (p.groups > 1 ? perIn(p) - 1 - c : c),
  })),

  mutant("bias", "bias-dropped", FORWARD, () => ({ store: (sum) => sum })),
  mutant("bias", "bias-doubled", FORWARD, () => ({ store: (sum, bias) => sum + 2 * bias })),
  mutant("bias", "bias-subtracted", FORWARD, () => ({ store: (sum, bias) => sum - bias })),
  mutant("bias", "bias-of-channel-in-group", FORWARD, {
    around: (call, compute) => {
      const { bias, problem } = call;
      compute({ ...call, bias: bias && Float32Array.from(bias, (_, k) => bias[k % perOut(problem)]!) });
    },
  }),
  mutant("bias", "bias-shifted-by-a-channel", FORWARD, {
    around: (call, compute) =>
      compute({ ...call, bias: call.bias && Float32Array.of(0, ...call.bias.subarray(0, -1)) }),
  }),
  mutant("bias", "bias-added-per-tile-of-channels", FORWARD, (problem) => ({
    store: (sum, bias) => sum + bias * Math.max(1, Math.ceil(perIn(problem) / 8)),
  })),
  mutant("bias", "bias-only-on-first-image", FORWARD, () => ({
    store: (sum, bias, { outer }) => (outer === 0 ? sum + bias : sum),
  })),
  mutant("bias", "bias-missing-where-only-padding", FORWARD, () => ({
    store: (sum, bias) => (sum === 0 ? 0 : sum + bias),
  })),
  mutant("bias", "bias-missing-in-depthwise", FORWARD, () => ({
    store: (sum, bias, _, p) => (p.groups > 1 && perIn(p) === 1 ? sum : sum + bias),
  })),
  mutant("bias", "bias-beyond-64-filters-dropped", FORWARD, () => ({
    store: (sum, bias, { channel }) => (channel >= 64 ? sum : sum + bias),
  })),
  mutant("bias", "bias-in-float16", FORWARD, () => ({ store: (sum, bias) => sum + Math.f16round(bias) })),
  mutant("bias", "relu-left-on", FORWARD, () => ({ store: (sum, bias) => Math.max(0, sum + bias) })),

  mutant("gradients", "bias-gradient-mean-over-batch", BACKWARD_WEIGHTS, {
    after: (call) => {
      const { dBias, problem } = call;
      dBias?.set(dBias.map((value) => value / problem.batch));
    },
  }),
  mutant("gradients", "bias-gradient-of-last-image", BACKWARD_WEIGHTS, {
    after: (call) => {
      const { problem, second, dBias } = call;
      const points = elementCount(outputShape(problem));
      const start = (problem.batch - 1) * problem.outChannels * points;
      dBias?.forEach((_, k) => {
        dBias[k] = second.subarray(start + k * points, start + (k + 1) * points).reduce((sum, value) => sum + value, 0);
      });
    },
  }),
  mutant("gradients", "bias-gradient-over-wrong-axis", BACKWARD_WEIGHTS, {
    after: (call) => {
      const { problem, second, dBias } = call;
      const count = problem.batch * elementCount(outputShape(problem));
      // Reads N K out… as N out… K.
      dBias?.forEach((_, k) => {
        let sum = 0;
        for (let i = 0; i < count; i++) sum += second[i * problem.outChannels + k]!;
        dBias[k] = sum;
      });
    },
  }),
  mutant("gradients", "bias-gradient-mean-over-space", BACKWARD_WEIGHTS, {
    after: (call) => {
      const { dBias, problem } = call;
      dBias?.set(dBias.map((value) => value / elementCount(outputShape(problem))));
    },
  }),
  mutant("gradients", "bias-gradient-never-written", BACKWARD_WEIGHTS, {
    around: (call, compute) => compute({ ...call, dBias: undefined }),
  }),
  mutant("gradients", "weight-gradient-mean-over-batch", BACKWARD_WEIGHTS, () => ({
    store: (sum, _, __, { batch }) => sum / batch,
  })),
  mutant("gradients", "weight-gradient-of-first-image", BACKWARD_WEIGHTS, (problem) => ({
    sum: (products, count) =>
      products.subarray(0, count / problem.batch).reduce((total, product) => Math.fround(total + product), 0),
  })),
  mutant("gradients", "weight-gradient-transposed", BACKWARD_WEIGHTS, {
    after: (call) => {
      const { outChannels, inChannels, groups, kernel } = call.problem;
      const [k, c, taps] = [outChannels, inChannels / groups, elementCount(kernel)];
      const right = call.out.slice();
      for (let i = 0; i < right.length; i++) {
        const plane = Math.floor(i / taps);
        call.out[i] = right[((plane % k) * c + Math.floor(plane / k)) * taps + (i % taps)]!;
      }
    },
  }),
  mutant("gradients", "weight-gradient-kernel-axes-swapped", BACKWARD_WEIGHTS, {
    after: (call) => {
      const [rows = 1, columns = 1] = call.problem.kernel.slice(-2);
      if (rows !== columns || call.problem.kernel.length !== 2) return;
      const right = call.out.slice();
      const taps = rows * columns;
      right.forEach((_, i) => {
        const t = i % taps;
        call.out[i] = right[i - t + (t % columns) * columns + Math.floor(t / columns)]!;
      });
    },
  }),
  mutant("consistent", "channels-reversed-everywhere", ALL, () => ({
    channel: (p, k, c) => groupOf(p, k) * perIn(p) + perIn(p) - 1 - c,
  })),
];
