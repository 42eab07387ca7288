import { expect, test } from "vitest";
import { PASSES, type ConvProblem, type Pass } from "../../core/problem.ts";
import { tensor } from "../support/tensor.ts";
import { asVolume } from "../support/volume.ts";
import { expectedOf, integerOperands } from "../testing/exact.ts";
import { ANY_GEOMETRY, drawAllKinds } from "../testing/geometry-sweep.ts";
import { productsOf, type Strided } from "./product.ts";
import { depthFields, depthTable } from "./shader-text.ts";

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

test.each(PASSES)("the products of %s are the convolution, whatever the geometry", (pass) => {
  for (const drawn of drawAllKinds(1200, 1, { ...ANY_GEOMETRY, groupOutChannels: [1, 2, 3] })) {
    const problem = { ...drawn, bias: false };
    const operands = integerOperands(problem, pass);
    const a = tensor(operands, pass === "backwardWeights" ? "dy" : "weights");
    const source = tensor(operands, pass === "backwardData" ? "dy" : "x");
    expect({ problem, outputs: [emulated(problem, pass, a, source)] }).toEqual({
      problem,
      outputs: Object.values(expectedOf(problem, pass)),
    });
  }
});
