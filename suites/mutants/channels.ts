import type { ConvProblem } from "../../core/problem.ts";
import { elementCount, outputShape } from "../../core/shape.ts";
import { ALL, BACKWARD_DATA, BACKWARD_WEIGHTS, fault, FORWARD, type CataloguedFault } from "./mutant.ts";

const perIn = (p: ConvProblem): number => p.inChannels / p.groups;
const perOut = (p: ConvProblem): number => p.outChannels / p.groups;
const groupOf = (p: ConvProblem, k: number): number => Math.floor(k / perOut(p));

/** Which channels meet, what becomes of the bias, and how gradients are summed. */
export const CHANNEL_FAULTS: readonly CataloguedFault[] = [
  fault("groups", "groups-read-the-first", FORWARD, () => ({ channel: (_, __, c) => c })),
  fault("groups", "groups-interleaved", ALL, () => ({ channel: (p, k, c) => (k % p.groups) * perIn(p) + c })),
  fault("groups", "groups-channels-strided", ALL, () => ({ channel: (p, k, c) => c * p.groups + groupOf(p, k) })),
  fault("groups", "groups-rounded-up", FORWARD, () => ({
    channel: (p, k, c) => Math.min(p.groups - 1, Math.floor((k + (p.groups > 4 ? 1 : 0)) / perOut(p))) * perIn(p) + c,
  })),
  fault("groups", "last-group-repeats-the-one-before", FORWARD, () => ({
    channel: (p, k, c) =>
      (p.groups > 2 && groupOf(p, k) === p.groups - 1 ? p.groups - 2 : groupOf(p, k)) * perIn(p) + c,
  })),
  fault("groups", "depthwise-multiplier-interleaved", ALL, () => ({
    channel: (p, k, c) => (perIn(p) === 1 && p.groups > 1 ? k % p.groups : groupOf(p, k) * perIn(p) + c),
  })),
  fault("groups", "more-than-16-groups-wrap", ALL, () => ({
    channel: (p, k, c) => (groupOf(p, k) % 16) * perIn(p) + c,
  })),
  fault("groups", "depthwise-when-groups-are-channels-out", FORWARD, () => ({
    takes: (c, p) => p.groups === 1 || p.groups !== p.outChannels || c === 0,
  })),
  fault("groups", "backward-data-of-other-group", BACKWARD_DATA, () => ({
    channel: (p, k, c) => ((groupOf(p, k) + 1) % p.groups) * perIn(p) + c,
  })),
  fault("groups", "backward-weights-of-first-group", BACKWARD_WEIGHTS, () => ({ channel: (_, __, c) => c })),
  fault("groups", "backward-weights-channel-reversed-in-group", BACKWARD_WEIGHTS, () => ({
    channel: (p, k, c) => groupOf(p, k) * perIn(p) + (p.groups > 1 ? perIn(p) - 1 - c : c),
  })),

  fault("bias", "bias-dropped", FORWARD, () => ({ store: (sum) => sum })),
  fault("bias", "bias-doubled", FORWARD, () => ({ store: (sum, bias) => sum + 2 * bias })),
  fault("bias", "bias-subtracted", FORWARD, () => ({ store: (sum, bias) => sum - bias })),
  fault("bias", "bias-of-channel-in-group", FORWARD, {
    around: (call, compute) => {
      const { bias, problem } = call;
      compute({ ...call, bias: bias && Float32Array.from(bias, (_, k) => bias[k % perOut(problem)]!) });
    },
  }),
  fault("bias", "bias-shifted-by-a-channel", FORWARD, {
    around: (call, compute) =>
      compute({ ...call, bias: call.bias && Float32Array.of(0, ...call.bias.subarray(0, -1)) }),
  }),
  fault("bias", "bias-added-per-tile-of-channels", FORWARD, (problem) => ({
    store: (sum, bias) => sum + bias * Math.max(1, Math.ceil(perIn(problem) / 8)),
  })),
  fault("bias", "bias-only-on-first-image", FORWARD, () => ({
    store: (sum, bias, { outer }) => (outer === 0 ? sum + bias : sum),
  })),
  fault("bias", "bias-missing-where-only-padding", FORWARD, () => ({
    store: (sum, bias) => (sum === 0 ? 0 : sum + bias),
  })),
  fault("bias", "bias-missing-in-depthwise", FORWARD, () => ({
    store: (sum, bias, _, p) => (p.groups > 1 && perIn(p) === 1 ? sum : sum + bias),
  })),
  fault("bias", "bias-beyond-64-filters-dropped", FORWARD, () => ({
    store: (sum, bias, { channel }) => (channel >= 64 ? sum : sum + bias),
  })),
  fault("bias", "bias-in-float16", FORWARD, () => ({ store: (sum, bias) => sum + Math.f16round(bias) })),
  fault("bias", "relu-left-on", FORWARD, () => ({ store: (sum, bias) => Math.max(0, sum + bias) })),

  fault("gradients", "bias-gradient-mean-over-batch", BACKWARD_WEIGHTS, {
    around: (call, compute) => {
      compute(call);
      const { dBias, problem } = call;
      dBias?.set(dBias.map((value) => value / problem.batch));
    },
  }),
  fault("gradients", "bias-gradient-of-last-image", BACKWARD_WEIGHTS, {
    around: (call, compute) => {
      compute(call);
      const { problem, second, dBias } = call;
      const points = elementCount(outputShape(problem));
      const start = (problem.batch - 1) * problem.outChannels * points;
      dBias?.forEach((_, k) => {
        dBias[k] = second.subarray(start + k * points, start + (k + 1) * points).reduce((sum, value) => sum + value, 0);
      });
    },
  }),
  fault("gradients", "bias-gradient-over-wrong-axis", BACKWARD_WEIGHTS, {
    around: (call, compute) => {
      compute(call);
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
  fault("gradients", "bias-gradient-mean-over-space", BACKWARD_WEIGHTS, {
    around: (call, compute) => {
      compute(call);
      const { dBias, problem } = call;
      dBias?.set(dBias.map((value) => value / elementCount(outputShape(problem))));
    },
  }),
  fault("gradients", "bias-gradient-never-written", BACKWARD_WEIGHTS, {
    around: (call, compute) => compute({ ...call, dBias: undefined }),
  }),
  fault("gradients", "weight-gradient-mean-over-batch", BACKWARD_WEIGHTS, () => ({
    store: (sum, _, __, { batch }) => sum / batch,
  })),
  fault("gradients", "weight-gradient-of-first-image", BACKWARD_WEIGHTS, (problem) => ({
    sum: (products, count) =>
      products.subarray(0, count / problem.batch).reduce((total, product) => Math.fround(total + product), 0),
  })),
  fault("gradients", "weight-gradient-transposed", BACKWARD_WEIGHTS, {
    around: (call, compute) => {
      compute(call);
      const { outChannels, inChannels, groups, kernel } = call.problem;
      const [k, c, taps] = [outChannels, inChannels / groups, elementCount(kernel)];
      const right = call.out.slice();
      for (let i = 0; i < right.length; i++) {
        const plane = Math.floor(i / taps);
        call.out[i] = right[((plane % k) * c + Math.floor(plane / k)) * taps + (i % taps)]!;
      }
    },
  }),
  fault("gradients", "weight-gradient-kernel-axes-swapped", BACKWARD_WEIGHTS, {
    around: (call, compute) => {
      compute(call);
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
  fault("consistent", "channels-reversed-everywhere", ALL, () => ({
    channel: (p, k, c) => groupOf(p, k) * perIn(p) + perIn(p) - 1 - c,
  })),
];
