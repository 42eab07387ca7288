import type { Outcome as Reply } from "../runner/channel.ts";
import type { Verb } from "../runner/messages.ts";
import type { ElementArray } from "../../core/element-types.ts";
import type { TensorName, Tensors } from "../../core/plugin.ts";
import type { ConvProblem, Pass } from "../../core/problem.ts";
import { multiplyAdds } from "../../core/shape.ts";
import { float32Tensors } from "../../core/tensors.ts";
import type { Verdict } from "../../core/verdict.ts";
import type { DataKind } from "../../suites/data/operands.ts";
import { operandsOfAnyType } from "../../suites/data/typed-operands.ts";
import type { Computed, ConvCase, LawTools, PlanHandle } from "../../suites/laws/law.ts";
import { boundsOfAnyType } from "../check/any-type-check.ts";
import { checkInThread, drawOperands, isLarge, verdictOf, type Checking } from "../check/large-work.ts";
import { Bundle, poisonOf, type Seat } from "./bundle.ts";
import type { Cost, EarlyEnd } from "./outcome.ts";
import type { Runner } from "./runner.ts";

/** What the implementation computed in one call, of what. */
export interface Call {
  readonly problem: ConvProblem;
  readonly pass: Pass;
  readonly operands: Tensors<ElementArray>;
  readonly computed: Computed;
}

export interface AttemptLimits {
  /** How long one request may take on a machine that is not loaded. */
  readonly limitMs: number;
  /** Known defects depend on it. */
  readonly data: DataKind;
  /** As many as the runner's where it is left out. */
  readonly threads?: number | undefined;
  /** Told of each call, also where the attempt ends early. */
  readonly onCall?: (call: Call) => void;
  /** Its calls go to the implementation with those of other attempts. */
  readonly bundle?: Bundle;
}

/** What an attempt gave, or how it ended before. */
export type Attempt<T> = ({ readonly kind: "done"; readonly value: T } | EarlyEnd) & { readonly cost: Cost };

/** Repeated calls go on for about this long; then fewer must do. */
const REPEAT_MS = 500;

/** Ends an attempt from deep inside a law. Thrown by the tools alone, and caught by `attempt` alone. */
class Ended extends Error {
  override readonly name = "Ended";
  readonly end: EarlyEnd;
  constructor(end: EarlyEnd) {
    super(end.reason);
    this.end = end;
  }
}

/** Works with an implementation: whatever it does, its end is a value. What this throws is a defect of the harness. */
export async function attempt<T>(
  runner: Runner,
  limits: AttemptLimits,
  work: (tools: ImplementationTools) => Promise<T>,
): Promise<Attempt<T>> {
  const seat = (limits.bundle ?? new Bundle(runner, limits.limitMs)).join();
  const tools = new ImplementationTools(runner, limits, seat);
  try {
    const value = await work(tools);
    return { kind: "done", value, cost: tools.cost };
  } catch (error) {
    if (!(error instanceof Ended)) throw error;
    const end: EarlyEnd = runner.isStopped ? { kind: "stopped", reason: error.message } : error.end;
    return { ...end, cost: tools.cost };
  } finally {
    seat.leave();
  }
}

/** An implementation as the tools of a law, for one attempt. */
export class ImplementationTools implements LawTools {
  readonly #runner: Runner;
  readonly #limits: AttemptLimits;
  readonly #seat: Seat;
  #cost: Cost = { multiplyAdds: 0, ms: 0 };
  #wrong: { readonly convCase: ConvCase; readonly computed: Computed } | undefined;

  constructor(runner: Runner, limits: AttemptLimits, seat: Seat) {
    this.#runner = runner;
    this.#limits = limits;
    this.#seat = seat;
  }

  get cost(): Cost {
    return this.#cost;
  }

  operands(convCase: ConvCase): Tensors {
    return float32Tensors(this.typedOperands(convCase));
  }

  typedOperands({ problem, pass, data, seed }: ConvCase): Tensors<ElementArray> {
    return operandsOfAnyType(problem, pass, data, seed);
  }

  async operandsOfAnySize(convCase: ConvCase): Promise<Tensors<ElementArray>> {
    return this.#unlessStopped(await drawOperands(convCase, this.#runner.stopping));
  }

