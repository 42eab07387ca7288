import fc from "fast-check";
import type { Shape } from "../../graph/layer-shapes.ts";

export const seedDraw = fc.integer();

/** Spatial extents of rank 1 to 3. */
const spatialDraw = fc.oneof(
  fc.array(fc.integer({ min: 1, max: 9 }), { minLength: 1, maxLength: 1 }),
  fc.array(fc.integer({ min: 1, max: 6 }), { minLength: 2, maxLength: 2 }),
  fc.array(fc.integer({ min: 1, max: 4 }), { minLength: 3, maxLength: 3 }),
);

/** N C spatial…. */
export const imagesDraw: fc.Arbitrary<Shape> = fc
  .tuple(fc.integer({ min: 1, max: 3 }), fc.integer({ min: 1, max: 6 }), spatialDraw)
  .map(([batch, channels, spatial]) => [batch, channels, ...spatial]);

/** N C spatial…, or N F. */
export const dataDraw: fc.Arbitrary<Shape> = fc.oneof(
  imagesDraw,
  fc.tuple(fc.integer({ min: 1, max: 3 }), fc.integer({ min: 1, max: 9 })),
);

/**
 * A window's sizes for an input, one value per axis; the kernel fits into the padded input, and padding is smaller than
 * the kernel.
 */
export function windowDraw(shape: Shape): fc.Arbitrary<{
  readonly kernel: number[];
  readonly stride: number[];
  readonly padBegin: number[];
  readonly padEnd: number[];
}> {
  const axes = shape.slice(2).map((extent) =>
    fc
      .record({
        kernel: fc.integer({ min: 1, max: 4 }),
        stride: fc.integer({ min: 1, max: 3 }),
        padBegin: fc.nat(3),
        padEnd: fc.nat(3),
      })
      .map(({ kernel, stride, padBegin, padEnd }) => {
        const begin = padBegin % kernel;
        const end = padEnd % kernel;
        return { kernel: Math.min(kernel, extent + begin + end), stride, padBegin: begin, padEnd: end };
      })
      .filter(({ kernel, padBegin, padEnd }) => padBegin < kernel && padEnd < kernel),
  );
  return fc.tuple(...axes).map((drawn) => ({
    kernel: drawn.map(({ kernel }) => kernel),
    stride: drawn.map(({ stride }) => stride),
    padBegin: drawn.map(({ padBegin }) => padBegin),
    padEnd: drawn.map(({ padEnd }) => padEnd),
  }));
}
