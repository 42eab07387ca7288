import fc from "fast-check";
import { expect, test } from "vitest";
import { PASSES, type ConvProblem, type Pass } from "../../core/problem.ts";
import { validateProblem } from "../../core/validate-problem.ts";
import { tensor } from "../support/tensor.ts";
import { asVolume } from "../support/volume.ts";
import { expectedOf, integerOperands } from "../testing/exact.ts";
import { productsOf, type Strided } from "./product.ts";
import { depthFields, depthTable } from "./shader-text.ts";

interface AxisDraw {
  readonly input: number;
  readonly kernel: number;
  readonly stride: number;
  readonly dilation: number;
  readonly padBegin: number;
  readonly padEnd: number;
}

const axisDraw = fc
  .record({
    input: fc.integer({ min: 1, max: 6 }),
    kernel: fc.integer({ min: 1, max: 3 }),
    stride: fc.integer({ min: 1, max: 3 }),
    dilation: fc.integer({ min: 1, max: 3 }),
    padBegin: fc.integer({ min: 0, max: 3 }),
    padEnd: fc.integer({ min: -1, max: 3 }),
  })
  .filter(
    ({ input, kernel, dilation, padBegin, padEnd }) =>
      input + padEnd > 0 && input + padBegin + padEnd > dilation * (kernel - 1),
  );

/** Problems of ranks 1 to 3 with groups and everything that an axis may have, small enough for plain loops. */
const smallProblem: fc.Arbitrary<ConvProblem> = fc
  .record({
    axes: fc.array(axisDraw, { minLength: 1, maxLength: 3 }),
    batch: fc.integer({ min: 1, max: 2 }),
    groups: fc.integer({ min: 1, max: 2 }),
    groupInChannels: fc.integer({ min: 1, max: 3 }),
    groupOutChannels: fc.integer({ min: 1, max: 3 }),
  })
  .map(({ axes, batch, groups, groupInChannels, groupOutChannels }) => {
    const each = (of: (drawn: AxisDraw) => number): readonly number[] => axes.map(of);
    return {
      batch,
      groups,
      inChannels: groups * groupInChannels,
      outChannels: groups * groupOutChannels,
      input: each(({ input }) => input),
      kernel: each(({ kernel }) => kernel),
      stride: each(({ stride }) => stride),
      dilation: each(({ dilation }) => dilation),
      padBegin: each(({ padBegin }) => padBegin),
      padEnd: each(({ padEnd }) => padEnd),
      bias: false,
    };
  });

/** The element that digits of `index` lead to, as the shaders compute it. */
function placeOf(index: number, { extents, strides, offset }: Strided): number {
  const [, depth, height, width] = extents;
  const digits = [
    Math.floor(index / (depth * height * width)),
    Math.floor(index / (height * width)) % depth,
    Math.floor(index / width) % height,
    index % width,
  ];
  return digits.reduce((sum, digit, at) => sum + digit * strides[at]!, offset);
}

/** What the shaders do, as plain loops over the products and their tables. */
function emulated(problem: ConvProblem, pass: Pass, a: Float32Array, source: Float32Array): readonly number[] {
  const out: number[] = [];
  for (const product of productsOf(asVolume(problem), pass)) {
    const [fields, table] = [depthFields(product), depthTable(product)];
    const axes = ["d", "h", "w"];
    for (let group = 0; group < product.groups; group++)
      for (let column = 0; column < product.columns; column++) {
        const [, depth, height, width] = product.sourceColumn.extents;
        const at = [Math.floor(column / (height * width)) % depth, Math.floor(column / width) % height, column % width];
        for (let row = 0; row < product.rows; row++) {
          let sum = 0;
          for (let k = 0; k < product.depth; k++) {
            const field = (name: string): number => table[k * fields.length + fields.indexOf(name)]!;
            const isInside = axes.every((name, axis) => {
              const { scale, origin } = product.columnCoordinates[axis]!;
              const coordinate = at[axis]! * scale + origin + field(name);
              return !product.isChecked[axis] || (coordinate >= 0 && coordinate < product.sourceExtents[axis]!);
            });
            if (!isInside) continue;
            const left = a[group * product.aGroup + row * product.aRow + (fields.includes("a") ? field("a") : k)]!;
            sum +=
              left * source[placeOf(column, product.sourceColumn) + group * product.sourceGroup + field("source")]!;
          }
          out[placeOf(column, product.outColumn) + group * product.outGroup + row * product.outRow] = sum + 0;
        }
      }
  }
  return out;
}

test("the products of every pass are the convolution, whatever the rank, groups, stride, dilation and padding", () => {
  fc.assert(
    fc.property(smallProblem, fc.constantFrom(...PASSES), (problem, pass) => {
      validateProblem(problem);
      const operands = integerOperands(problem, pass);
      const a = tensor(operands, pass === "backwardWeights" ? "dy" : "weights");
      const source = tensor(operands, pass === "backwardData" ? "dy" : "x");
      const expected = expectedOf(problem, pass);
      expect([emulated(problem, pass, a, source)]).toEqual(Object.values(expected));
    }),
    { numRuns: 200 },
  );
});
