/** An open plan, between the harness and the plugin's functions. */
import type { Algorithm, LayerPlan, Plan } from "../../core/plugin.ts";
import { copyingMs } from "./copying.ts";
import { isProgramPlan } from "./foreign/program-plan.ts";
import { tensorEntries } from "./frames.ts";
import type { CallSteps } from "./messages.ts";
import { poisonedTensor, type AnyTensorName, type AnyTensors, type Poison } from "../../core/tensors.ts";
import { changeSigns } from "./operand-changes.ts";
import { OperandContents } from "./operand-contents.ts";
import { haveSameBits, OutputWatch, type OutputSet } from "./output-watch.ts";
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
  /** Where an element of data in N C spatial… lies in the plugin's own layout. */
  placeOf(name: AnyTensorName): (index: number) => number;
}

/** What a plan's outputs were at some call, and what had been done by then to arrays that are not the plan's to change. */
interface Results {
  readonly outputs: AnyTensors;
  readonly touched: readonly string[];
}

/** Operands as the plan sees them, and as they came: comparing copies is ten times as fast as a digest. */
type OperandSet = ReadonlyMap<AnyTensorName, { readonly lent: LentTensor; readonly copy: Float32Array }>;

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
  readonly #changes = new Map<LentTensor, number>();
  readonly #contents = new OperandContents();
  #loaded: OperandSet = new Map();
  /** The arrays as a function plugin gets them at each run. */
  #arguments: { readonly operands: AnyTensors; readonly outputs: AnyTensors } = { operands: {}, outputs: {} };
  #outputs: OutputSet = new Map();
  readonly #watch: OutputWatch;
  #kept: Results | undefined;

  constructor(execution: Execution, tensors: PlanTensors, algorithm: Algorithm, realm: PluginRealm) {
    this.#execution = execution;
    this.#tensors = tensors;
    this.algorithm = algorithm;
    this.#realm = realm;
    this.#watch = new OutputWatch(tensors.outputs, realm);
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

  /** What the way to another program and back takes; null where the plan computes in this process. */
  async roundTripMs(): Promise<number | null> {
    const { kind } = this.#execution;
    const program = kind === "plan" && isProgramPlan(this.#execution.plan) ? this.#execution.plan : undefined;
    return (await program?.roundTripMs()) ?? null;
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
      this.#changes.delete(operand.lent);
      this.#contents.renew(operand.lent);
    }
  }

  /** Changes an operand of a stored set in place, by {@link changeSigns}, in place of what was changed of it before. */
  change(set: number, name: AnyTensorName, change: number): void {
    const operand = this.#set(set).get(name);
    if (operand === undefined) return;
    const { lent, copy } = operand;
    const earlier = this.#changes.get(lent);
    this.#changes.set(lent, change);
    this.#contents.renew(lent);
    const placeOf = this.#tensors.placeOf(name);
    for (const elements of [lent.elements, copy]) {
      if (elements === undefined) continue;
      if (earlier !== undefined) changeSigns(elements, earlier, placeOf);
      changeSigns(elements, change, placeOf);
    }
  }

  /** Hands a stored set to the plan; gives the milliseconds that this took. */
  async load(set: number, poison: Poison, now: () => number): Promise<number> {
    this.#loaded = this.#set(set);
    const lent = [...this.#loaded].map(([name, operand]) => [name, operand.lent] as const);
    const operands = this.#tensorsOf(lent);
    const changed = adopt(this.#contents.changedSinceLast(lent), this.#realm);
    const start = now();
    if (this.#execution.kind === "plan") {
      await this.#execution.plan.load(operands, changed);
    } else {
      this.#outputs = this.#watch.poisoned(poison);
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
    this.#watch.release(this.#outputs);
  }

  /**
   * Keeps the outputs of the last call for the next {@link read}: calls that follow may write over them. Gives how long
   * the plan's own read took.
   */
  async keep(poison: Poison, now: () => number): Promise<number> {
    this.#kept = undefined;
    const { given, readMs } = await this.#readNow(poison, now);
    this.#keep(given, poison);
    return readMs;
  }

  #keep(given: OutputSet, poison: Poison): void {
    this.#kept = this.resultsOf(given, poison);
    // Calls follow, and a function plugin's write the same arrays.
    if (this.#execution.kind === "function") this.expectRuns();
  }

  /** From here on {@link read} gives what the last call computed. */
  forgetKept(): void {
    this.#kept = undefined;
  }

  /**
   * The outputs in N C spatial… and K C/G kernel…, and what was done to arrays that are not the plan's to change: what
   * was kept, otherwise of the last call.
   */
  async read(poison: Poison): Promise<Results> {
    if (this.#kept !== undefined) {
      const { outputs, touched } = this.#kept;
      this.#kept = undefined;
      return { outputs, touched: [...new Set([...touched, ...this.touched()])] };
    }
    return this.resultsOf((await this.#readNow(poison, this.#realm.now)).given, poison);
  }

  /** The outputs of the last call, and how long the plan's own read took. */
  async #readNow(poison: Poison, now: () => number): Promise<{ readonly given: OutputSet; readonly readMs: number }> {
    if (this.#execution.kind === "function") return { given: this.#outputs, readMs: 0 };
    const given = this.#watch.poisoned(poison);
    const tensors = this.#tensorsOf(given);
    const start = now();
    await this.#execution.plan.read(tensors);
    return { given, readMs: now() - start };
  }

  /** A call from operands that the plan has not had to outputs in hand, and how long each of its steps took. */
  async freshCall(set: number, poison: Poison, now: () => number): Promise<CallSteps & { readonly given: OutputSet }> {
    const loadMs = await this.load(set, poison, now);
    const loadedAt = now();
    const pending = this.run();
    if (typeof pending?.then === "function") await pending;
    const ranAt = now();
    return { loadMs, runMs: ranAt - loadedAt, ...(await this.#readNow(poison, now)) };
  }

  /** A fresh call whose outputs are kept. */
  async keepFreshCall(set: number, poison: Poison, now: () => number): Promise<CallSteps> {
    this.#kept = undefined;
    this.expectRuns();
    const { given, ...steps } = await this.freshCall(set, poison, now);
    this.#keep(given, poison);
    return steps;
  }

  /**
   * How long it takes to copy a stored set of operands, and as many outputs, as a plan does that keeps its tensors
   * elsewhere; 0 for one of the plugin's functions, which is handed the arrays themselves.
   */
  copyMs(set: number, now: () => number): { readonly loadMs: number; readonly readMs: number } {
    if (this.#execution.kind === "function") return { loadMs: 0, readMs: 0 };
    const operands = [...this.#set(set).values()].map(({ copy }) => copy);
    const outputs = this.#tensors.outputs.map(([, elements]) => new Float32Array(elements).fill(1));
    return { loadMs: copyingMs(operands, now), readMs: copyingMs(outputs, now) };
  }

  /** What outputs hold now, which are watched from here on. */
  resultsOf(given: OutputSet, poison: Poison): Results {
    const { outputs, lost } = this.#watch.results(given, poison);
    const ofHarness = tensorEntries(outputs).map(([name, own]) => [name, this.#tensors.fromOwn(name, own)] as const);
    return { outputs: Object.fromEntries(ofHarness), touched: [...lost, ...this.touched()] };
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
    return tensorEntries(one).every(([name, tensor]) => haveSameBits(this.#realm, tensor, others.get(name) ?? tensor));
  }

  /** What was done, up to now, to operands and to outputs after they were read. */
  touched(): readonly string[] {
    const operands = [...this.#loaded].flatMap(([name, { lent, copy }]) => {
      if (lent.elements === undefined) return [`took away the buffer of its operand ${name}`];
      return haveSameBits(this.#realm, lent.elements, copy) ? [] : [`changed its operand ${name}`];
    });
    return [...operands, ...this.#watch.writtenLate().map((name) => `wrote into its output ${name} after it was read`)];
  }

  async close(): Promise<void> {
    if (this.#execution.kind === "plan") await this.#execution.plan.dispose?.();
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
