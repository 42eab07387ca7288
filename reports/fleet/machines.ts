/** Machines side by side: what each implementation takes on each, and where their order differs. Nothing is pooled. */
import type { CellSeries } from "../../harness/fleet/series.ts";

/** An implementation on a machine. */
export interface Standing {
  readonly machine: string;
  readonly impl: string;
  /** Geometric mean over cells, that all implementations of the machine have, of time ÷ the fastest's. */
  readonly ratio: number;
  /** From 1, the fastest. */
  readonly rank: number;
}

/** Two implementations whose order differs between machines, and by how much. */
export interface OrderDifference {
  readonly impls: readonly [string, string];
  /** Time of the first ÷ time of the second. */
  readonly here: { readonly machine: string; readonly ratio: number };
  readonly there: { readonly machine: string; readonly ratio: number };
}

/** The standings of all machines by the newest time of each cell, fastest first within a machine. */
export function standingsOf(series: readonly CellSeries[]): readonly Standing[] {
  return [...Map.groupBy(series, ({ machine }) => machine)].flatMap(([machine, own]) => {
    const impls = [...new Set(own.map(({ impl }) => impl))];
    const cells = [
      ...Map.groupBy(own, ({ layer, problem, pass, threads }) => [layer, problem, pass, threads].join(" ")),
    ];
    const logs = new Map<string, number[]>();
    for (const [, cell] of cells) {
      const times = new Map(cell.map(({ impl, points }) => [impl, points.at(-1)?.medianMs ?? NaN]));
      // A cell that one of them lacks would favour whoever has it.
      if (times.size < impls.length) continue;
      const fastest = Math.min(...times.values());
      for (const [impl, ms] of times) logs.set(impl, [...(logs.get(impl) ?? []), Math.log(ms / fastest)]);
    }
    return [...logs]
      .map(([impl, values]) => ({ machine, impl, ratio: Math.exp(values.reduce((a, b) => a + b, 0) / values.length) }))
      .toSorted((a, b) => a.ratio - b.ratio)
      .map((standing, index) => ({ ...standing, rank: index + 1 }));
  });
}

/** A difference of less is none. */
const LEAST_RATIO = 1.05;

/** Pairs that one machine orders one way and another the other, by more than 5 % on both; the largest first. */
export function orderDifferences(standings: readonly Standing[]): readonly OrderDifference[] {
  const machines = [...Map.groupBy(standings, ({ machine }) => machine)].map(([machine, own]) => {
    return { machine, ratios: new Map(own.map(({ impl, ratio }) => [impl, ratio])) };
  });
  const impls = [...new Set(standings.map(({ impl }) => impl))].toSorted();
  const sizeOf = ({ here, there }: OrderDifference): number => Math.min(here.ratio, 1 / there.ratio);
  return impls
    .flatMap((one, index) => impls.slice(index + 1).map((other) => [one, other] as const))
    .flatMap(([one, other]): readonly OrderDifference[] => {
      const seen = machines
        .flatMap(({ machine, ratios }) => {
          const [a, b] = [ratios.get(one), ratios.get(other)];
          return a === undefined || b === undefined ? [] : [{ machine, ratio: a / b }];
        })
        .toSorted((a, b) => b.ratio - a.ratio);
      const [here, there] = [seen[0], seen.at(-1)];
      if (here === undefined || there === undefined) return [];
      return here.ratio >= LEAST_RATIO && there.ratio <= 1 / LEAST_RATIO ? [{ impls: [one, other], here, there }] : [];
    })
    .toSorted((a, b) => sizeOf(b) - sizeOf(a));
}