  #unlessStopped<T>(value: T | undefined): T {
    if (value === undefined) throw new Ended({ kind: "stopped", reason: "the run was stopped" });
    return value;
  }

  async compute(problem: ConvProblem, pass: Pass, operands: Tensors<ElementArray>): Promise<Computed> {
    const result = await this.computeIfSupported(problem, pass, operands);
    if ("kind" in result) throw new Ended(result);
    return result;
  }

  /** One call, or why there is none: the problem is unsupported, or a known defect explains a failure on it. */
  async computeIfSupported(
    problem: ConvProblem,
    pass: Pass,
    operands: Tensors<ElementArray>,
  ): Promise<Computed | (EarlyEnd & { readonly kind: "unsupported" | "known-defect" })> {
    const defect = this.#knownDefect(problem, pass);
    if (defect !== undefined) return defect;
    this.#endInTime();
    const outcome = await this.#seat.call(problem, pass, operands, this.#limits.threads);
    switch (outcome.kind) {
      case "computed": {
        const { outputs, touched, algorithm, runMs } = outcome;
        this.#countRun(problem, runMs);
        const computed = { outputs, touched, algorithm };
        this.#limits.onCall?.({ problem, pass, operands, computed });
        return computed;
      }
      case "unsupported":
        return outcome;
      case "threw":
        if (outcome.runMs !== null) this.#countRun(problem, outcome.runMs);
        throw new Ended({ kind: "crashed", reason: `${outcome.step} threw ${outcome.error}` });
      case "not-run":
        throw new Ended({ kind: "stopped", reason: "an earlier call ended the process" });
      case "crashed":
      case "timed-out":
      case "mistrusted":
        throw new Ended(outcome);
    }
  }

  async open(problem: ConvProblem, pass: Pass): Promise<PlanHandle> {
    const defect = this.#knownDefect(problem, pass);
    if (defect !== undefined) throw new Ended(defect);
    const plan = this.#runner.nextPlan();
    const [runner, { limitMs, onCall }] = [this.#runner, this.#limits];
    const opened = answered("open", await runner.send(this.#opening(plan, problem, pass), limitMs));
    if ("unsupported" in opened.answer) throw new Ended({ kind: "unsupported", reason: opened.answer.unsupported });
    const { algorithm } = opened.answer;
    let poison = poisonOf(plan);
    let held: Tensors<ElementArray> = {};
    const run = async (): Promise<void> => {
      this.#endInTime();
      const ran = answered("run", await runner.send({ verb: "run", plan }, limitMs));
      this.#countRun(problem, ran.answer.runMs);
    };
    const read = async (): Promise<Computed> => {
      const { answer, tensors } = answered("read", await runner.send({ verb: "read", plan, poison }, limitMs));
      const computed = { outputs: tensors, touched: answer.touched, algorithm };
      onCall?.({ problem, pass, operands: held, computed });
      return computed;
    };
    const start = async (operands: Tensors<ElementArray>): Promise<void> => {
      held = operands;
      answered("store", await runner.send({ verb: "store", plan, set: 0 }, limitMs, operands));
      answered("load", await runner.send({ verb: "load", plan, set: 0, poison }, limitMs));
      await run();
    };
    return {
      start,
      read,
      refill: async (operands) => {
        held = { ...held, ...operands };
        answered("store", await runner.send({ verb: "store", plan, set: 0, isInPlace: true }, limitMs, operands));
        answered("load", await runner.send({ verb: "load", plan, set: 0, poison }, limitMs));
        await run();
        return read();
      },
      repeat: async (times) => {
        const request = { verb: "repeat", plan, poison, times, mostMs: REPEAT_MS } as const;
        const { answer, tensors } = answered("repeat", await runner.send(request, limitMs));
        const { calls, touched } = answer;
        for (let call = 0; call < calls; call++) this.#countRun(problem, 0);
        const computed = { outputs: tensors, touched, algorithm };
        onCall?.({ problem, pass, operands: held, computed });
        return { computed, calls };
      },
      again: async () => {
        await run();
        return read();
      },
      call: async (operands, wantedPoison = poison) => {
        poison = wantedPoison;
        await start(operands);
        return read();
      },
      settle: async () => answered("settle", await runner.send({ verb: "settle", plan }, limitMs)).answer.touched,
      close: async () => {
        answered("close", await runner.send({ verb: "close", plan }, limitMs));
      },
    };
  }

  /** A law of many calls ends between them where the time of the implementation is over. */
  #endInTime(): void {
    if (this.#cost.ms > 0 && this.#runner.isPastItsEnd) throw new Ended({ kind: "stopped", reason: "the time was up" });
  }

  #opening(plan: number, problem: ConvProblem, pass: Pass) {
    const { description, threads: usual } = this.#runner;
    const { threads = usual } = this.#limits;
    return { verb: "open", plan, impl: description.name, problem, pass, threads } as const;
  }

  #knownDefect(problem: ConvProblem, pass: Pass): (EarlyEnd & { readonly kind: "known-defect" }) | undefined {
    const id = this.#runner.expectedFailureOf(problem, pass, this.#limits.data);
    return id === undefined ? undefined : { kind: "known-defect", id, reason: `set aside: known defect ${id}` };
  }

  #countRun(problem: ConvProblem, ms: number): void {
    this.#cost = { multiplyAdds: this.#cost.multiplyAdds + multiplyAdds(problem), ms: this.#cost.ms + ms };
  }

  bounds(
    problem: ConvProblem,
    pass: Pass,
    operands: Tensors<ElementArray>,
    { algorithm }: Computed,
    output: TensorName,
  ): Float64Array {
    const declaration = this.#runner.declaration(algorithm);
    return this.#runner.asReference(() => boundsOfAnyType(problem, pass, operands, declaration, output));
  }

  verdict(convCase: ConvCase, operands: Tensors<ElementArray>, computed: Computed): Verdict {
    const touching = touchingVerdict(computed);
    if (touching !== undefined) return touching;
    const verdict = this.#runner.asReference(() => verdictOf(this.#checking(convCase, operands, computed)));
    return this.#noted(convCase, computed, verdict);
  }

  async verdictOfAnySize(convCase: ConvCase, operands: Tensors<ElementArray>, computed: Computed): Promise<Verdict> {
    const touching = touchingVerdict(computed);
    if (touching !== undefined) return touching;
    const checking = this.#checking(convCase, operands, computed);
    // Whoever is told of calls looks at their arrays, which a thread would take.
    if (this.#limits.onCall !== undefined || !isLarge(checking)) return this.verdict(convCase, operands, computed);
    const checked = await this.#runner.asReferenceLater(() => checkInThread(checking, this.#runner.stopping));
    const { verdict, outputs } = this.#unlessStopped(checked);
    return this.#noted(convCase, { ...computed, outputs }, verdict);
  }

  #checking(convCase: ConvCase, operands: Tensors<ElementArray>, { outputs, algorithm }: Computed): Checking {
    return { ...convCase, operands, outputs, declaration: this.#runner.declaration(algorithm) };
  }

  #noted(convCase: ConvCase, computed: Computed, verdict: Verdict): Verdict {
    if (verdict.fault === undefined) return verdict;
    this.#wrong = { convCase, computed };
    return { ...verdict, fault: { ...verdict.fault, problem: convCase.problem } };
  }

  /** The outputs of this very case, where they were the last that `verdict` found wrong. */
  wrongOutputs(convCase: ConvCase): Computed | undefined {
    return this.#wrong?.convCase === convCase ? this.#wrong.computed : undefined;
  }
}

/** What a call did to arrays that are not its to change is wrong, whatever it computed. */
function touchingVerdict({ touched }: Computed): Verdict | undefined {
  if (touched.length === 0) return undefined;
  const message = `the call ${touched.join(" and ")}`;
  return { margin: Infinity, elements: 1, tellingElements: 1, fault: { message } };
}

/** The answer to a request; ends the attempt where there is none. */
function answered<A extends { readonly kind: "answer" }>(
  verb: Verb,
  reply: A | Exclude<Reply<Verb>, { readonly kind: "answer" }>,
): A {
  switch (reply.kind) {
    case "answer":
      return reply;
    case "threw":
      throw new Ended({ kind: "crashed", reason: `${verb} threw ${reply.reason}` });
    case "crashed":
    case "timed-out":
    case "mistrusted":
      throw new Ended({ kind: reply.kind, reason: reply.reason });
  }
}
