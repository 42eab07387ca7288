import { printDescriptor } from "../../core/descriptor.ts";
import type { Verdict } from "../check/convolution-check.ts";
import type { ConvProblem, Pass } from "../../core/problem.ts";
import { byteCounts, multiplyAdds } from "../../core/shape.ts";
import { IMPRECISE_RATIO, type CheckEntry, type Status } from "../../core/record.ts";
import type { ConvCase } from "../../suites/laws/law.ts";

const LEAST_ROUNDED_ELEMENTS = 1000;
/** Drawing, sending and checking operands, as measured on one core. */
const MOVE_MS_PER_BYTE = 1 / 100_000;
/** Smaller problems take their time for other things than multiply-adds. */
const LEAST_TELLING_MULTIPLY_ADDS = 20_000;
/** So many cases declined, and none done, mean that the implementation does not do the pass at all. */
const HOPELESS_TRIES = 1000;

/** A large problem that was not judged, or not with its whole batch. */
export type LeftOut =
  | { readonly name: string; readonly why: "images"; readonly images: number; readonly of: number }
  | { readonly name: string; readonly why: "time"; readonly callMs: number }
  | { readonly name: string; readonly why: "memory"; readonly neededBytes: number };

/** What the judging of one law in one pass came to, in figures and in words. */
export class Tally {
  readonly #pass: Pass;
  #cases = 0;
  #tries = 0;
  #inapplicable = 0;
  #margin: number | null = null;
  #tellingElements = 0;
  /** Over the elements of real data: see the checker's verdict. */
  readonly #rounding = { sumOfSquares: 0, elements: 0 };
  readonly #problems = new Set<string>();
  #multiplyAdds = 0;
  #multiplyAddsPerMs = 0;
  readonly #unsupported = new Map<string, number>();
  /** How many cases were not run because of each known defect, by its id. */
  readonly #setAside = new Map<string, number>();
  readonly #leftOut: LeftOut[] = [];

  constructor(pass: Pass) {
    this.#pass = pass;
  }

  get cases(): number {
    return this.#cases;
  }

  /** Cases that the law spoke of, judged or declined. */
  get tries(): number {
    return this.#tries;
  }

  /** Cases that the law did not speak of. */
  get inapplicable(): number {
    return this.#inapplicable;
  }

  /** Whether any case had something to show. */
  get isTelling(): boolean {
    return this.#tellingElements > 0;
  }

  get isHopeless(): boolean {
    return this.#tries >= HOPELESS_TRIES && this.#cases === 0 && this.#setAside.size === 0;
  }

  passOver(): void {
    this.#inapplicable++;
  }

  begin(): void {
    this.#tries++;
  }

  /** `done` is how many multiply-adds the implementation did for the case. */
  count({ problem, data }: ConvCase, { margin, tellingElements, rounding }: Verdict, done: number): void {
    if (data === "real" && rounding !== undefined) {
      this.#rounding.sumOfSquares += rounding.sumOfSquares;
      this.#rounding.elements += rounding.elements;
    }
    this.#cases++;
    this.#margin = Math.max(this.#margin ?? 0, margin);
    this.#tellingElements += tellingElements;
    this.#problems.add(printDescriptor(problem));
    this.#multiplyAdds += done;
  }

  /** A case that ended without outputs. */
  countFailure(): void {
    this.#cases++;
  }

  decline(reason: string): void {
    this.#unsupported.set(reason, (this.#unsupported.get(reason) ?? 0) + 1);
  }

  setAside(defect: string): void {
    this.#setAside.set(defect, (this.#setAside.get(defect) ?? 0) + 1);
  }

  leaveOut(leftOut: LeftOut): void {
    this.#leftOut.push(leftOut);
  }

  learnRate(run: { readonly multiplyAdds: number; readonly ms: number }): void {
    if (run.multiplyAdds <= LEAST_TELLING_MULTIPLY_ADDS) return;
    this.#multiplyAddsPerMs = Math.max(this.#multiplyAddsPerMs, run.multiplyAdds / Math.max(run.ms, 1e-3));
  }

  get knowsRate(): boolean {
    return this.#multiplyAddsPerMs > 0;
  }

