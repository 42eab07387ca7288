import type { Grid, Placement } from "./grid.ts";
import { complexArray, FourierTransform, type ComplexArray } from "./transform.ts";

/**
 * Transforms of real planes, many at once. The spectrum of a real plane is Hermitian, so the half with width
 * frequencies 0…⌊width/2⌋ is enough, and the other half is not computed: two rows of a plane, as the real and the
 * imaginary part of one complex row, are transformed together and separated by symmetry; then the columns, and the
 * depths, of the half spectrum. Only rows of one plane are paired, so no plane's rounding errors or NaN affect
 * another's spectrum.
 *
 * Source: Press et al., Numerical Recipes, 3rd ed., §12.3.1 (two real functions at once).
 */
export class PlaneTransform {
  /** Frequencies of a half spectrum: depth · height · (⌊width/2⌋ + 1). */
  readonly frequencies: number;
  /** The spectra of the current planes, frequency by frequency ([frequencies][planes]). */
  readonly spectra: ComplexArray;
  readonly workspaceBytes: number;
  private readonly scratch: ComplexArray;
  private readonly row: ComplexArray;
  private readonly depth: FourierTransform;
  private readonly height: FourierTransform;
  private readonly width: FourierTransform;
  private readonly halfWidth: number;
  private readonly scale: number;

  constructor({ lengths: [depth, height, width] }: Grid, maxPlanes: number) {
    this.depth = new FourierTransform(depth);
    this.height = new FourierTransform(height);
    this.width = new FourierTransform(width);
    this.halfWidth = Math.floor(width / 2) + 1;
    this.frequencies = depth * height * this.halfWidth;
    this.scale = 1 / (depth * height * width);
    this.spectra = complexArray(this.frequencies * maxPlanes);
    this.scratch = complexArray(Math.max(this.frequencies, width) * maxPlanes);
    this.row = complexArray(width * maxPlanes);
    const elements = this.spectra.re.length + this.scratch.re.length + this.row.re.length;
    this.workspaceBytes = elements * 2 * Float64Array.BYTES_PER_ELEMENT;
  }

  /** Fills `spectra` with the transforms of the planes of `source` that begin at `starts`. */
  forward(source: Float32Array, starts: readonly number[], placement: Placement): void {
    const planes = starts.length;
    this.spectra.re.fill(0, 0, this.frequencies * planes);
    this.spectra.im.fill(0, 0, this.frequencies * planes);
    for (let i = 0; i < placement.rows.length; i += 2) {
      const first = placement.rows[i]!;
      const second = placement.rows[i + 1];
      this.row.re.fill(0, 0, this.width.length * planes);
      this.row.im.fill(0, 0, this.width.length * planes);
      gather(source, starts, first.source, placement, this.row.re);
      if (second !== undefined) gather(source, starts, second.source, placement, this.row.im);
      this.width.run(this.row, 0, planes, this.scratch);
      this.splitRows(planes, first.place, second?.place);
    }
    for (const depth of placement.depths) this.transformColumns(this.spectra, depth, planes);
    this.depth.run(this.spectra, 0, (this.frequencies / this.depth.length) * planes, this.scratch);
  }

  /** Adds the inverse transforms of `spectra` (which it destroys) to the planes of `target` that begin at `starts`. */
  addInverse(target: Float32Array, starts: readonly number[], placement: Placement): void {
    const planes = starts.length;
    // Exchanging the real and the imaginary part before and after makes a transform its own inverse, but for the scale.
    const exchanged = { re: this.spectra.im, im: this.spectra.re };
    this.depth.run(exchanged, 0, (this.frequencies / this.depth.length) * planes, this.scratch);
    for (const depth of placement.depths) this.transformColumns(exchanged, depth, planes);
    for (let i = 0; i < placement.rows.length; i += 2) {
      const first = placement.rows[i]!;
      const second = placement.rows[i + 1];
      this.joinRows(planes, first.place, second?.place);
      this.width.run({ re: this.row.im, im: this.row.re }, 0, planes, this.scratch);
      scatterAdd(this.row.re, this.scale, target, starts, first.source, placement);
      if (second !== undefined) scatterAdd(this.row.im, this.scale, target, starts, second.source, placement);
    }
  }

  private transformColumns(data: ComplexArray, depth: number, planes: number): void {
    const signals = this.halfWidth * planes;
    this.height.run(data, depth * this.height.length * signals, signals, this.scratch);
  }

  /**
   * The transform of a + i·b is A + i·B, and A and B are Hermitian: A(f) = (Z(f) + Z*(−f))/2, B(f) = (Z(f) −
   * Z*(−f))/2i.
   */
  private splitRows(planes: number, first: number, second: number | undefined): void {
    const { re, im } = this.row;
    const { spectra, halfWidth } = this;
    for (let f = 0; f < halfWidth; f++) {
      let z = f * planes;
      let mirror = ((this.width.length - f) % this.width.length) * planes;
      let a = (first * halfWidth + f) * planes;
      let b = ((second ?? first) * halfWidth + f) * planes;
      for (let plane = 0; plane < planes; plane++, z++, mirror++, a++, b++) {
        if (second !== undefined) {
          spectra.re[b] = 0.5 * (im[z]! + im[mirror]!);
          spectra.im[b] = 0.5 * (re[mirror]! - re[z]!);
        }
        spectra.re[a] = 0.5 * (re[z]! + re[mirror]!);
        spectra.im[a] = 0.5 * (im[z]! - im[mirror]!);
      }
    }
  }

  /** Z(f) = A(f) + i·B(f), and for the other half Z(−f) = A*(f) + i·B*(f). */
  private joinRows(planes: number, first: number, second: number | undefined): void {
    const { re, im } = this.row;
    const { spectra, halfWidth } = this;
    for (let f = 0; f < halfWidth; f++) {
      let z = f * planes;
      let mirror = ((this.width.length - f) % this.width.length) * planes;
      let a = (first * halfWidth + f) * planes;
      let b = ((second ?? first) * halfWidth + f) * planes;
      for (let plane = 0; plane < planes; plane++, z++, mirror++, a++, b++) {
        const bRe = second === undefined ? 0 : spectra.re[b]!;
        const bIm = second === undefined ? 0 : spectra.im[b]!;
        re[mirror] = spectra.re[a]! + bIm;
        im[mirror] = bRe - spectra.im[a]!;
        // Written after its mirror, so that where f is its own mirror (0 and width/2) this value stays.
        re[z] = spectra.re[a]! - bIm;
        im[z] = spectra.im[a]! + bRe;
      }
    }
  }
}

function gather(
  source: Float32Array,
  starts: readonly number[],
  row: number,
  { columns }: Placement,
  line: Float64Array,
): void {
  for (const column of columns) {
    const from = row + column.source;
    const to = column.place * starts.length;
    for (let plane = 0; plane < starts.length; plane++) line[to + plane] = source[starts[plane]! + from]!;
  }
}

function scatterAdd(
  line: Float64Array,
  scale: number,
  target: Float32Array,
  starts: readonly number[],
  row: number,
  { columns }: Placement,
): void {
  for (const column of columns) {
    const to = row + column.source;
    const from = column.place * starts.length;
    for (let plane = 0; plane < starts.length; plane++) {
      const at = starts[plane]! + to;
      target[at] = target[at]! + scale * line[from + plane]!;
    }
  }
}
