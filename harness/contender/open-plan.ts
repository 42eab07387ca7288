import { hash } from "node:crypto";
import { elementCount } from "../../reference/shape.ts";
import type { Algorithm, Impl, Plan, TensorName, Tensors } from "../plugin.ts";
import type { ConvProblem, Pass } from "../problem.ts";
import { tensorEntries } from "./frames.ts";
import { callOfFunctions } from "./function-plan.ts";
import { outputNames, shapeOf } from "../tensors.ts";
import { fromChannelsLast, toChannelsLast } from "./layout.ts";
import type { Poison } from "./messages.ts";
import { assertAlgorithm, assertPlan, isPlanImpl } from "./plugin-check.ts";
import { adopt, LentTensor, type PluginRealm } from "./plugin-realm.ts";

/** How the plan is carried out: by the plugin's own plan, or by a call of one of its functions. */
type Way =
  | { readonly kind: "plan"; readonly plan: Plan }
  | { readonly kind: "function"; readonly call: (operands: Tensors, outputs: Tensors) => void | Promise<void> };

/** Outputs that were read are watched for later writes until so many others were. */
const WATCHED_OUTPUTS = 4;

/** One plan of a contender with what the harness does around it: layouts, poison, and the watch over the arrays that it lends. */
export class OpenPlan {
  readonly algorithm: Algorithm;
  readonly #impl: Impl;
  readonly #problem: ConvProblem;
  readonly #pass: Pass;
  readonly #way: Way;
  readonly #realm: PluginRealm;
  readonly #sets = new Map<number, OperandSet>();
  #loaded: OperandSet = new Map();
  /** The arrays as a function plugin gets them at each run. */
  #arguments: { readonly operands: Tensors; readonly outputs: Tensors } = { operands: {}, outputs: {} };
  #outputs: OutputSet = new Map();
  #watched: readonly { readonly name: TensorName; readonly lent: LentTensor; readonly digest: string }[] = [];
  readonly #writtenLate = new Set<TensorName>();

  private constructor(
    impl: Impl,
    problem: ConvProblem,
    pass: Pass,
    way: Way,
    algorithm: Algorithm,
    realm: PluginRealm,
  ) {
    this.#impl = impl;
    this.#problem = problem;
    this.#pass = pass;
    this.#way = way;
    this.#realm = realm;
    this.algorithm = algorithm;
  }

  /** Plans a problem, or says why the contender does not do it. */
  static async open(
    impl: Impl,
    problem: ConvProblem,
    pass: Pass,
    threads: number,
    realm: PluginRealm,
  ): Promise<OpenPlan | { readonly unsupported: string }> {
    const theirs = frozenCopy(problem, realm);
    const reason = impl.unsupported?.(theirs, pass);
    if (reason !== undefined) return { unsupported: String(reason) };
    if (!isPlanImpl(impl)) {
      const call = callOfFunctions(impl, theirs, pass);
      return "unsupported" in call
        ? call
        : new OpenPlan(impl, problem, pass, { kind: "function", call }, algorithmOf(impl, theirs, pass), realm);
    }
    const plan = await impl.plan(theirs, pass, adopt({ threads }, realm));
    assertPlan(impl.name, plan);
    return new OpenPlan(impl, problem, pass, { kind: "plan", plan }, algorithmOf(impl, theirs, pass), realm);
  }

  get workspaceBytes(): number | null {
    return this.#way.kind === "plan" ? (this.#way.plan.workspaceBytes ?? null) : null;
  }

