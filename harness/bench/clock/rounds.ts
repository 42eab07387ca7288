import type { TimingEntry } from "../../../core/record.ts";
import type { Implementation } from "../../runner/discovery.ts";
import { availableBytes } from "../../runner/machine.ts";
import { CalibrationLoop } from "./calibration-loop.ts";
import { Cell } from "./cell.ts";
import { WallCosts } from "./costs.ts";
import { LayerRound } from "./layer-round.ts";
import { groupsThatFit, membersOf, neededBytes, roomBytes, setApart, type Group } from "./memory-groups.ts";
import { OperandCache } from "./operand-sets.ts";
import type { BenchOptions } from "./options.ts";
import { RoundProcesses, type Launcher } from "./processes.ts";
import { hasGraphicsDevice } from "../../runner/machine.ts";
import { RivalWatch, type Rival } from "./rivals.ts";
import { samplesOf } from "./samples.ts";
import { isDue, requestLimitMs } from "./schedule.ts";
import { leaveOutIfTooSlow } from "./too-slow.ts";
import { computes, descriptorOf } from "./work.ts";

/** What a bench run tells while it goes on. */
export interface BenchProgress {
  /** A cell is being timed; `done` of at most `total` cells of all rounds are over. */
  onCell(cell: Cell, done: number, total: number): void;
  /** A layer of a round is over: every cell holds what was measured so far. */
  onLayer(timed: TimedCells): void;
}

/** What a run has timed. */
export interface TimedCells {
  readonly cells: readonly Cell[];
  /** Of the control benchmark: see {@link Comparands}. */
  readonly controls: readonly Cell[];
  readonly costs: WallCosts;
  /** Implementations that were busy while others were timed. */
  readonly rivals: readonly Rival[];
}

/** Implementations that are timed for comparison's sake. */
export interface Comparands {
  /** Cells whose implementation is compared with another one take part in all rounds. */
  readonly compared: ReadonlySet<Implementation>;
  /**
   * The control benchmark: timed beside the others on every layer, so that another run can be related to this one. It
   * is not one of the implementations of the run.
   */
  readonly control?: Implementation;
}

/** A layer in a pass with a thread count, whose implementations are interleaved. */
type Row = readonly Cell[];

/**
 * Times every implementation on every layer, pass and thread count in rounds. In a round each implementation has a
 * fresh process that stays resident; layer by layer their samples are taken in short interleaved batches, in random
 * order; then the processes are renewed. Every timed output is checked: in each round that of the last timed call.
 * Rounds are added until the intervals are narrow or the time is spent.
 */
export async function runRounds(
  implementations: readonly Implementation[],
  options: BenchOptions,
  progress: BenchProgress,
  signal: AbortSignal,
  comparands: Comparands = { compared: new Set() },
  launcher?: Launcher,
): Promise<TimedCells> {
  const { control } = comparands;
  const all = control === undefined ? implementations : [...implementations, control];
  const calibration = new CalibrationLoop();
  const rivals = new RivalWatch();
  const costs = new WallCosts();
  const operands = new OperandCache(costs);
  const rows = rowsOf(all, options, { calibration, rivals });
  const cells = rows.flat();
  const timed: TimedCells = {
    cells: cells.filter((cell) => cell.implementation !== control),
    controls: cells.filter((cell) => cell.implementation === control),
    costs,
    get rivals() {
      return rivals.rivals;
    },
  };
  const total = options.mostRounds * cells.length;
  let done = 0;
  /** The implementations that were lost for what may have come from others: they are tried again, alone. */
  const timeGroup = async (group: Group, round: number, startedAt: string): Promise<ReadonlySet<Implementation>> => {
    const processes = new RoundProcesses(requestLimitMs(options), costs, launcher);
    const processOf = (cell: Cell) => processes.of(cell);
    const beside = (cell: Cell) => processes.beside(cell);
    const members = membersOf(group);
    const lost = new Set<Implementation>();
    const isShared = members.length > 1;
    const context = {
      options,
      round,
      startedAt,
      processOf,
      beside,
      calibration,
      rivals,
      costs,
      operands,
      signal,
      isShared,
      lost,
    };
    const abort = (): void => void processes.stop();
    signal.addEventListener("abort", abort);
    try {
      for (const whole of rows) {
        if (signal.aborted) break;
        const row = whole.filter(({ implementation }) => members.includes(implementation) && !lost.has(implementation));
        for (const cell of row) if (isFree(cell, comparands)) leaveOutIfTooSlow(cell, cells, options);
        const due = dueIn(row, round, options, comparands);
        const [first, ...others] = due;
        done += row.length - due.length;
        if (first === undefined) continue;
        const before = due.map((cell) => [cell, cell.samples] as const);
        await processes.start(due);
        await new LayerRound([first, ...others], context).run((cell) => {
          progress.onCell(cell, done, total);
          done = Math.min(done + 1, total);
        });
        for (const [cell, samples] of before) if (lost.has(cell.implementation)) cell.restore(samples);
        for (const cell of due) if (hasHung(cell)) giveUp(cells, cell);
        if (!signal.aborted) progress.onLayer(timed);
      }
    } finally {
      signal.removeEventListener("abort", abort);
      await processes.stop();
    }
    return lost;
  };
  let groups = firstGroups(all, options, comparands);
  for (let round = 0; round < options.mostRounds && !signal.aborted; round++) {
    const startedAt = new Date().toISOString();
    // Those that are set apart come after the others, in the same round.
    for (let index = 0; index < groups.length && !signal.aborted; index++) {
      noteGroups(cells, groups);
      for (const implementation of await timeGroup(groups[index]!, round, startedAt))
        groups = setApart(groups, implementation);
    }
  }
  return timed;
}

