/** Forward passes by transforms of known tiles: Winograd's F(m, r), and Fourier transforms of tiles or whole planes. */
import type { ConvProblem } from "../../../core/problem.ts";
import { elementCount, outputShape } from "../../../core/shape.ts";
import type { Call } from "../../../suites/mutants/convolution.ts";

type Matrix = readonly (readonly number[])[];
type Round = (value: number) => number;

const POINTS = [0, 1, -1, 2, -2, 1 / 2, -1 / 2, 3, -3];

/** (Π over l ≠ skip of x − a_l), lowest power first. */
function polynomial(points: readonly number[], skip: number): number[] {
  return points.reduce<number[]>(
    (product, point, at) =>
      at === skip
        ? product
        : Array.from({ length: product.length + 1 }, (_, i) => (product[i - 1] ?? 0) - point * (product[i] ?? 0)),
    [1],
  );
}

/**
 * Aᵀ, G and Bᵀ of F(m, r) by Toom and Cook. Source: Lavin and Gray, arXiv:1509.09308; Blahut, Fast Algorithms for Signal
 * Processing, chapter 5.
 */
function winogradMatrices(
  m: number,
  r: number,
): { readonly output: Matrix; readonly kernel: Matrix; readonly input: Matrix } {
  const n = m + r - 1;
  const points = POINTS.slice(0, n - 1);
  const norm = points.map((a, i) => points.reduce((product, b, l) => (l === i ? product : product * (a - b)), 1));
  const padded = (row: readonly number[]): number[] => Array.from({ length: n }, (_, i) => row[i] ?? 0);
  return {
    output: Array.from({ length: m }, (_, j) => [...points.map((a) => a ** j), j === m - 1 ? 1 : 0]),
    kernel: [
      ...points.map((a, i) => Array.from({ length: r }, (_, k) => a ** k / norm[i]!)),
      Array.from({ length: r }, (_, k) => (k === r - 1 ? 1 : 0)),
    ],
    input: [...points.map((_, i) => padded(polynomial(points, i))), padded(polynomial(points, -1))],
  };
}

/** M·X·Mᵀ of a square X, each operation rounded. */
function both(matrix: Matrix, x: Matrix, round: Round): Matrix {
  const times = (a: Matrix, b: Matrix): Matrix =>
    a.map((row) =>
      Array.from({ length: b[0]!.length }, (_, j) => {
        let sum = 0;
        for (let i = 0; i < row.length; i++) if (row[i] !== 0) sum = round(sum + round(row[i]! * b[i]![j]!));
        return sum;
      }),
    );
  const transposed = (a: Matrix): Matrix => a[0]!.map((_, j) => a.map((row) => row[j]!));
  return transposed(times(matrix, transposed(times(matrix, x))));
}

/** A square of the padded input. */
function tileOf({ problem, first }: Call, plane: number, top: number, left: number, size: number): Matrix {
  const [height = 1, width = 1] = problem.input;
  return Array.from({ length: size }, (_, i) =>
    Array.from({ length: size }, (_unused, j) => {
      const [h, w] = [top + i - problem.padBegin[0]!, left + j - problem.padBegin[1]!];
      return h >= 0 && h < height && w >= 0 && w < width ? first[(plane * height + h) * width + w]! : 0;
    }),
  );
}

interface Tiling {
  readonly m: number;
  readonly size: number;
  /** Of a tile of one channel. */
  transform(tile: Matrix): Matrix;
  kernel(weights: Matrix): Matrix;
  accumulate(sum: Matrix | undefined, tile: Matrix, kernel: Matrix): Matrix;
  output(sum: Matrix): Matrix;
}

function byTiles(call: Call, tiling: Tiling): void {
  const { problem, second, bias, out } = call;
  const { batch, inChannels, outChannels, groups } = problem;
  const [rows = 1, columns = 1] = outputShape(problem);
  const [r = 1, s = 1] = problem.kernel;
  const perIn = inChannels / groups;
  const kernels = Array.from({ length: outChannels * perIn }, (_, f) =>
    tiling.kernel(
      Array.from({ length: r }, (_unused, i) => Array.from(second.subarray((f * r + i) * s, (f * r + i + 1) * s))),
    ),
  );
  for (let n = 0; n < batch; n++) {
    for (let top = 0; top < rows; top += tiling.m) {
      for (let left = 0; left < columns; left += tiling.m) {
        const tiles = Array.from({ length: inChannels }, (_, c) =>
          tiling.transform(tileOf(call, n * inChannels + c, top, left, tiling.size)),
        );
        for (let k = 0; k < outChannels; k++) {
          const group = Math.floor(k / (outChannels / groups));
          let sum: Matrix | undefined;
          for (let c = 0; c < perIn; c++)
            sum = tiling.accumulate(sum, tiles[group * perIn + c]!, kernels[k * perIn + c]!);
          const y = tiling.output(sum!);
          for (let i = 0; i < tiling.m && top + i < rows; i++)
            for (let j = 0; j < tiling.m && left + j < columns; j++)
              out[((n * outChannels + k) * rows + top + i) * columns + left + j] = y[i]![j]! + (bias?.[k] ?? 0);
        }
      }
    }
  }
}

export function winograd(call: Call, m: number): void {
  const r = call.problem.kernel[0]!;
  const { output, kernel, input } = winogradMatrices(m, r);
  const round = Math.fround;
  byTiles(call, {
    m,
    size: m + r - 1,
    transform: (tile) => both(input, tile, round),
    kernel: (weights) => both(kernel, weights, round),
    accumulate: (sum, tile, weights) =>
      tile.map((row, i) => row.map((value, j) => round((sum?.[i]![j] ?? 0) + round(value * weights[i]![j]!)))),
    output: (sum) => both(output, sum, round),
  });
}

