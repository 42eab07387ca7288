import { attainableGflops } from "../harness/bench/ceilings/roofline.ts";
import { plainText } from "../core/plain-text.ts";
import type { Pass } from "../core/problem.ts";
import type { Ceilings } from "../core/record.ts";
import { flagNotes } from "./flag-notes.ts";
import { percentage, relativeInterval, significant } from "./format.ts";
import { intensityOf } from "./layer-problem.ts";
import { statusText } from "./status-text.ts";
import { dimmed, displayWidth, joined, layOut, paint, truncate, wrap, type TextOptions } from "./text-table.ts";
import {
  gaps,
  isWholeNetwork,
  shareOf,
  viewTitle,
  type Implementation,
  type TimedCell,
  type TimingView,
} from "./timing-view.ts";

/**
 * bench's table: a row per layer; per implementation the median with its 95 % interval, the fast mode where it differs,
 * GFLOP/s and the share of the implementation's total; the share of the roof, where the ceilings of the machine are
 * known. Implementations that do not fit beside each other go into further blocks below.
 */
export function renderTimings(view: TimingView, options: TextOptions, ceilings?: Ceilings): string {
  const { layers, implementations } = view;
  const timed = implementations.filter(({ timedLayers }) => timedLayers > 0);
  const names = layers.map(({ layer, multiplicity }) => [
    `${truncate(plainText(layer), 24)}${multiplicity === 1 ? "" : ` ×${multiplicity}`}`,
  ]);
  const hasEndToEnd = timed.some(({ endToEnd }) => endToEnd !== null);
  const labels = layOut([["layer"], [""], ...names, ["total"], ...(hasEndToEnd ? [["end to end"]] : [])], ["left"]);
  const roofs = layers.map(({ problem }) => roofOf(problem, view.pass, ceilings));
  const blocks = packed(
    timed.map((implementation) => columnLines(implementation, roofs, options)),
    options.columns - Math.max(...labels.map(displayWidth)),
  );
  return joined([
    paint(plainText(viewTitle(view)), "bold", options),
    ...blocks.flatMap((block) => [
      "",
      ...layOut(transposed([labels, ...block]), ["left", ...block.map(() => "left" as const)]),
    ]),
    ...(isWholeNetwork(view) ? convolutionShares(view, options) : []),
    ...(timed.length === 0 ? [] : ["", ...legend(view, ceilings).flatMap((text) => dimmed(plainText(text), options))]),
    ...gapLines(view, options),
    ...flagNotes(view).flatMap((note) => wrap(plainText(`! ${note}`), options.columns)),
  ]);
}

/** The figure of a whole network's breakdown that is quoted most. */
function convolutionShares(view: TimingView, { columns }: TextOptions): string[] {
  const shares = view.implementations.flatMap((implementation) => {
    const share = shareOf(view, implementation, ({ kind }) => kind === null);
    return share === null || share === 0 ? [] : [`${implementation.impl} ${percentage(share)}`];
  });
  if (shares.length === 0) return [];
  return ["", ...wrap(plainText(`convolution and fully connected layers together: ${shares.join(", ")}`), columns)];
}

/** How the figures are to be read: only those that are there. */
function legend({ implementations, layers }: TimingView, ceilings: Ceilings | undefined): string[] {
  const cells = implementations
    .flatMap((implementation) => implementation.cells)
    .filter((cell) => cell.kind === "time");
  return [
    [
      "median ms ±95 % interval",
      ...(cells.some(hasOtherFastMode)
        ? ["fast: best-case (p10), what the call takes at the machine's best, where more than 5 % below"]
        : []),
      ...(cells.some(hasSlowTail) ? ["p90: nine in ten samples took at most this, where more than 20 % above"] : []),
      "GFLOP/s",
      ...(ceilings === undefined ? [] : [roofText(ceilings)]),
      "share of the implementation's total",
      ...(layers.some(({ multiplicity }) => multiplicity > 1)
        ? ["×N: times of one use, counted N times in shares and total"]
        : []),
      ...(implementations.some(({ endToEnd }) => endToEnd !== null)
        ? ["end to end: all layers in one call, and how many times the total that takes"]
        : []),
      ...(cells.some(({ isPlain }) => isPlain) ? ["ts: plain TypeScript, the implementation has no such layer"] : []),
      ...(cells.some(({ flags }) => flags.length > 0) ? ["!: see below"] : []),
    ].join("; "),
  ];
}

/**
 * Whether the median says less than half of the story: the machine has a mode in which the same call is clearly faster.
 */
function hasOtherFastMode({ medianMs, fastMs }: TimedCell): boolean {
  return fastMs !== null && fastMs < 0.95 * medianMs;
}

/** Whether one sample in ten took clearly longer than the median. */
function hasSlowTail({ medianMs, p90Ms }: TimedCell): boolean {
  return p90Ms !== null && p90Ms > 1.2 * medianMs;
}

/**
 * A figure of an implementation's column: its head, its text in a layer's row, in the total's and in that of all layers
 * in one call, and whether this implementation has it at all.
 */
interface Figure {
  readonly head: string;
  readonly isShown: boolean;
  readonly of: (cell: TimedCell, layer: number) => string;
  readonly total: string;
  readonly endToEnd?: string;
}

