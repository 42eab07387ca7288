import type { ConvProblem } from "../core/problem.ts";
import { outputShape } from "../core/shape.ts";

/** One spatial axis of a problem. */
export interface Axis {
  readonly input: number;
  readonly kernel: number;
  readonly output: number;
  readonly stride: number;
  readonly dilation: number;
  readonly padBegin: number;
}
export type Axes = readonly [depth: Axis, height: Axis, width: Axis];

/**
 * A product that exists: along one axis, kernel tap `tap` of output `output` reads `input`, which lies inside the
 * image.
 */
export interface Meeting {
  readonly input: number;
  readonly output: number;
  readonly tap: number;
}

/**
 * The spatial axes as three: a problem of lower rank gets leading axes of extent 1, which change neither values nor
 * memory layout.
 */
export function spatialAxes(problem: ConvProblem): Axes {
  const outputs = outputShape(problem);
  const missing = 3 - problem.input.length;
  const axis = (position: number): Axis =>
    position < missing
      ? { input: 1, kernel: 1, output: 1, stride: 1, dilation: 1, padBegin: 0 }
      : {
          input: problem.input[position - missing]!,
          kernel: problem.kernel[position - missing]!,
          output: outputs[position - missing]!,
          stride: problem.stride[position - missing]!,
          dilation: problem.dilation[position - missing]!,
          padBegin: problem.padBegin[position - missing]!,
        };
  return [axis(0), axis(1), axis(2)];
}

/** The input position that a tap reads for an output position; outside [0, input) it is padding. */
function inputPosition(axis: Axis, output: number, tap: number): number {
  return output * axis.stride - axis.padBegin + tap * axis.dilation;
}

/** All products along an axis that reach one output position, by ascending tap. */
export function meetingsOfOutput(axis: Axis, output: number): Meeting[] {
  const meetings: Meeting[] = [];
  for (let tap = 0; tap < axis.kernel; tap++) {
    const input = inputPosition(axis, output, tap);
    if (input >= 0 && input < axis.input) meetings.push({ input, output, tap });
  }
  return meetings;
}

/** All products along an axis that read one input position, by ascending tap. */
export function meetingsOfInput(axis: Axis, input: number): Meeting[] {
  const meetings: Meeting[] = [];
  for (let tap = 0; tap < axis.kernel; tap++) {
    const output = (input - inputPosition(axis, 0, tap)) / axis.stride;
    if (Number.isInteger(output) && output >= 0 && output < axis.output) meetings.push({ input, output, tap });
  }
  return meetings;
}

/** All products along an axis that use one tap, by ascending output position. */
export function meetingsOfTap(axis: Axis, tap: number): Meeting[] {
  const meetings: Meeting[] = [];
  for (let output = 0; output < axis.output; output++) {
    const input = inputPosition(axis, output, tap);
    if (input >= 0 && input < axis.input) meetings.push({ input, output, tap });
  }
  return meetings;
}