/** All in one group where the memory holds them. */
function firstGroups(
  implementations: readonly Implementation[],
  { layers, passes, threads, memoryBytes = availableBytes() }: BenchOptions,
  { compared, control }: Comparands,
): readonly Group[] {
  const timeable = implementations.filter(({ description }) => description.unavailable === undefined);
  const pair = timeable.filter((implementation) => compared.has(implementation));
  const controls = timeable.filter((implementation) => implementation === control);
  const others = timeable.filter((implementation) => !pair.includes(implementation) && implementation !== control);
  const units = [pair, controls, ...others.map((one) => [one])].filter((unit) => unit.length > 0);
  // An implementation has a process for each number of threads.
  const bytesOfOne = threads.length * neededBytes(layers, passes);
  return groupsThatFit(units, bytesOfOne, roomBytes(memoryBytes, layers, passes));
}

/** The record says where not all were resident at once. */
function noteGroups(cells: readonly Cell[], groups: readonly Group[]): void {
  const found = groups.map(membersOf).filter((members) => members.length > 0);
  if (found.length < 2) return;
  for (const [index, members] of found.entries()) {
    const group = { number: index + 1, members: members.map(({ name }) => name) };
    for (const cell of cells) if (members.includes(cell.implementation)) cell.record({ kind: "grouped", group });
  }
}

/** Neither compared with another nor the control benchmark. */
function isFree({ implementation }: Cell, { compared, control }: Comparands): boolean {
  return implementation !== control && !compared.has(implementation);
}

/**
 * The cells of a row that take part in a round. Those that are compared go on together: a round that one of them lacks
 * tells nothing. The control benchmark goes on as long as anything beside it does.
 */
function dueIn(row: Row, round: number, options: BenchOptions, comparands: Comparands): readonly Cell[] {
  const { compared, control } = comparands;
  const pair = row.filter((cell) => cell.isOpen && compared.has(cell.implementation));
  const pairIsDue = pair.every((cell) => isDue(cell, round, options, true));
  const free = row.filter((cell) => isFree(cell, comparands) && isDue(cell, round, options, false));
  const due = [...free, ...(pairIsDue ? pair : [])];
  const controls = row.filter((cell) => cell.implementation === control && isDue(cell, round, options, true));
  return due.length === 0 ? [] : [...due, ...controls];
}

function rowsOf(
  implementations: readonly Implementation[],
  options: BenchOptions,
  { calibration, rivals }: { readonly calibration: CalibrationLoop; readonly rivals: RivalWatch },
): readonly Row[] {
  const { suite, seed, cache, passes, layers, ceilings, isInBrowser = false } = options;
  // A browser may have an adapter that has no file here.
  const hasGpu = isInBrowser || hasGraphicsDevice();
  const earlier = new Map(options.earlier.map((entry) => [addressKey(entry), entry]));
  return options.threads.flatMap((threads) => {
    const ceiling = ceilings.find((each) => each.threads === threads);
    const plausibleGflops = ceiling?.plausibleGflops ?? Infinity;
    const context = { suite, seed, cache, threads, plausibleGflops, calibration, rivals, isInBrowser, hasGpu };
    return passes.flatMap((pass) =>
      layers
        .filter((layer) => computes(layer, pass))
        .map((layer) =>
          implementations.map((implementation) => {
            const address = { layer: layer.name, problem: descriptorOf(layer), pass, threads };
            const entry = earlier.get(addressKey({ impl: implementation.name, ...address }));
            return new Cell(implementation, layer, pass, context, entry && samplesOf(entry));
          }),
        ),
    );
  });
}

type Address = Pick<TimingEntry, "impl" | "layer" | "problem" | "pass" | "threads">;

function addressKey({ impl, layer, problem, pass, threads }: Address): string {
  return JSON.stringify([impl, layer, problem, pass, threads]);
}

/** A whole network that is too slow says nothing of one layer. */
function hasHung({ samples, layer }: Cell): boolean {
  return samples.ended?.status === "timed-out" && layer.kind !== "end-to-end" && layer.kind !== "model";
}

/** An implementation that hung once is not waited for again. */
function giveUp(cells: readonly Cell[], hung: Cell): void {
  const reason = `not tried: it timed out on ${hung.layer.name}`;
  for (const cell of cells) {
    if (cell.implementation === hung.implementation && cell.rounds === 0)
      cell.record({ kind: "ended", status: "timed-out", reason });
  }
}
