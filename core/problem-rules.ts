import type { ConvProblem } from "./problem.ts";
import { elementCount, outputShape, effectiveKernelSize, tensorShapes } from "./shape.ts";

/** The largest value of any one field: what an implementation with 32-bit indices can hold. */
export const MAX_EXTENT = 2 ** 31 - 1;

/** The largest tensor, in bytes: 4 GiB of float32. */
export const MAX_TENSOR_BYTES = 2 ** 32;

const BYTES_PER_ELEMENT = 4;

/** The names of the spatial axes, outermost first: `["w"]`, `["h", "w"]` or `["d", "h", "w"]`. */
export function axisNames(rank: number): readonly string[] {
  return ["d", "h", "w"].slice(3 - rank);
}

/**
 * The first rule that a problem breaks, as a phrase with the values that break it, or undefined for a valid problem.
 * The rules: rank 1 to 3, one value per axis in every list, integers in range, groups that divide both channel counts,
 * an output of at least 1 on every axis, no tensor over 4 GiB. `padBegin` is never negative, as oneDNN demands; a
 * negative `padEnd` crops.
 */
export function problemFault(problem: ConvProblem): string | undefined {
  return (
    listFault(problem) ?? rangeFault(problem) ?? groupsFault(problem) ?? outputFault(problem) ?? sizeFault(problem)
  );
}

function lists(problem: ConvProblem): readonly (readonly [name: string, values: readonly number[], least: number])[] {
  return [
    ["input", problem.input, 1],
    ["kernel", problem.kernel, 1],
    ["stride", problem.stride, 1],
    ["dilation", problem.dilation, 1],
    ["padBegin", problem.padBegin, 0],
    ["padEnd", problem.padEnd, -MAX_EXTENT],
  ];
}

function listFault(problem: ConvProblem): string | undefined {
  const rank = problem.input.length;
  if (rank < 1 || rank > 3) return `the spatial rank must be 1, 2 or 3, got input=[${problem.input.join(",")}]`;
  for (const [name, values] of lists(problem)) {
    if (values.length !== rank) {
      return (
        `${name} must have one value per axis, got ${name}=[${values.join(",")}] ` +
        `input=[${problem.input.join(",")}]`
      );
    }
  }
  return undefined;
}

function rangeFault(problem: ConvProblem): string | undefined {
  const counts = [
    ["batch", [problem.batch], 1],
    ["inChannels", [problem.inChannels], 1],
    ["outChannels", [problem.outChannels], 1],
    ["groups", [problem.groups], 1],
  ] as const;
  for (const [name, values, least] of [...counts, ...lists(problem)]) {
    const wrong = values.find((value) => !Number.isInteger(value) || value < least || value > MAX_EXTENT);
    if (wrong !== undefined)
      return `${name} must be an integer from ${least} to ${MAX_EXTENT}, got ${name}=${values.join(",")}`;
  }
  return undefined;
}

function groupsFault({ groups, inChannels, outChannels }: ConvProblem): string | undefined {
  if (inChannels % groups !== 0) return `groups must divide inChannels, got groups=${groups} inChannels=${inChannels}`;
  if (outChannels % groups !== 0)
    return `groups must divide outChannels, got groups=${groups} outChannels=${outChannels}`;
  return undefined;
}

function outputFault(problem: ConvProblem): string | undefined {
  const output = outputShape(problem);
  const axis = output.findIndex((extent) => extent < 1);
  if (axis < 0) return undefined;
  const [input, kernel, dilation] = [problem.input[axis]!, problem.kernel[axis]!, problem.dilation[axis]!];
  return (
    `the output must be at least 1 on every axis, got ${output[axis]} on axis ${axisNames(output.length)[axis]}: ` +
    `input=${input} padBegin=${problem.padBegin[axis]} padEnd=${problem.padEnd[axis]} is shorter than the ` +
    `${effectiveKernelSize(kernel, dilation)} ` +
    `that kernel=${kernel} dilation=${dilation} spans`
  );
}

/** The tensor over 4 GiB of a problem that keeps the other rules; undefined where there is none. */
export function sizeFault(problem: ConvProblem): string | undefined {
  for (const [name, shape] of Object.entries(tensorShapes(problem))) {
    const bytes = elementCount(shape) * BYTES_PER_ELEMENT;
    if (bytes > MAX_TENSOR_BYTES) {
      const size = `${(bytes / 2 ** 30).toPrecision(3)} GiB for ${shape.join("×")} float32`;
      return `${name} must be at most 4 GiB, got ${size}`;
    }
  }
  return undefined;
}