/** The data's gradient as the forward pass that it is: of dY, with filters and channels swapped and taps turned. */
export function adjoint({ problem, first, second, out, ...call }: Call): Call {
  const { inChannels, outChannels, kernel, padBegin, padEnd } = problem;
  const taps = elementCount(kernel);
  const turned = new Float32Array(second.length);
  for (let k = 0; k < outChannels; k++)
    for (let c = 0; c < inChannels; c++)
      for (let tap = 0; tap < taps; tap++)
        turned[(c * outChannels + k) * taps + tap] = second[(k * inChannels + c) * taps + taps - 1 - tap]!;
  const swapped = {
    ...problem,
    inChannels: outChannels,
    outChannels: inChannels,
    input: outputShape(problem),
    padBegin: padBegin.map((pad, axis) => kernel[axis]! - 1 - pad),
    padEnd: padEnd.map((pad, axis) => kernel[axis]! - 1 - pad),
  };
  return { ...call, problem: swapped, first, second: turned, out };
}

/** Zero where the angle alone is not exact. */
function exact(value: number): number {
  return Math.abs(value) < 1e-15 ? 0 : value;
}

/** Real and imaginary parts one below the other: 2·size rows. */
function fourierMatrix(size: number, sign: 1 | -1): { readonly re: Matrix; readonly im: Matrix } {
  const angle = (i: number, j: number): number => (2 * Math.PI * ((i * j) % size)) / size;
  const of = (f: (a: number) => number): Matrix =>
    Array.from({ length: size }, (_, i) => Array.from({ length: size }, (_unused, j) => exact(f(angle(i, j)))));
  return { re: of(Math.cos), im: of((a) => sign * Math.sin(a)) };
}

interface Complex {
  readonly re: Matrix;
  readonly im: Matrix;
}

function zip(a: Matrix, b: Matrix, f: (x: number, y: number) => number): Matrix {
  return a.map((row, i) => row.map((value, j) => f(value, b[i]![j]!)));
}

/** F·X·Fᵀ of a complex X. */
function fourier2(x: Complex, { re, im }: Complex, round: Round): Complex {
  const add = (a: Matrix, b: Matrix): Matrix => zip(a, b, (p, q) => round(p + q));
  const subtract = (a: Matrix, b: Matrix): Matrix => zip(a, b, (p, q) => round(p - q));
  const side = (a: Complex): Complex => {
    const product = (m: Matrix, n: Matrix): Matrix =>
      m.map((row) => n[0]!.map((_, j) => row.reduce((sum, value, i) => round(sum + value * n[i]![j]!), 0)));
    return {
      re: subtract(product(re, a.re), product(im, a.im)),
      im: add(product(re, a.im), product(im, a.re)),
    };
  };
  const turned = ({ re: r, im: i }: Complex): Complex => ({
    re: r[0]!.map((_, j) => r.map((row) => row[j]!)),
    im: i[0]!.map((_, j) => i.map((row) => row[j]!)),
  });
  return turned(side(turned(side(x))));
}

/** Overlap-save with tiles of `m` outputs, the whole output where it is left out, in float64 or float32. */
export function fourier(call: Call, m: number | undefined, round: Round = (value) => value): void {
  const tile = m ?? Math.max(...outputShape(call.problem));
  const size = tile + Math.max(...call.problem.kernel) - 1;
  const [forward, back] = [fourierMatrix(size, -1), fourierMatrix(size, 1)];
  const zeros: Matrix = Array.from({ length: size }, () => Array.from({ length: size }, () => 0));
  const stack = ({ re, im }: Complex): Matrix => [...re, ...im];
  const parts = (x: Matrix): Complex => ({ re: x.slice(0, size), im: x.slice(size) });
  byTiles(call, {
    m: tile,
    size,
    transform: (x) => stack(fourier2({ re: x, im: zeros }, forward, round)),
    kernel: (weights) => {
      const spread = zeros.map((row, i) => row.map((_, j) => weights[i]?.[j] ?? 0));
      return stack(fourier2({ re: spread, im: zeros }, forward, round));
    },
    accumulate: (sum, x, weights) => {
      const [a, b] = [parts(x), parts(weights)];
      const before = sum === undefined ? { re: zeros, im: zeros } : parts(sum);
      // Correlation: times the conjugate.
      const re = zip(
        zip(a.re, b.re, (p, q) => p * q),
        zip(a.im, b.im, (p, q) => p * q),
        (p, q) => round(p + q),
      );
      const im = zip(
        zip(a.im, b.re, (p, q) => p * q),
        zip(a.re, b.im, (p, q) => p * q),
        (p, q) => round(p - q),
      );
      return stack({ re: zip(before.re, re, (p, q) => round(p + q)), im: zip(before.im, im, (p, q) => round(p + q)) });
    },
    output: (sum) => fourier2(parts(sum), back, round).re.map((row) => row.map((value) => value / size ** 2)),
  });
}

/** What these transforms do not do. */
export function transformUnsupported({ input, stride, dilation, kernel }: ConvProblem, r?: number): string | undefined {
  const isUnit = [...stride, ...dilation].every((step) => step === 1);
  const isSquare = input.length === 2 && kernel[0] === kernel[1];
  if (!isUnit || !isSquare) return "only stride 1, dense, 2-D, with a square kernel";
  return r === undefined || kernel[0] === r ? undefined : `only ${r}×${r}`;
}
