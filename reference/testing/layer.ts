import type { ConvProblem } from "../../core/problem.ts";

/** A layer with batch 1, one group, no bias, stride 1 and no padding, but for what is given. */
export function layer(given: Partial<ConvProblem> & Pick<ConvProblem, "input" | "kernel">): ConvProblem {
  const same = (value: number): number[] => given.input.map(() => value);
  return {
    batch: 1,
    inChannels: 1,
    outChannels: 1,
    groups: 1,
    stride: same(1),
    dilation: same(1),
    padBegin: same(0),
    padEnd: same(0),
    bias: false,
    ...given,
  };
}
