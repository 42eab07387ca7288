import type { ConvProblem } from "../core/problem.ts";
import { counted } from "./format.ts";

/** A problem as one would say it: "1 image, 1 channel, a row of 2; 1 filter, kernel 2". */
export function problemInWords(problem: ConvProblem): string {
  const { batch, inChannels, outChannels, groups, input, kernel, stride, dilation, padBegin, padEnd } = problem;
  const all = (values: readonly number[], usual: number): boolean => values.every((value) => value === usual);
  const [extent = 1] = input.slice(-1);
  const isRow = all(input.slice(0, -1), 1);
  const size = isRow ? (extent === 1 ? "a single pixel each" : `a row of ${extent}`) : sizes(input);
  const paddings = [...new Set([...padBegin, ...padEnd])];
  const padding =
    paddings.length === 1
      ? `padding ${paddings[0]}`
      : `padding ${padBegin.map((begin, axis) => `${begin} and ${padEnd[axis]}`).join(", ")}`;
  const rest = [
    ...(all(stride, 1) ? [] : [`stride ${sizes(stride)}`]),
    ...(all(dilation, 1) ? [] : [`dilation ${sizes(dilation)}`]),
    ...(all(paddings, 0) ? [] : [padding]),
    ...(groups === 1 ? [] : [`${groups} groups`]),
  ];
  const kernelSize = isRow && all(kernel.slice(0, -1), 1) ? String(kernel.at(-1)) : sizes(kernel);
  const data = [counted(batch, "image"), counted(inChannels, "channel"), size].join(", ");
  return [`${data}; ${counted(outChannels, "filter")}, kernel ${kernelSize}`, ...rest].join(", ");
}

/** "5×6". */
function sizes(values: readonly number[]): string {
  return values.join("×");
}
