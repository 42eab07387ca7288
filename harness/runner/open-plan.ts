/** An open plan, between the harness and the plugin's functions; and a sequence of plans. */
import type { Algorithm, LayerPlan, Plan } from "../../core/plugin.ts";
import { tensorEntries } from "./frames.ts";
import { poisonedTensor, type AnyTensorName, type AnyTensors, type Poison } from "../../core/tensors.ts";
import { adopt, LentTensor, type PluginRealm } from "./plugin-realm.ts";

/** How the plan is carried out: by the plugin's own plan, or by a call of one of its functions. */
export type Execution =
  | { readonly kind: "plan"; readonly plan: Plan | LayerPlan }
  | { readonly kind: "function"; readonly call: (operands: AnyTensors, outputs: AnyTensors) => void | Promise<void> };

/**
 * The tensors of a plan: how many elements its outputs have, and how to go from N C spatial… to the plugin's own layout
 * and back.
 */
export interface PlanTensors {
  readonly outputs: readonly (readonly [name: AnyTensorName, elements: number])[];
  toOwn(name: AnyTensorName, tensor: Float32Array): Float32Array;
  fromOwn(name: AnyTensorName, tensor: Float32Array): Float32Array;
}

/** Outputs that were read are watched for later writes until this many others were read. */
const WATCHED_OUTPUTS = 4;

/** Operands as the plan sees them, and as they came: comparing copies is ten times as fast as a digest. */
type OperandSet = ReadonlyMap<AnyTensorName, { readonly lent: LentTensor; readonly copy: Float32Array }>;
type OutputSet = ReadonlyMap<AnyTensorName, LentTensor>;

/**
 * One plan of an implementation with what the harness does around it: layouts, poison, and the watch over the arrays
 * that it lends.
 */
export class OpenPlan {
  readonly algorithm: Algorithm;
  readonly #execution: Execution;
  readonly #tensors: PlanTensors;
  readonly #realm: PluginRealm;
  readonly #sets = new Map<number, OperandSet>();
  readonly #turned = new Set<LentTensor>();
  #loaded: OperandSet = new Map();
  /** The arrays as a function plugin gets them at each run. */
  #arguments: { readonly operands: AnyTensors; readonly outputs: AnyTensors } = { operands: {}, outputs: {} };
  #outputs: OutputSet = new Map();
  #watched: readonly { readonly name: AnyTensorName; readonly lent: LentTensor; readonly copy: Float32Array }[] = [];
  readonly #writtenLate = new Set<AnyTensorName>();

  constructor(execution: Execution, tensors: PlanTensors, algorithm: Algorithm, realm: PluginRealm) {
    this.#execution = execution;
    this.#tensors = tensors;
    this.algorithm = algorithm;
    this.#realm = realm;
  }

  get isFunction(): boolean {
    return this.#execution.kind === "function";
  }

  /** What the plan says that it chose. */
  get choice(): string | null {
    const { choice } = this.#execution.kind === "plan" && "choice" in this.#execution.plan ? this.#execution.plan : {};
    return typeof choice === "string" ? choice : null;
  }

