type Three = readonly [number, number, number];

/** The sizes of a layer with windows as if it had three spatial axes: those that it lacks have one position. */
export interface Windows {
  readonly input: Three;
  readonly output: Three;
  readonly kernel: Three;
  readonly stride: Three;
  readonly dilation: Three;
  readonly padBegin: Three;
}

export function windowsOf(problem: {
  readonly inputs: readonly (readonly number[])[];
  readonly output: readonly number[];
  readonly kernel: readonly number[];
  readonly stride: readonly number[];
  readonly dilation?: readonly number[];
  readonly padBegin: readonly number[];
}): Windows {
  const { inputs, output, kernel, stride, dilation = [], padBegin } = problem;
  return {
    input: three(inputs[0]?.slice(2) ?? [], 1),
    output: three(output.slice(2), 1),
    kernel: three(kernel, 1),
    stride: three(stride, 1),
    dilation: three(dilation, 1),
    padBegin: three(padBegin, 0),
  };
}

function three(values: readonly number[], missing: number): Three {
  return [values.at(-3) ?? missing, values.at(-2) ?? missing, values.at(-1) ?? missing];
}
