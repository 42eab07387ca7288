/** The host of a plugin file, in the process of the implementation: from a request to its answer. */
import type { ElementArray } from "../../core/element-types.ts";
import type { Impl } from "../../core/plugin.ts";
import { PASSES } from "../../core/problem.ts";
import type { AnyTensors } from "../../core/tensors.ts";
import { answerCalls, type CallFrame } from "./calls.ts";
import { errorText } from "./error-text.ts";
import type { Answers, CallsRequest, ImplDescription, Reply, Request, ScriptCoverage, Verb } from "./messages.ts";
import { movingSteps, takeFreshCalls } from "./fresh-calls.ts";
import type { Earlier } from "./interleaved-batch.ts";
import type { OpenPlan } from "./open-plan.ts";
import { PlanSequence } from "./plan-sequence.ts";
import { openModel } from "./open-model.ts";
import { openConvolution, openLayer } from "./planning.ts";
import { implsOfModule, isPlanImpl, textOrNothing, unknownFields } from "./plugin-check.ts";
import type { PluginRealm } from "./plugin-realm.ts";
import { takeSamples } from "./sampler.ts";

const MOST_UNKNOWN_FIELDS = 100;
const FRESH: Earlier = { isFirst: true };
const WARM: Earlier = { isFirst: false };

/**
 * Loads one plugin file and answers the harness's requests about it: moves tensors and takes times, and checks nothing.
 */
export class PluginHost {
  readonly #url: string;
  readonly #realm: PluginRealm;
  readonly #plans = new Map<number, { readonly plan: OpenPlan; earlier: Earlier }>();
  readonly #sequences = new Map<number, PlanSequence>();
  #impls: readonly Impl[] | undefined;
  #takeCoverage: (() => readonly ScriptCoverage[]) | undefined;

  /** `realm` is the plugin's. `impls` are given in place of a file in tests. */
  constructor(url: string, realm: PluginRealm, impls?: readonly Impl[]) {
    this.#url = url;
    this.#realm = realm;
    this.#impls = impls;
  }

