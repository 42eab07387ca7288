import type { Channel, Outcome } from "../contender/channel.ts";
import type { ImplDescription, Poison, Request } from "../contender/messages.ts";
import { elementBounds, judge, type Verdict } from "../judge/index.ts";
import type { Contract } from "../judge/contract.ts";
import type { Algorithm, TensorName, Tensors } from "../plugin.ts";
import type { ConvProblem, Pass } from "../problem.ts";
import type { Computed, ConvCase, LawTools, PlanHandle } from "../../suites/laws/law.ts";
import { generateOperands } from "../data/operands.ts";

/** The contender does not do this problem; its own reason. */
export class NotSupported extends Error {
  override readonly name = "NotSupported";
}

/** The contender threw, died or hung in the middle of a check. */
export class ContenderFailure extends Error {
  override readonly name = "ContenderFailure";
  readonly status: "crashed" | "timed-out";
  constructor(status: "crashed" | "timed-out", reason: string) {
    super(reason);
    this.status = status;
  }
}

/**
 * A contender, whose process comes back after it died, as the tools of a law.
 * `limitMs` is how long one request may take.
 */
export class ContenderSession implements LawTools {
  limitMs: number;
  readonly #description: ImplDescription;
  readonly #threads: number;
  readonly #start: () => Channel;
  #channel: Channel | undefined;
  #plans = 0;
  /** Milliseconds that the contender's own run took, of the last case. */
  lastRunMs = 0;

  /** `start` gives a new channel to the contender: its process, or a host in this one. */
  constructor(description: ImplDescription, threads: number, limitMs: number, start: () => Channel) {
    this.#description = description;
    this.#threads = threads;
    this.limitMs = limitMs;
    this.#start = start;
  }

  operands(convCase: ConvCase): Tensors {
    return generateOperands(convCase.problem, convCase.pass, convCase.data, convCase.seed);
  }

  async compute(problem: ConvProblem, pass: Pass, operands: Tensors): Promise<Computed> {
    const plan = await this.open(problem, pass);
    const computed = await plan.call(operands);
    await plan.close();
    return computed;
  }

  async open(problem: ConvProblem, pass: Pass): Promise<PlanHandle> {
    const plan = this.#plans++;
    const impl = this.#description.name;
    const opened = await this.#ask({ verb: "open", plan, impl, problem, pass, threads: this.#threads });
    if ("unsupported" in opened.answer) throw new NotSupported(opened.answer.unsupported);
    const { algorithm } = opened.answer;
    // Alternating, so that neither an output read before it is written nor one that is added to can hide.
    let poison: Poison = plan % 2 === 0 ? "nan" : "finite";
    const again = async (): Promise<Computed> => {
      const ran = await this.#ask({ verb: "run", plan });
      this.lastRunMs = ran.answer.runMs;
      const read = await this.#ask({ verb: "read", plan, poison });
      return { outputs: read.tensors, touched: read.answer.touched, algorithm };
    };
    return {
      again,
      call: async (operands, wantedPoison = poison) => {
        poison = wantedPoison;
        await this.#ask({ verb: "store", plan, set: 0 }, operands);
        await this.#ask({ verb: "load", plan, set: 0, poison });
        return again();
      },
      close: async () => {
        await this.#ask({ verb: "close", plan });
      },
    };
  }

  bounds(problem: ConvProblem, pass: Pass, operands: Tensors, { algorithm }: Computed, output: TensorName): Float64Array {
    return elementBounds(problem, pass, operands, this.#contract(algorithm), output);
  }

  judge(convCase: ConvCase, operands: Tensors, computed: Computed): Verdict {
    if (computed.touched.length > 0) {
      const message = `the call changed its operand ${computed.touched.join(" and ")}`;
      return { margin: Infinity, elements: 1, tellingElements: 1, fault: { message } };
    }
    const contract = this.#contract(computed.algorithm);
    return judge(convCase.problem, convCase.pass, operands, computed.outputs, contract, convCase.seed);
  }

  #contract(algorithm: Algorithm): Contract {
    const { precision, arithmetic } = this.#description;
    return { algorithm, precision, arithmetic };
  }

  async stop(): Promise<void> {
    await this.#channel?.stop();
    this.#channel = undefined;
  }

  async #ask<R extends Request>(request: R, tensors: Tensors = {}): Promise<Extract<Outcome<R["verb"]>, { kind: "answer" }>> {
    if (this.#channel?.alive !== true) this.#channel = this.#start();
    const outcome = await this.#channel.request(request, this.limitMs, tensors);
    switch (outcome.kind) {
      case "answer":
        return outcome;
      case "threw":
        throw new ContenderFailure("crashed", `${request.verb} threw ${outcome.reason}`);
      case "crashed":
      case "timed-out":
        throw new ContenderFailure(outcome.kind, outcome.reason);
    }
  }
}