  /** What the plan says of its last run by the device's own clock; null where it says nothing that could be a time. */
  async deviceMs(): Promise<number | null> {
    if (this.#execution.kind !== "plan" || !("deviceMs" in this.#execution.plan)) return null;
    const ms = await this.#execution.plan.deviceMs?.();
    return typeof ms === "number" && ms >= 0 && ms < Infinity ? ms : null;
  }

  get workspaceBytes(): number | null {
    return this.#execution.kind === "plan" ? (this.#execution.plan.workspaceBytes ?? null) : null;
  }

  /**
   * Keeps a set of operands (N C spatial…, K C/G kernel…) in the plan's own layout; what is missing comes from the set
   * `base`.
   */
  store(set: number, operands: AnyTensors, base: number | undefined): void {
    const given = new Map(base === undefined ? [] : this.#set(base));
    for (const [name, tensor] of tensorEntries(operands)) {
      const own = this.#tensors.toOwn(name, tensor);
      const lent = new LentTensor(this.#realm, own.length);
      lent.elements?.set(own);
      given.set(name, { lent, copy: own });
    }
    this.#sets.set(set, given);
  }

  /** New contents for arrays of a stored set: the same array objects, as a caller has who reuses its own. */
  refill(set: number, operands: AnyTensors): void {
    const given = this.#set(set);
    for (const [name, tensor] of tensorEntries(operands)) {
      const operand = given.get(name);
      if (operand === undefined) throw new Error(`operand set ${set} has no ${name}`);
      operand.copy.set(this.#tensors.toOwn(name, tensor));
      operand.lent.elements?.set(operand.copy);
    }
  }

  /** Changes the sign of the first and the last element of an operand of a stored set, or changes it back. */
  turnEnds(set: number, name: AnyTensorName, turned: boolean): void {
    const operand = this.#set(set).get(name);
    if (operand === undefined || this.#turned.has(operand.lent) === turned) return;
    if (turned) this.#turned.add(operand.lent);
    else this.#turned.delete(operand.lent);
    for (const elements of [operand.lent.elements, operand.copy]) if (elements !== undefined) negateEnds(elements);
  }

  /** Hands a stored set to the plan; gives the milliseconds that this took. */
  async load(set: number, poison: Poison, now: () => number): Promise<number> {
    this.#loaded = this.#set(set);
    const operands = this.#tensorsOf([...this.#loaded].map(([name, { lent }]) => [name, lent]));
    const start = now();
    if (this.#execution.kind === "plan") {
      await this.#execution.plan.load(operands);
    } else {
      this.#outputs = this.#poisonedOutputs(poison);
      this.#arguments = { operands, outputs: this.#tensorsOf(this.#outputs) };
    }
    return now() - start;
  }

  run(): void | Promise<void> {
    if (this.#execution.kind === "plan") return this.#execution.plan.run();
    return this.#execution.call(this.#arguments.operands, this.#arguments.outputs);
  }

  /** To be called before runs: from here on a function plugin may write the outputs of its last call again. */
  expectRuns(): void {
    this.#lookForLateWrites();
    const current = new Set(this.#outputs.values());
    this.#watched = this.#watched.filter(({ lent }) => !current.has(lent));
  }

  /** The outputs in N C spatial… and K C/G kernel…, and what was done to arrays that are not the plan's to change. */
  async read(poison: Poison): Promise<{ readonly outputs: AnyTensors; readonly touched: readonly string[] }> {
    let given = this.#outputs;
    if (this.#execution.kind === "plan") {
      given = this.#poisonedOutputs(poison);
      await this.#execution.plan.read(this.#tensorsOf(given));
    }
    const outputs: Partial<Record<AnyTensorName, Float32Array>> = {};
    const lost: string[] = [];
    for (const [name, lent] of given) {
      const { elements } = lent;
      const own = elements?.slice() ?? poisonedTensor(lent.length, poison);
      if (elements === undefined) lost.push(`took away the buffer of its output ${name}`);
      else this.#watched = [...this.#watched, { name, lent, copy: own }].slice(-WATCHED_OUTPUTS);
      outputs[name] = this.#tensors.fromOwn(name, own);
    }
    return { outputs, touched: [...lost, ...this.touched()] };
  }

  /**
   * Runs and reads, each time over fresh poison, until a result differs from the first in a bit, something is touched,
   * or the times or the milliseconds are over; the outputs are those of the last call.
   */
  async repeat(
    { poison, times, mostMs }: { readonly poison: Poison; readonly times: number; readonly mostMs: number },
    now: () => number,
  ): Promise<{ readonly outputs: AnyTensors; readonly touched: readonly string[]; readonly calls: number }> {
    const start = now();
    let first: AnyTensors | undefined;
    for (let calls = 1; ; calls++) {
      this.expectRuns();
      for (const { elements, length } of this.#outputs.values()) elements?.set(poisonedTensor(length, poison));
      await this.run();
      const { outputs, touched } = await this.read(poison);
      first ??= outputs;
      const isOver = calls >= times || now() - start > mostMs;
      if (isOver || touched.length > 0 || !this.#areSame(first, outputs)) return { outputs, touched, calls };
    }
  }

  #areSame(one: AnyTensors, other: AnyTensors): boolean {
    const others = new Map(tensorEntries(other));
    return tensorEntries(one).every(([name, tensor]) => this.#haveSameBits(tensor, others.get(name) ?? tensor));
  }

  /** What was done, up to now, to operands and to outputs after they were read. */
  touched(): readonly string[] {
    this.#lookForLateWrites();
    const operands = [...this.#loaded].flatMap(([name, { lent, copy }]) => {
      if (lent.elements === undefined) return [`took away the buffer of its operand ${name}`];
      return this.#haveSameBits(lent.elements, copy) ? [] : [`changed its operand ${name}`];
    });
    return [...operands, ...[...this.#writtenLate].map((name) => `wrote into its output ${name} after it was read`)];
  }

  async close(): Promise<void> {
    if (this.#execution.kind === "plan") await this.#execution.plan.dispose?.();
  }

  #lookForLateWrites(): void {
    for (const { name, lent, copy } of this.#watched) {
      if (lent.elements === undefined || !this.#haveSameBits(lent.elements, copy)) this.#writtenLate.add(name);
    }
  }

  #haveSameBits(one: Float32Array, other: Float32Array): boolean {
    return this.#realm.haveSameBytes(bytesOf(one), bytesOf(other));
  }

  #poisonedOutputs(poison: Poison): OutputSet {
    return new Map(
      this.#tensors.outputs.map(([name, elements]) => {
        const lent = new LentTensor(this.#realm, elements);
        lent.elements?.set(poisonedTensor(elements, poison));
        return [name, lent];
      }),
    );
  }

  #tensorsOf(lent: Iterable<readonly [AnyTensorName, LentTensor]>): AnyTensors {
    return adopt(Object.fromEntries([...lent].map(([name, { tensor }]) => [name, tensor])), this.#realm);
  }

  #set(number: number): OperandSet {
    const set = this.#sets.get(number);
    if (set === undefined) throw new Error(`operand set ${number} was not stored`);
    return set;
  }
}

/**
 * Plans that run one after the other, each on operands of its own that stay where they were loaded: a pass over a whole
 * network.
 */
export class PlanSequence {
  readonly #plans: readonly OpenPlan[];

  /** `plans` in the order of their runs; a plan that the network uses more than once stands there as often. */
  constructor(plans: readonly OpenPlan[]) {
    this.#plans = plans;
  }

  async load(set: number, poison: Poison, now: () => number): Promise<number> {
    let loadMs = 0;
    for (const plan of new Set(this.#plans)) loadMs += await plan.load(set, poison, now);
    return loadMs;
  }

  /** Waits for a plan only where that plan asks for it. */
  run(): void | Promise<void> {
    for (let index = 0; index < this.#plans.length; index++) {
      const pending = this.#plans[index]?.run();
      if (typeof pending?.then === "function") return this.#runRest(pending, index + 1);
    }
  }

  async #runRest(pending: Promise<void>, first: number): Promise<void> {
    await pending;
    for (let index = first; index < this.#plans.length; index++) await this.#plans[index]?.run();
  }

  expectRuns(): void {
    for (const plan of new Set(this.#plans)) plan.expectRuns();
  }
}

/** Changes the sign of the first and the last element: the same ones in every layout. */
export function negateEnds(elements: Float32Array): void {
  for (const end of new Set([0, elements.length - 1])) elements[end] = -(elements[end] ?? 0);
}

function bytesOf({ buffer, byteOffset, byteLength }: Float32Array): Uint8Array {
  return new Uint8Array(buffer, byteOffset, byteLength);
}
