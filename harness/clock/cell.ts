import { printDescriptor } from "../descriptor.ts";
import type { Contender } from "../discovery.ts";
import type { SampleResult } from "../contender/messages.ts";
import type { Fault } from "../judge/index.ts";
import { multiplyAdds, type Pass } from "../problem.ts";
import type { Failure, Launch, Status, TimingEntry } from "../record.ts";
import type { Layer } from "../../suites/suite.ts";
import { bootstrapInterval, median, medianOfRounds } from "./statistics.ts";

/** No processor or accelerator of 2026 does so many float32 operations a second: a faster "result" was not computed. */
const IMPLAUSIBLE_GFLOPS = 2e6;

/** One contender on one layer in one pass: what was measured so far, and what became of it. */
export class Cell {
  readonly contender: Contender;
  readonly layer: Layer;
  readonly pass: Pass;
  readonly #context: { readonly suite: string; readonly threads: number; readonly seed: number };
  readonly #launches: Launch[] = [];
  readonly #planMs: number[] = [];
  readonly #loadMs: number[] = [];
  #workspaceBytes: number | null = null;
  #ended: { readonly status: Exclude<Status, "passed">; readonly reason: string } | undefined;
  #margin: number | null = null;
  #failure: Failure | undefined;
  /** Outputs that were judged and held. */
  judged = 0;
  /** How long the latest round's requests took, all together. */
  visitMs = 0;
  /** The longest call so far. */
  callMs = 0;

  constructor(
    contender: Contender,
    layer: Layer,
    pass: Pass,
    context: { readonly suite: string; readonly threads: number; readonly seed: number },
  ) {
    this.contender = contender;
    this.layer = layer;
    this.pass = pass;
    this.#context = context;
    const { unavailable } = contender.description;
    if (unavailable !== undefined) this.end("unavailable", unavailable);
  }

  get isOpen(): boolean {
    return this.#ended === undefined;
  }

  get hung(): boolean {
    return this.#ended?.status === "timed-out";
  }

  get wasTimed(): boolean {
    return this.#launches.length > 0;
  }

  get failure(): Failure | undefined {
    return this.#failure;
  }

  get margin(): number | null {
    return this.#margin;
  }

  /** No time of this cell counts any more. */
  end(status: Exclude<Status, "passed">, reason: string): void {
    this.#ended ??= { status, reason };
  }

  fail(fault: Fault, failure: Failure, margin: number): void {
    this.#margin = margin;
    this.#failure = failure;
    this.end("failed", fault.message);
  }

  planned(planMs: number, workspaceBytes: number | null): void {
    this.#planMs.push(planMs);
    this.#workspaceBytes = workspaceBytes;
  }

  /** The samples of one slice; those of a round share a launch. `wallMs` is the harness's own measure of the slice. */
  sampled(startedAt: string, result: SampleResult, wallMs: number): void {
    const { samplesMs, callsPerSample, elapsedMs } = result;
    const sum = samplesMs.reduce((total, sample) => total + sample * callsPerSample, 0);
    if (elapsedMs > wallMs * 1.02 + 1 || sum > elapsedMs + 1 || wallMs > elapsedMs * 1.5 + 250) {
      this.end("mistrusted", `its clock says ${elapsedMs.toFixed(1)} ms for a slice that took ${wallMs.toFixed(1)} ms`);
    }
    this.callMs = Math.max(this.callMs, ...samplesMs);
    this.#loadMs.push(result.loadMs);
    const last = this.#launches.at(-1);
    if (last?.startedAt === startedAt) {
      this.#launches[this.#launches.length - 1] = { startedAt, samplesMs: [...last.samplesMs, ...samplesMs] };
    } else {
      this.#launches.push({ startedAt, samplesMs });
    }
  }

  held(margin: number): void {
    this.judged++;
    this.#margin = Math.max(this.#margin ?? 0, margin);
  }

  entry(): TimingEntry {
    const { suite, threads, seed } = this.#context;
    const { problem } = this.layer;
    const base = {
      impl: this.contender.name,
      suite,
      layer: this.layer.name,
      problem: printDescriptor(problem),
      pass: this.pass,
      threads,
      cache: "hot" as const,
    };
    const void_ = {
      medianMs: null,
      minMs: null,
      ci95Ms: null,
      gflops: null,
      launches: [],
      planMs: null,
      loadMs: null,
      workspaceBytes: null,
      verified: false,
      margin: this.#margin,
    };
    if (this.#ended !== undefined) return { ...base, ...this.#ended, ...void_ };
    const rounds = this.#launches.map(({ samplesMs }) => samplesMs);
    if (rounds.length === 0)
      return { ...base, status: "mistrusted", reason: "not timed: the run ended before", ...void_ };
    if (this.judged === 0) return { ...base, status: "mistrusted", reason: "no output was judged", ...void_ };
    const medianMs = medianOfRounds(rounds);
    const gflops = (2 * multiplyAdds(problem)) / (medianMs * 1e6);
    if (gflops > IMPLAUSIBLE_GFLOPS) {
      const reason = `${gflops.toPrecision(3)} GFLOP/s is more than any machine does: the result was kept, not computed`;
      return { ...base, status: "mistrusted", reason, ...void_ };
    }
    const samples = rounds.flat();
    return {
      ...base,
      status: "passed",
      // One round knows nothing of the differences between processes: it has no interval to show.
      ...(rounds.length < 2
        ? {
            reason: `one round of ${samples.length === 1 ? "one sample" : `${samples.length} samples`}: a call takes ${(medianMs / 1000).toPrecision(2)} s; more --time gives more`,
          }
        : {}),
      medianMs,
      minMs: Math.min(...samples),
      ci95Ms: rounds.length < 2 ? null : bootstrapInterval(rounds, seed),
      gflops,
      launches: this.#launches,
      planMs: median(this.#planMs),
      loadMs: median(this.#loadMs),
      workspaceBytes: this.#workspaceBytes,
      verified: true,
      margin: this.#margin,
    };
  }
}
