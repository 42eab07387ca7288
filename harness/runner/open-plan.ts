/** An open plan, between the harness and the plugin's functions. */
import { elementTypeOf, type ElementArray } from "../../core/element-types.ts";
import type { Algorithm, LayerPlan, Plan } from "../../core/plugin.ts";
import { copyingPlan } from "./copying.ts";
import { isProgramPlan } from "./foreign/program-plan.ts";
import { tensorEntries } from "./frames.ts";
import type { Lengths } from "./expected-outputs.ts";
import type { CallSteps } from "./messages.ts";
import { poisonedTensor, type AnyTensorName, type AnyTensors, type Poison } from "../../core/tensors.ts";
import { changeElements } from "./operand-changes.ts";
import { OperandContents } from "./operand-contents.ts";
import { haveSameBits, OutputWatch, type OutputSet } from "./output-watch.ts";
import { adopt, LentTensor, type PluginRealm } from "./plugin-realm.ts";

/** A set has fewer variants. */
const MOST_VARIANTS = 1000;
/** Two changes of an operand with fewer elements may make it the same. */
const SURELY_OTHER = 1000;

/** Of a convolution, whatever its type, or of another layer. */
type AnyPlan =
  | Plan<ElementArray>
  | (Omit<LayerPlan, "load" | "read"> & {
      load(operands: AnyTensors, changed?: readonly string[]): void | Promise<void>;
      read(outputs: AnyTensors): void | Promise<void>;
    });

/** How the plan is carried out: by the plugin's own plan, or by a call of one of its functions. */
export type Execution =
  | { readonly kind: "plan"; readonly plan: AnyPlan }
  | { readonly kind: "function"; readonly call: (operands: AnyTensors, outputs: AnyTensors) => void | Promise<void> };

/**
 * The tensors of a plan: how many elements its outputs have, and how to go from N C spatial… to the plugin's own layout
 * and back.
 */
export interface PlanTensors {
  readonly outputs: Lengths;
  toOwn(name: AnyTensorName, tensor: ElementArray): ElementArray;
  fromOwn(name: AnyTensorName, tensor: ElementArray): ElementArray;
  /** Where an element of data in N C spatial… lies in the plugin's own layout. */
  placeOf(name: AnyTensorName): (index: number) => number;
}

/** What a plan's outputs were at some call, and what had been done by then to arrays that are not the plan's to change. */
export interface Results {
  readonly outputs: AnyTensors;
  readonly touched: readonly string[];
}

/** Operands as the plan sees them, and as they came: comparing copies is ten times as fast as a digest. */
type OperandSet = ReadonlyMap<AnyTensorName, { readonly lent: LentTensor; readonly copy: ElementArray }>;

/**
 * One plan of an implementation with what the harness does around it: layouts, poison, and the watch over the arrays
 * that it lends.
 */
export class OpenPlan {
  readonly algorithm: Algorithm;
  readonly #execution: Execution;
  readonly #tensors: PlanTensors;
  readonly #realm: PluginRealm;
  readonly #sets: Map<number, OperandSet>;
  readonly #changes = new Map<LentTensor, number>();
  readonly #contents = new OperandContents();
  #loaded: OperandSet = new Map();
  /** The arrays as a function plugin gets them at each run. */
  #arguments: { readonly operands: AnyTensors; readonly outputs: AnyTensors } = { operands: {}, outputs: {} };
  #outputs: OutputSet = new Map();
  readonly #watch: OutputWatch;
  #kept: Results | undefined;
  readonly #controls = new Map<string, OpenPlan>();
  #freshResults: readonly Results[] = [];
  /** Of the latest long call. */
  #latest: AnyTensors | undefined;
  #hasGivenAgain = false;

  /** @param sets the operands of another plan, for one that has the same */
  constructor(
    execution: Execution,
    tensors: PlanTensors,
    algorithm: Algorithm,
    realm: PluginRealm,
    sets = new Map<number, OperandSet>(),
  ) {
    this.#sets = sets;
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
      const lent = new LentTensor(this.#realm, own.length, elementTypeOf(own));
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

  /** Changes an operand of a stored set in place, by {@link changeElements}, in place of what was changed of it before. */
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
      if (earlier !== undefined) changeElements(elements, earlier, placeOf);
      changeElements(elements, change, placeOf);
    }
  }