  /** Keeps a set of operands (N C spatial…, K C/G kernel…) in the plan's own layout; what is missing comes from the set `base`. */
  store(set: number, operands: Tensors, base: number | undefined): void {
    const given = new Map(base === undefined ? [] : this.#set(base));
    for (const [name, tensor] of tensorEntries(operands)) {
      const own = this.#impl.layout === "nhwc" ? toChannelsLast(this.#problem, name, tensor) : tensor;
      const lent = new LentTensor(this.#realm, own.length);
      lent.elements?.set(own);
      given.set(name, { lent, digest: digest(own) });
    }
    this.#sets.set(set, given);
  }

  /** Hands a stored set to the plan; gives the milliseconds that this took. */
  async load(set: number, poison: Poison, now: () => number): Promise<number> {
    this.#loaded = this.#set(set);
    const operands = this.#tensorsOf([...this.#loaded].map(([name, { lent }]) => [name, lent]));
    const start = now();
    if (this.#way.kind === "plan") {
      await this.#way.plan.load(operands);
    } else {
      this.#outputs = this.#poisonedOutputs(poison);
      this.#arguments = { operands, outputs: this.#tensorsOf(this.#outputs) };
    }
    return now() - start;
  }

  run(): void | Promise<void> {
    if (this.#way.kind === "plan") return this.#way.plan.run();
    return this.#way.call(this.#arguments.operands, this.#arguments.outputs);
  }

  /** To be called before runs: from here on a function plugin may write the outputs of its last call again. */
  expectRuns(): void {
    this.#lookForLateWrites();
    const current = new Set(this.#outputs.values());
    this.#watched = this.#watched.filter(({ lent }) => !current.has(lent));
  }

  /** The outputs in N C spatial… and K C/G kernel…, and what was done to arrays that are not the plan's to change. */
  async read(poison: Poison): Promise<{ readonly outputs: Tensors; readonly touched: readonly string[] }> {
    let given = this.#outputs;
    if (this.#way.kind === "plan") {
      given = this.#poisonedOutputs(poison);
      await this.#way.plan.read(this.#tensorsOf(given));
    }
    const outputs: Partial<Record<TensorName, Float32Array>> = {};
    const lost: string[] = [];
    for (const [name, lent] of given) {
      const { elements } = lent;
      if (elements === undefined) lost.push(`took away the buffer of its output ${name}`);
      else this.#watched = [...this.#watched, { name, lent, digest: digest(elements) }].slice(-WATCHED_OUTPUTS);
      const own = elements?.slice() ?? poisoned(elementCount(shapeOf(this.#problem, name)), poison);
      outputs[name] = this.#impl.layout === "nhwc" ? fromChannelsLast(this.#problem, name, own) : own;
    }
    return { outputs, touched: [...lost, ...this.touched()] };
  }

  /** What was done, up to now, to operands and to outputs after they were read. */
  touched(): readonly string[] {
    this.#lookForLateWrites();
    const operands = [...this.#loaded].flatMap(([name, { lent, digest: loaded }]) => {
      if (lent.elements === undefined) return [`took away the buffer of its operand ${name}`];
      return digest(lent.elements) === loaded ? [] : [`changed its operand ${name}`];
    });
    return [...operands, ...[...this.#writtenLate].map((name) => `wrote into its output ${name} after it was read`)];
  }

  async close(): Promise<void> {
    if (this.#way.kind === "plan") await this.#way.plan.dispose?.();
  }

  #lookForLateWrites(): void {
    for (const { name, lent, digest: read } of this.#watched) {
      if (lent.elements === undefined || digest(lent.elements) !== read) this.#writtenLate.add(name);
    }
  }

  #poisonedOutputs(poison: Poison): OutputSet {
    return new Map(
      outputNames(this.#problem, this.#pass).map((name) => {
        const elements = elementCount(shapeOf(this.#problem, name));
        const lent = new LentTensor(this.#realm, elements);
        lent.elements?.set(poisoned(elements, poison));
        return [name, lent];
      }),
    );
  }

  #tensorsOf(lent: Iterable<readonly [TensorName, LentTensor]>): Tensors {
    return adopt(Object.fromEntries([...lent].map(([name, { tensor }]) => [name, tensor])), this.#realm);
  }

  #set(number: number): OperandSet {
    const set = this.#sets.get(number);
    if (set === undefined) throw new Error(`operand set ${number} was not stored`);
    return set;
  }
}

function algorithmOf(impl: Impl, problem: ConvProblem, pass: Pass): Algorithm {
  const { algorithm } = impl;
  const named = typeof algorithm === "function" ? algorithm.call(impl, problem, pass) : (algorithm ?? "direct");
  assertAlgorithm(impl.name, named);
  return named;
}

/** The problem as a plugin gets it: what is written into it reaches nobody else. */
function frozenCopy(problem: ConvProblem, realm: PluginRealm): ConvProblem {
  const { input, kernel, stride, dilation, padBegin, padEnd } = problem;
  const lists = Object.entries({ input, kernel, stride, dilation, padBegin, padEnd });
  const copies = Object.fromEntries(lists.map(([name, list]) => [name, Object.freeze(adopt([...list], realm))]));
  return Object.freeze(adopt({ ...problem, ...copies }, realm));
}

/** Operands as the plan sees them, and the digest that they had when they came. */
type OperandSet = ReadonlyMap<TensorName, { readonly lent: LentTensor; readonly digest: string }>;
type OutputSet = ReadonlyMap<TensorName, LentTensor>;

/** A NaN whose payload the judge knows: an element that still holds it was never written. */
export const POISON_NAN_BITS = 0x7fc0de00;
/** Finite garbage that no generated data comes near. */
export const POISON_FINITE = Math.fround(-7.7e29);

function poisoned(elements: number, poison: Poison): Float32Array {
  const tensor = new Float32Array(elements);
  if (poison === "nan") new Uint32Array(tensor.buffer).fill(POISON_NAN_BITS);
  else tensor.fill(POISON_FINITE);
  return tensor;
}

function digest(tensor: Float32Array): string {
  return hash("sha1", new Uint8Array(tensor.buffer, tensor.byteOffset, tensor.byteLength), "base64");
}
