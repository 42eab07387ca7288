import { correlate } from "./layers.ts";

export const KINDS = ["full", "local", "convolution"] as const;
export type Kind = (typeof KINDS)[number];

/** Inputs of the graph, and taps of its kernel. */
export const INPUTS = 7;
export const TAPS = 3;
export const OUTPUTS = INPUTS - TAPS + 1;

export interface Connection {
  readonly input: number;
  readonly output: number;
  /** Which weight lies on it: connections with the same number share it. */
  readonly weight: number;
}

/** Which inputs each output reads, and by which weight. */
export function connectionsOf(kind: Kind): readonly Connection[] {
  const outputs = Array.from({ length: OUTPUTS }, (_, output) => output);
  if (kind === "full")
    return outputs.flatMap((output) =>
      Array.from({ length: INPUTS }, (_, input) => ({ input, output, weight: output * INPUTS + input })),
    );
  return outputs.flatMap((output) =>
    Array.from({ length: TAPS }, (_, tap) => ({
      input: output + tap,
      output,
      weight: kind === "local" ? output * TAPS + tap : tap,
    })),
  );
}

/** The row moved to the right; 0 comes in. */
export function moved(values: readonly number[], by: number): readonly number[] {
  return values.map((_, index) => values[index - by] ?? 0);
}

/** The responses of a kernel along a row, with a stride. */
export function responses(values: readonly number[], kernel: readonly number[], stride: number): readonly number[] {
  return correlate([values], [kernel], { stride, padding: 0, dilation: 1 })[0] ?? [];
}
