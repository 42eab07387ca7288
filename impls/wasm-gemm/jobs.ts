import { sharesOf, type Share } from "../support/thread-pool.ts";
import type { Correlation } from "./correlation.ts";

/**
 * A job of the kernels (assembly/job.ts): one group's product, or a part of its rows or columns. Addresses, strides and
 * sizes of memory are in bytes.
 */
export interface Job {
  readonly correlation: Correlation;
  readonly image: number;
  readonly imageStride: number;
  readonly planeStride: number;
  readonly channels: number;
  readonly tapTable: number;
  readonly matrix: number;
  readonly rows: number;
  readonly initial: number;
  readonly out: number;
  readonly outImage: number;
  readonly outRow: number;
  readonly firstColumn: number;
  readonly endColumn: number;
  readonly blocks: Blocks;
  readonly workspace: number;
  readonly batch: number;
  readonly matrixImage: number;
  readonly matrixRow: number;
}

/** How a product is cut: steps of the depth, columns and rows at a time. */
export interface Blocks {
  readonly depth: number;
  readonly columns: number;
  readonly rows: number;
}

export const JOB_BYTES = 156;

/** The numbers of a job in the order of assembly/job.ts. */
export function numbersOf(job: Job): readonly number[] {
  const { input, taps, grid, step, strides } = job.correlation;
  const axes = [0, 1, 2] as const;
  const displacements = axes.map((axis) => taps.map(({ displacement }) => displacement[axis]));
  return [
    job.image,
    job.imageStride,
    job.planeStride,
    ...input,
    job.channels,
    taps.length,
    job.tapTable,
    ...grid,
    ...step,
    ...displacements.map((values) => values.reduce((least, value) => Math.min(least, value))),
    ...displacements.map((values) => values.reduce((greatest, value) => Math.max(greatest, value))),
    job.matrix,
    job.rows,
    job.initial,
    job.out,
    job.outImage,
    job.outRow,
    ...strides.map((stride) => stride * 4),
    job.firstColumn,
    job.endColumn,
    job.blocks.depth,
    job.blocks.columns,
    job.blocks.rows,
    job.workspace,
    job.batch,
    job.matrixImage,
    job.matrixRow,
  ];
}

/** Each tap's displacement along the three axes and in bytes. */
export function tapNumbers({ taps, input }: Correlation): readonly number[] {
  return taps.flatMap(({ displacement: [d, h, w] }) => [d, h, w, ((d * input[1] + h) * input[2] + w) * 4]);
}

/**
 * The largest block: its panels of columns take 300 KB and its rows half a megabyte, so that both stay in a
 * second-level cache.
 */
const MOST_DEPTH = 384;
const MOST_COLUMNS = 192;
const MOST_MATRIX = 2 ** 17;

/** Equal blocks of a product of rows × depth × columns. Panels have eight columns and up to six rows. */
export function blocksOf(rows: number, depth: number, columns: number): Blocks {
  const blockDepth = equalPart(depth, MOST_DEPTH, 1);
  return {
    depth: blockDepth,
    columns: equalPart(columns, MOST_COLUMNS, 8),
    rows: equalPart(rows, Math.floor(MOST_MATRIX / blockDepth), 6),
  };
}

/** The size of equal parts of at most `most`, a multiple of `unit`. */
function equalPart(total: number, most: number, unit: number): number {
  const units = Math.ceil(total / unit);
  const parts = Math.ceil(units / Math.max(1, Math.floor(most / unit)));
  return Math.ceil(units / parts) * unit;
}

/** What one thread does of a product: some rows and columns of a group. */
export interface Part {
  readonly thread: number;
  readonly group: number;
  readonly rows: Share;
  readonly columns: Share;
}

/**
 * Rows are cut at panels of six, columns at panels of eight. With fewer panels than this for each thread, the threads'
 * shares would be too unequal.
 */
const FEWEST_PANELS = 8;

/**
 * Cuts the products of all groups, rows × columns each, among threads: whole groups where there are enough, else
 * columns, else rows.
 */
export function partsOf(groups: number, rows: number, columns: number, threads: number): readonly Part[] {
  const all = Array.from({ length: groups }, (_, group) => group);
  const whole: Pick<Part, "rows" | "columns"> = { rows: [0, rows], columns: [0, columns] };
  if (threads === 1 || groups >= threads * FEWEST_PANELS)
    return all.map((group) => ({ thread: Math.floor((group * threads) / groups), group, ...whole }));
  const isByColumns = columns >= threads * FEWEST_PANELS * 8 || columns / 8 >= rows / 6;
  return all.flatMap((group) =>
    (isByColumns ? sharesOf(columns, threads, 8) : sharesOf(rows, threads, 6))
      .filter(([first, end]) => first < end)
      .map((range, thread): Part => ({
        thread,
        group,
        ...whole,
        ...(isByColumns ? { columns: range } : { rows: range }),
      })),
  );
}