  /** About how long a case takes: the implementation's own work at the best rate that it showed, and moving its operands. */
  expectedMs(problem: ConvProblem): number {
    const work = this.knowsRate ? multiplyAdds(problem) / this.#multiplyAddsPerMs : 0;
    const { operands, outputs } = byteCounts(problem, this.#pass);
    return work + (operands + outputs) * MOVE_MS_PER_BYTE;
  }

  /** The margin so far. */
  get margin(): number | null {
    return this.#margin;
  }

  figures(): Pick<CheckEntry, "cases" | "problems" | "multiplyAdds" | "roundingRatio" | "leftOut" | "fewerImages"> {
    const roundingRatio = this.#roundingRatio();
    const leftOut = this.#leftOut.filter(({ why }) => why === "time").map(({ name }) => name);
    const fewerImages = this.#fewerImages();
    return {
      cases: this.#cases,
      problems: this.#problems.size,
      multiplyAdds: this.#multiplyAdds,
      ...(roundingRatio === undefined ? {} : { roundingRatio }),
      ...(leftOut.length === 0 ? {} : { leftOut }),
      ...(fewerImages.length === 0 ? {} : { fewerImages }),
    };
  }

  /** What it comes to where no case broke the law. */
  verdict(isInterrupted: boolean): {
    readonly status: Status;
    readonly reason?: string;
    readonly margin: number | null;
  } {
    const [mostFrequent] = [...this.#unsupported.entries()].toSorted((a, b) => b[1] - a[1]);
    const declined = [...this.#unsupported.values()].reduce((sum, count) => sum + count, 0);
    const reason = [
      ...this.#describeRounding(),
      ...(isInterrupted ? ["interrupted"] : []),
      ...[...this.#setAside].map(([id, count]) => `${count} cases set aside: known defect ${id}`),
      ...(mostFrequent === undefined ? [] : [`${declined} cases unsupported: ${mostFrequent[0]}`]),
      ...this.#describeLeftOut(),
    ].join("; ");
    if (this.#tries === 0 && this.#inapplicable > 0)
      return { status: "unsupported", reason: "the law does not speak of these problems and data", margin: null };
    if (this.#cases === 0 && this.#setAside.size > 0) return { status: "known-defect", reason, margin: null };
    if (this.#cases === 0) {
      const status = mostFrequent === undefined ? "mistrusted" : "unsupported";
      return { status, reason: mostFrequent?.[0] ?? (reason || "no case ran within the time"), margin: null };
    }
    if (this.#tellingElements === 0) {
      const nothing = "every expected value was zero: nothing was really checked";
      return { status: "mistrusted", reason: nothing, margin: null };
    }
    return { status: "passed", ...(reason === "" ? {} : { reason }), margin: this.#margin };
  }

  /** The root-mean-square error against the probabilistic bound; undefined where too few elements say it. */
  #roundingRatio(): number | undefined {
    const { sumOfSquares, elements } = this.#rounding;
    return elements < LEAST_ROUNDED_ELEMENTS ? undefined : Math.sqrt(sumOfSquares / elements);
  }

  #describeRounding(): readonly string[] {
    const ratio = this.#roundingRatio();
    return ratio === undefined || ratio <= IMPRECISE_RATIO
      ? []
      : [`imprecise: the root-mean-square error is ${ratio.toPrecision(2)} times what independent roundings leave`];
  }

  #fewerImages(): readonly string[] {
    return this.#leftOut.flatMap((one) => (one.why === "images" ? [`${one.name} (${one.images} of ${one.of})`] : []));
  }

  #describeLeftOut(): readonly string[] {
    const fewer = this.#fewerImages();
    const slow = this.#leftOut.flatMap((one) => (one.why === "time" ? [one] : []));
    const large = this.#leftOut.flatMap((one) => (one.why === "memory" ? [one] : []));
    const namesOf = (some: readonly LeftOut[]): string => some.map(({ name }) => name).join(", ");
    const slowest = Math.max(...slow.map(({ callMs }) => callMs)) / 1000;
    const largest = Math.max(...large.map(({ neededBytes }) => neededBytes)) / 2 ** 30;
    return [
      ...(fewer.length === 0 ? [] : [`judged with fewer images: ${fewer.join(", ")}`]),
      ...(slow.length === 0
        ? []
        : [`skipped for lack of time: ${namesOf(slow)} (up to about ${slowest.toFixed(1)} s a call)`]),
      ...(large.length === 0
        ? []
        : [`skipped for lack of memory: ${namesOf(large)} (up to about ${largest.toPrecision(2)} GiB)`]),
    ];
  }
}
