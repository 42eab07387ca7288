import { createHash } from "node:crypto";
import { elementCount } from "../../reference/shape.ts";
import type { Algorithm, Impl, Plan, TensorName, Tensors } from "../plugin.ts";
import type { ConvProblem, Pass } from "../problem.ts";
import { tensorEntries } from "./frames.ts";
import { planOfFunctions } from "./function-plan.ts";
import { outputNames, shapeOf } from "../tensors.ts";
import { fromChannelsLast, toChannelsLast } from "./layout.ts";
import type { Poison } from "./messages.ts";
import { assertAlgorithm, isPlanImpl } from "./plugin-check.ts";

/** One plan of a contender with what the harness does around it: layouts, poison, and the watch over the operands. */
export class OpenPlan {
  readonly algorithm: Algorithm;
  readonly #impl: Impl;
  readonly #problem: ConvProblem;
  readonly #pass: Pass;
  readonly #plan: Plan;
  readonly #poison: { current: Poison };
  readonly #sets = new Map<number, OperandSet>();
  #loaded: OperandSet | undefined;

  private constructor(impl: Impl, problem: ConvProblem, pass: Pass, plan: Plan, poison: { current: Poison }) {
    this.#impl = impl;
    this.#problem = problem;
    this.#pass = pass;
    this.#plan = plan;
    this.#poison = poison;
    const { algorithm } = impl;
    this.algorithm = typeof algorithm === "function" ? algorithm(problem, pass) : (algorithm ?? "direct");
    assertAlgorithm(impl.name, this.algorithm);
  }

  /** Plans a problem, or says why the contender does not do it. */
  static async open(
    impl: Impl,
    problem: ConvProblem,
    pass: Pass,
    threads: number,
  ): Promise<OpenPlan | { readonly unsupported: string }> {
    const reason = impl.unsupported?.(problem, pass);
    if (reason !== undefined) return { unsupported: String(reason) };
    const poison: { current: Poison } = { current: "nan" };
    const plan = isPlanImpl(impl)
      ? await impl.plan(problem, pass, { threads })
      : planOfFunctions(impl, problem, pass, () => poisonedOutputs(problem, pass, poison.current));
    return "unsupported" in plan ? plan : new OpenPlan(impl, problem, pass, plan, poison);
  }

  get workspaceBytes(): number | null {
    return this.#plan.workspaceBytes ?? null;
  }

  /** Keeps a set of operands (N C spatial…, K C/G kernel…) in the plan's own layout; what is missing comes from the set `base`. */
  store(set: number, operands: Tensors, base: number | undefined): void {
    const given = new Map(base === undefined ? [] : this.#set(base));
    for (const [name, tensor] of tensorEntries(operands)) {
      const own = this.#impl.layout === "nhwc" ? toChannelsLast(this.#problem, name, tensor) : tensor;
      given.set(name, { tensor: own, digest: digest(own) });
    }
    this.#sets.set(set, given);
  }

  /** Hands a stored set to the plan; gives the milliseconds that the plan's own load took. */
  async load(set: number, poison: Poison, now: () => number): Promise<number> {
    this.#poison.current = poison;
    this.#loaded = this.#set(set);
    const operands = Object.fromEntries([...this.#loaded].map(([name, { tensor }]) => [name, tensor]));
    const start = now();
    await this.#plan.load(operands);
    return now() - start;
  }

  run(): void | Promise<void> {
    return this.#plan.run();
  }

  /** The outputs in N C spatial… and K C/G kernel…, and the names of operands that were changed since they were stored. */
  async read(poison: Poison): Promise<{ readonly outputs: Tensors; readonly touched: readonly string[] }> {
    const wanted = poisonedOutputs(this.#problem, this.#pass, poison);
    await this.#plan.read(wanted);
    const outputs: Partial<Record<TensorName, Float32Array>> = {};
    for (const [name, tensor] of tensorEntries(wanted)) {
      const expected = elementCount(shapeOf(this.#problem, name));
      if (tensor.length !== expected) {
        throw new Error(`${name} was resized: it had ${expected} elements and has ${tensor.length}`);
      }
      outputs[name] = this.#impl.layout === "nhwc" ? fromChannelsLast(this.#problem, name, tensor) : tensor;
    }
    const touched = [...(this.#loaded ?? [])].flatMap(([name, kept]) => (digest(kept.tensor) === kept.digest ? [] : [name]));
    return { outputs, touched };
  }

  async close(): Promise<void> {
    await this.#plan.dispose?.();
  }

  #set(number: number): OperandSet {
    const set = this.#sets.get(number);
    if (set === undefined) throw new Error(`operand set ${number} was not stored`);
    return set;
  }
}

/** Operands as the plan sees them, and the digest that they had when they came. */
type OperandSet = ReadonlyMap<TensorName, { readonly tensor: Float32Array; readonly digest: string }>;

/** A NaN whose payload the judge knows: an element that still holds it was never written. */
export const POISON_NAN_BITS = 0x7fc0de00;
/** Finite garbage that no generated data comes near. */
export const POISON_FINITE = Math.fround(-7.7e29);

function poisonedOutputs(problem: ConvProblem, pass: Pass, poison: Poison): Tensors {
  return Object.fromEntries(
    outputNames(problem, pass).map((name) => {
      const tensor = new Float32Array(elementCount(shapeOf(problem, name)));
      if (poison === "nan") new Uint32Array(tensor.buffer).fill(POISON_NAN_BITS);
      else tensor.fill(POISON_FINITE);
      return [name, tensor];
    }),
  );
}

function digest(tensor: Float32Array): string {
  return createHash("sha1")
    .update(new Uint8Array(tensor.buffer, tensor.byteOffset, tensor.byteLength))
    .digest("base64");
}