  /** Hands a stored set to the plan; gives the milliseconds that this took. */
  async load(set: number, poison: Poison, now: () => number): Promise<number> {
    this.#loaded = this.#set(set);
    const lent = [...this.#loaded].map(([name, operand]) => [name, operand.lent] as const);
    const operands = this.#tensorsOf(lent);
    const changed = adopt(this.#contents.changedSinceLast(lent), this.#realm);
    if (this.#execution.kind === "function") this.#outputs = this.#watch.poisoned(poison);
    const outputs = this.#tensorsOf(this.#outputs);
    const start = now();
    if (this.#execution.kind === "plan") await this.#execution.plan.load(operands, changed);
    else this.#arguments = { operands, outputs };
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

  #keep(given: OutputSet, poison: Poison): Results {
    const results = this.resultsOf(given, poison);
    this.#kept = results;
    // Calls follow, and a function plugin's write the same arrays.
    if (this.#execution.kind === "function") this.expectRuns();
    return results;
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

  /**
   * A call from operands that the plan has not had to outputs in hand, and how long each of its steps took. What the
   * run leaves to be done right after it, in a microtask, is part of it.
   */
  async freshCall(set: number, poison: Poison, now: () => number): Promise<CallSteps & { readonly given: OutputSet }> {
    const loadMs = await this.load(set, poison, now);
    const loadedAt = now();
    await this.run();
    const ranAt = now();
    return { loadMs, runMs: ranAt - loadedAt, ...(await this.#readNow(poison, now)) };
  }

  /** A fresh call whose outputs are kept. */
  async keepFreshCall(set: number, poison: Poison, now: () => number): Promise<CallSteps> {
    this.#kept = undefined;
    this.expectRuns();
    const { given, ...steps } = await this.freshCall(set, poison, now);
    this.#latest = this.#keep(given, poison).outputs;
    return steps;
  }

  /**
   * A fresh call after another, from other operands: outputs that are those of the call before, in every bit, are of no
   * work, and {@link touched} says so. What is kept stays.
   */
  async nextFreshCall(set: number, poison: Poison, now: () => number): Promise<CallSteps> {
    const { given, ...steps } = await this.freshCall(set, poison, now);
    const { outputs } = this.resultsOf(given, poison);
    const isLarge = [...this.#loaded.values()].some(
      ({ lent }) => this.#changes.has(lent) && lent.length >= SURELY_OTHER,
    );
    if (isLarge && this.#latest !== undefined && this.#areSame(this.#latest, outputs)) this.#hasGivenAgain = true;
    this.#latest = outputs;
    if (this.#execution.kind === "function") this.expectRuns();
    return steps;
  }

  /**
   * The numbers of `count` sets with operands like those of a stored one, of which one tensor is an array of its own in
   * each: the stored set is the first.
   */
  variants(set: number, name: AnyTensorName, count: number): readonly number[] {
    const given = this.#set(set);
    return Array.from({ length: count }, (_, variant) => {
      const number = variant === 0 ? set : -(variant + MOST_VARIANTS * set);
      const original = given.get(name);
      if (original !== undefined && !this.#sets.has(number)) {
        const lent = new LentTensor(this.#realm, original.lent.length, original.lent.type);
        const copy = original.copy.slice();
        // As it was before it was changed: what is changed of it later says all.
        const change = this.#changes.get(original.lent);
        if (change !== undefined) changeElements(copy, change, this.#tensors.placeOf(name));
        lent.elements?.set(copy);
        this.#sets.set(number, new Map(given).set(name, { lent, copy }));
      }
      return number;
    });
  }

  /**
   * A plan that is handed the same operands: it copies them to memory of its own and its outputs from there, or does
   * nothing.
   */
  control(kind: "copies" | "nothing"): OpenPlan {
    const known = this.#controls.get(kind);
    if (known !== undefined) return known;
    const plan = kind === "copies" ? copyingPlan(this.#tensors.outputs) : { load() {}, run() {}, read() {} };
    const control = new OpenPlan({ kind: "plan", plan }, this.#tensors, this.algorithm, this.#realm, this.#sets);
    this.#controls.set(kind, control);
    return control;
  }

  /** Keeps what fresh calls gave, for {@link freshOutputs}. */
  keepFresh(results: readonly Results[]): void {
    this.#freshResults = results;
  }

  /** What a fresh call gave, and what was done to its arrays since. */
  freshOutputs(call: number): Results {
    const results = this.#freshResults[call];
    if (results === undefined) throw new Error(`there is no fresh call ${call}`);
    return { outputs: results.outputs, touched: [...new Set([...results.touched, ...this.touched()])] };
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
      for (const { elements, length, type } of this.#outputs.values())
        elements?.set(poisonedTensor(length, poison, type));
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
    const again = this.#hasGivenAgain ? ["gave the outputs of the call before it again, which had other operands"] : [];
    return [
      ...operands,
      ...again,
      ...this.#watch.writtenLate().map((name) => `wrote into its output ${name} after it was read`),
    ];
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