  async answer(request: Request, tensors: AnyTensors): Promise<{ reply: Reply; outputs: AnyTensors }> {
    try {
      if (request.verb === "read") {
        const { outputs, touched } = await this.#planOf(request.plan).plan.read(request.poison);
        return { reply: { kind: "answer", answer: { touched } }, outputs };
      }
      if (request.verb === "fresh-outputs") {
        const { outputs, touched } = this.#planOf(request.plan).plan.freshOutputs(request.call);
        return { reply: { kind: "answer", answer: { touched } }, outputs };
      }
      if (request.verb === "repeat") {
        const entry = this.#planOf(request.plan);
        entry.earlier = WARM;
        const { outputs, ...answer } = await entry.plan.repeat(request, this.#realm.now);
        return { reply: { kind: "answer", answer }, outputs };
      }
      return { reply: { kind: "answer", answer: await this.#perform(request, tensors) }, outputs: {} };
    } catch (error) {
      return { reply: { kind: "threw", error: errorText(error, this.#url) }, outputs: {} };
    }
  }

  /** Makes the calls of a request; a frame for each, and one for all. */
  answerCalls(request: CallsRequest, block: ElementArray): AsyncGenerator<CallFrame, void, undefined> {
    const source = { implOf: () => this.#implNamed(request.impl), url: this.#url };
    return answerCalls(source, request, block, this.#realm);
  }

  async #perform(
    request: Exclude<Request, { readonly verb: "read" | "repeat" | "fresh-outputs" }>,
    tensors: AnyTensors,
  ): Promise<Answers[Exclude<Verb, "read" | "repeat" | "fresh-outputs">]> {
    const { now } = this.#realm;
    switch (request.verb) {
      case "describe": {
        const descriptions: ImplDescription[] = [];
        for (const impl of await this.#loadImpls()) descriptions.push(await this.#describe(impl));
        return { impls: descriptions };
      }
      case "open": {
        const impl = await this.#implNamed(request.impl);
        const start = now();
        const plan = await openConvolution(impl, request.problem, request.pass, request.threads, this.#realm);
        if ("unsupported" in plan) return plan;
        const planMs = now() - start;
        this.#plans.set(request.plan, { plan, earlier: FRESH });
        return { planMs, algorithm: plan.algorithm, workspaceBytes: plan.workspaceBytes, choice: plan.choice };
      }
      case "open-layer": {
        const impl = await this.#implNamed(request.impl);
        const { problem, pass, threads } = request;
        const start = now();
        const plan = await openLayer(impl, problem, pass, threads, this.#realm);
        if ("unsupported" in plan) return plan;
        const planMs = now() - start;
        this.#plans.set(request.plan, { plan, earlier: FRESH });
        return { planMs, workspaceBytes: plan.workspaceBytes, layerOf: "implementation" };
      }
      case "open-model": {
        const impl = await this.#implNamed(request.impl);
        const start = now();
        const opened = await openModel(impl, request.model, tensors, request.threads, this.#realm);
        if ("unsupported" in opened) return opened;
        const { plan, downloads } = opened;
        const planMs = now() - start;
        this.#plans.set(request.plan, { plan, earlier: FRESH });
        return { planMs, workspaceBytes: plan.workspaceBytes, choice: plan.choice, downloads };
      }
      case "open-sequence": {
        const plans = request.plans.map((number) => this.#planOf(number).plan);
        this.#sequences.set(request.plan, new PlanSequence(plans));
        return {};
      }
      case "store": {
        const { plan } = this.#planOf(request.plan);
        if (request.isInPlace === true) plan.refill(request.set, tensors);
        else plan.store(request.set, tensors, request.base);
        return {};
      }
      case "load": {
        const entry = this.#planOf(request.plan);
        if (!entry.earlier.isFirst) entry.earlier = WARM;
        return { loadMs: await entry.plan.load(request.set, request.poison, now) };
      }
      case "fresh": {
        const entry = this.#planOf(request.plan);
        entry.earlier = WARM;
        return takeFreshCalls(entry.plan, request.settings, this.#realm);
      }
      case "copy":
        return movingSteps(this.#planOf(request.plan).plan, [request.set], this.#realm);
      case "run": {
        const entry = this.#planOf(request.plan);
        entry.plan.forgetKept();
        entry.earlier = WARM;
        entry.plan.expectRuns();
        const start = now();
        await entry.plan.run();
        return { runMs: now() - start };
      }
      case "sample": {
        const sequence = this.#sequences.get(request.plan);
        if (sequence !== undefined) {
          sequence.expectRuns();
          return takeSamples(sequence, request.settings, { isFirst: true }, this.#realm);
        }
        const entry = this.#planOf(request.plan);
        entry.plan.forgetKept();
        entry.plan.expectRuns();
        const sampled = await takeSamples(entry.plan, request.settings, entry.earlier, this.#realm);
        entry.earlier = { isFirst: false, ...(sampled.staysLoaded ? { loaded: sampled.loaded } : {}) };
        return sampled;
      }
      case "settle":
        return { touched: this.#planOf(request.plan).plan.touched() };
      case "close": {
        if (this.#sequences.delete(request.plan)) return {};
        const entry = this.#planOf(request.plan);
        this.#plans.delete(request.plan);
        await entry.plan.close();
        return {};
      }
      case "start-coverage":
        this.#takeCoverage ??= await this.#realm.startCoverage?.();
        return {};
      case "take-coverage":
        return { scripts: this.#takeCoverage?.() ?? [] };
    }
  }

  async #implNamed(name: string): Promise<Impl> {
    const impl = (await this.#loadImpls()).find((candidate) => candidate.name === name);
    if (impl === undefined) throw new Error(`there is no implementation "${name}" in ${this.#url}`);
    return impl;
  }

  async #loadImpls(): Promise<readonly Impl[]> {
    if (this.#impls === undefined) {
      const module: unknown = await this.#realm.import(this.#url);
      this.#impls = implsOfModule(typeof module === "object" && module !== null ? module : {});
    }
    return this.#impls;
  }

  async #describe(impl: Impl): Promise<ImplDescription> {
    const unavailable = textOrNothing(impl.name, "unavailable", await impl.unavailable?.());
    const asked = unavailable === undefined ? await impl.software?.() : undefined;
    const software = textOrNothing(impl.name, "software", asked);
    const unknown = unknownFields(impl);
    return {
      name: impl.name,
      ...(impl.description === undefined ? {} : { description: impl.description }),
      ...(impl.version === undefined ? {} : { version: impl.version }),
      ...(impl.source === undefined ? {} : { source: impl.source }),
      algorithm: typeof impl.algorithm === "function" ? "per problem" : (impl.algorithm ?? "direct"),
      precision: impl.precision ?? "float32",
      ...(impl.types === undefined ? {} : { types: impl.types }),
      ...(impl.posts === undefined ? {} : { posts: impl.posts }),
      ...(impl.accumulator === undefined ? {} : { accumulator: impl.accumulator }),
      arithmetic: impl.arithmetic ?? "ieee",
      ...(impl.device === undefined ? {} : { device: impl.device }),
      ...(software === undefined ? {} : { software }),
      passes: isPlanImpl(impl) ? PASSES : PASSES.filter((pass) => impl[pass] !== undefined),
      ...(unavailable === undefined ? {} : { unavailable }),
      ...(unknown.length === 0 ? {} : { unknownFields: unknown.slice(0, MOST_UNKNOWN_FIELDS) }),
    };
  }

  #planOf(number: number): { readonly plan: OpenPlan; earlier: Earlier } {
    const entry = this.#plans.get(number);
    if (entry === undefined) throw new Error(`plan ${number} is not open`);
    return entry;
  }
}