function figuresOf({ device, cells, total, endToEnd }: Implementation, roofs: readonly (number | null)[]): Figure[] {
  const timed = cells.filter((cell) => cell.kind === "time");
  const whole = endToEnd?.cell.kind === "time" ? endToEnd.cell : undefined;
  const ratio = endToEnd?.ofTotal ?? null;
  const figures: Figure[] = [
    {
      head: "ms",
      isShown: true,
      of: ({ medianMs }) => significant(medianMs),
      total: total === null ? "–" : significant(total.medianMs),
      endToEnd: whole === undefined ? "–" : significant(whole.medianMs),
    },
    {
      head: "",
      isShown: true,
      of: ({ medianMs, ci95Ms }) => relativeInterval(medianMs, ci95Ms),
      total: total === null ? "" : relativeInterval(total.medianMs, total.ci95Ms),
      endToEnd: whole === undefined ? "" : relativeInterval(whole.medianMs, whole.ci95Ms),
    },
    {
      head: "fast",
      isShown: timed.some(hasOtherFastMode),
      of: (cell) => (hasOtherFastMode(cell) ? significant(cell.fastMs ?? NaN) : ""),
      total: "",
    },
    {
      head: "p90",
      isShown: timed.some(hasSlowTail),
      of: (cell) => (hasSlowTail(cell) ? significant(cell.p90Ms ?? NaN) : ""),
      total: "",
    },
    {
      head: "GFLOP/s",
      isShown: true,
      of: ({ gflops }) => rateText(gflops),
      total: total === null ? "" : rateText(total.gflops),
      endToEnd: whole === undefined ? "" : rateText(whole.gflops),
    },
    {
      head: "% of peak",
      isShown: device === "cpu" && roofs.some((roof) => roof !== null),
      of: ({ gflops }, layer) => {
        const roof = roofs[layer] ?? null;
        if (gflops === null || roof === null) return "";
        return gflops > roof ? "saves work" : percentage(gflops / roof);
      },
      total: "",
    },
    {
      head: "share",
      isShown: true,
      of: ({ share }) => percentage(share),
      total: "",
      endToEnd: ratio === null ? "" : `${ratio.toFixed(2)}×`,
    },
    {
      head: "",
      isShown: timed.some(({ isPlain }) => isPlain),
      of: ({ isPlain }) => (isPlain ? "ts" : ""),
      total: "",
    },
    {
      head: "",
      isShown: timed.some(({ flags }) => flags.length > 0),
      of: ({ flags }) => (flags.length === 0 ? "" : "!"),
      total: "",
    },
  ];
  return figures.filter(({ isShown }) => isShown);
}

/** One implementation's column: its name, the units, a line per layer, the total. */
function columnLines(
  implementation: Implementation,
  roofs: readonly (number | null)[],
  options: TextOptions,
): string[] {
  const figures = figuresOf(implementation, roofs);
  const rows = implementation.cells.map((cell, layer) =>
    cell.kind === "none" ? [] : figures.map(({ of }) => of(cell, layer)),
  );
  const all = [
    figures.map(({ head }) => head),
    ...rows,
    figures.map(({ total }) => total),
    ...(implementation.endToEnd === null ? [] : [figures.map(({ endToEnd = "" }) => endToEnd)]),
  ];
  const lines = layOut(
    all,
    figures.map(() => "right" as const),
  ).map((line, index) => {
    const cell = implementation.cells[index - 1];
    if (cell?.kind === "none") return statusText(cell.status, options);
    return index === 0 ? paint(line, "dim", options) : line;
  });
  return [paint(truncate(plainText(implementation.impl), 32), "bold", options), ...lines];
}

/**
 * GFLOP/s that the machine could reach at most on a layer; null where its ceilings are not known or the text is no
 * problem.
 */
function roofOf(descriptor: string, pass: Pass, ceilings: Ceilings | undefined): number | null {
  const intensity = intensityOf(descriptor, pass);
  if (ceilings === undefined || intensity === null) return null;
  return attainableGflops(intensity, peakOf(ceilings), ceilings.bandwidthGBs);
}

/** The highest arithmetic peak that was measured, in GFLOP/s. */
export function peakOf({ wasmGflops, nativeGflops }: Ceilings): number {
  return Math.max(wasmGflops, nativeGflops ?? 0);
}

function roofText(ceilings: Ceilings): string {
  const [peak, bandwidth] = [significant(peakOf(ceilings)), significant(ceilings.bandwidthGBs)];
  return (
    `% of peak: share of what the machine could do on that layer (${peak} GFLOP/s, ${bandwidth} GB/s); ` +
    "saves work: faster than the direct method could be, so the algorithm does fewer operations"
  );
}

function rateText(gflops: number | null): string {
  return gflops === null ? "–" : significant(gflops);
}

/**
 * Columns in blocks that fit the width, two spaces before each; one that is too wide alone keeps a block of its own.
 */
function packed(columns: readonly (readonly string[])[], width: number): string[][][] {
  const blocks: string[][][] = [];
  let left = 0;
  for (const column of columns) {
    const needed = Math.max(...column.map(displayWidth)) + 2;
    const block = blocks.at(-1);
    if (block === undefined || needed > left) {
      blocks.push([[...column]]);
      left = width - needed;
    } else {
      block.push([...column]);
      left -= needed;
    }
  }
  return blocks;
}

function transposed(columns: readonly (readonly string[])[]): string[][] {
  return (columns[0] ?? []).map((_, row) => columns.map((column) => column[row] ?? ""));
}

function gapLines(view: TimingView, { columns }: TextOptions): string[] {
  return gaps(view).flatMap(({ impl, where, status, reason }) =>
    wrap(plainText(`${impl} ${where} ${status}${reason === "" ? "" : `: ${reason}`}`), columns),
  );
}
