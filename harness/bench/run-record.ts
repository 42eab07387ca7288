import {
  RECORD_SCHEMA,
  type Ceilings,
  type CheckEntry,
  type Environment,
  type RunRecord,
  type TimingEntry,
} from "../../core/record.ts";
import type { Implementation } from "../runner/discovery.ts";
import { implEntry } from "../runner/impl-entry.ts";
import { defectsOf } from "../verify/expected-failures.ts";
import type { Cell } from "./clock/cell.ts";
import type { TimedCells } from "./clock/rounds.ts";
import { TOO_WIDE } from "./clock/summarise.ts";

/** The record of a bench run, as far as it has come; `command` is how it was called. */
export function runRecord(
  command: string,
  environment: Environment,
  implementations: readonly Implementation[],
  { cells, controls, rivals = [] }: Pick<TimedCells, "cells" | "controls"> & Partial<Pick<TimedCells, "rivals">>,
  ceilings: readonly Ceilings[],
): RunRecord {
  return {
    schema: RECORD_SCHEMA,
    environment,
    command,
    impls: implementations.map((implementation) => {
      const knownDefects = defectsOf(implementation).map(({ id }) => id);
      return { ...implEntry(implementation), ...(knownDefects.length === 0 ? {} : { knownDefects }) };
    }),
    checks: implementations.flatMap((implementation) =>
      checksOf(cells.filter((cell) => cell.implementation === implementation)),
    ),
    timings: entriesOf(cells),
    ...(rivals.length === 0 ? {} : { rivals: rivals.map(({ name, ...rival }) => ({ impl: name, ...rival })) }),
    ...(controls.length === 0 ? {} : { anchors: entriesOf(controls) }),
    ...(ceilings.length === 0 ? {} : { ceilings }),
  };
}

/** Cells that the run has not come to are no result. */
function entriesOf(cells: readonly Cell[]): readonly TimingEntry[] {
  return cells.filter(({ isOpen, rounds }) => !isOpen || rounds > 0).map((cell) => cell.entry());
}

/** The checks of the timed outputs: one entry per pass. */
function checksOf(cells: readonly Cell[]): readonly CheckEntry[] {
  return [...new Set(cells.map(({ pass }) => pass))].flatMap((pass): CheckEntry[] => {
    const own = cells.filter((cell) => cell.pass === pass).map(({ samples }) => samples);
    const cases = own.reduce((sum, { checkedOutputs }) => sum + checkedOutputs, 0);
    const failed = own.find(({ failure }) => failure !== undefined);
    if (cases === 0 && failed === undefined) return [];
    const margins = own.flatMap(({ margin }) => (margin === null ? [] : [margin]));
    const base = { impl: cells[0]!.implementation.name, law: "agreement", pass, cases, margin: Math.max(...margins) };
    if (failed?.failure !== undefined)
      return [{ ...base, status: "failed", reason: failed.failure.message, failure: failed.failure }];
    const isWeak =
      own.some(({ wideOutputs }) => wideOutputs > 0) && own.every(({ tellingOutputs }) => tellingOutputs === 0);
    return isWeak
      ? [{ ...base, margin: null, status: "mistrusted", reason: TOO_WIDE }]
      : [{ ...base, status: "passed" }];
  });
}
