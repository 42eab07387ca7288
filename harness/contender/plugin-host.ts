import type { Impl, Tensors } from "../plugin.ts";
import { PASSES } from "../problem.ts";
import type { Answers, ImplDescription, Reply, Request, Verb } from "./messages.ts";
import { OpenPlan } from "./open-plan.ts";
import { implsOfModule, isPlanImpl } from "./plugin-check.ts";
import { takeSamples } from "./sampler.ts";

/** Loads one plugin file and answers the harness's requests about it: moves tensors and takes times, and judges nothing. */
export class PluginHost {
  readonly #url: string;
  readonly #now: () => number;
  readonly #plans = new Map<number, { readonly plan: OpenPlan; fresh: boolean }>();
  #impls: readonly Impl[] | undefined;

  /** `now` is a clock in milliseconds that the plugin cannot change. `impls` are given in place of a file in tests. */
  constructor(url: string, now: () => number, impls?: readonly Impl[]) {
    this.#url = url;
    this.#now = now;
    this.#impls = impls;
  }

  async answer(request: Request, tensors: Tensors): Promise<{ reply: Reply; outputs: Tensors }> {
    try {
      if (request.verb === "read") {
        const { outputs, touched } = await this.#planOf(request.plan).plan.read(request.poison);
        return { reply: { kind: "answer", answer: { touched } }, outputs };
      }
      return { reply: { kind: "answer", answer: await this.#perform(request, tensors) }, outputs: {} };
    } catch (error) {
      return { reply: { kind: "threw", error: errorText(error) }, outputs: {} };
    }
  }

  async #perform(
    request: Exclude<Request, { readonly verb: "read" }>,
    tensors: Tensors,
  ): Promise<Answers[Exclude<Verb, "read">]> {
    switch (request.verb) {
      case "describe": {
        const descriptions: ImplDescription[] = [];
        for (const impl of await this.#loadImpls()) descriptions.push(await this.#describe(impl));
        return { impls: descriptions };
      }
      case "open": {
        const impl = (await this.#loadImpls()).find(({ name }) => name === request.impl);
        if (impl === undefined) throw new Error(`there is no implementation "${request.impl}" in ${this.#url}`);
        const problem = deepFreeze(structuredClone(request.problem));
        const start = this.#now();
        const plan = await OpenPlan.open(impl, problem, request.pass, request.threads);
        if ("unsupported" in plan) return plan;
        const planMs = this.#now() - start;
        this.#plans.set(request.plan, { plan, fresh: true });
        return { planMs, algorithm: plan.algorithm, workspaceBytes: plan.workspaceBytes };
      }
      case "store": {
        this.#planOf(request.plan).plan.store(request.set, tensors, request.base);
        return {};
      }
      case "load": {
        return { loadMs: await this.#planOf(request.plan).plan.load(request.set, request.poison, this.#now) };
      }
      case "run": {
        const entry = this.#planOf(request.plan);
        entry.fresh = false;
        const start = this.#now();
        await entry.plan.run();
        return { runMs: this.#now() - start };
      }
      case "sample": {
        const entry = this.#planOf(request.plan);
        const isFirst = entry.fresh;
        entry.fresh = false;
        return takeSamples(entry.plan, request.settings, isFirst, this.#now);
      }
      case "close": {
        const entry = this.#planOf(request.plan);
        this.#plans.delete(request.plan);
        await entry.plan.close();
        return {};
      }
    }
  }

  async #loadImpls(): Promise<readonly Impl[]> {
    if (this.#impls === undefined) {
      const module: unknown = await import(this.#url);
      this.#impls = implsOfModule(Object(module));
    }
    return this.#impls;
  }

  async #describe(impl: Impl): Promise<ImplDescription> {
    const unavailable = await impl.unavailable?.();
    return {
      name: impl.name,
      ...(impl.description === undefined ? {} : { description: impl.description }),
      ...(impl.version === undefined ? {} : { version: impl.version }),
      ...(impl.source === undefined ? {} : { source: impl.source }),
      algorithm: typeof impl.algorithm === "function" ? "per problem" : (impl.algorithm ?? "direct"),
      precision: impl.precision ?? "float32",
      arithmetic: impl.arithmetic ?? "ieee",
      passes: isPlanImpl(impl) ? PASSES : PASSES.filter((pass) => impl[pass] !== undefined),
      ...(unavailable === undefined ? {} : { unavailable: String(unavailable) }),
    };
  }

  #planOf(number: number): { readonly plan: OpenPlan; fresh: boolean } {
    const entry = this.#plans.get(number);
    if (entry === undefined) throw new Error(`plan ${number} is not open`);
    return entry;
  }
}

function errorText(error: unknown): string {
  return error instanceof Error ? `${error.name}: ${error.message}` : String(error);
}

function deepFreeze<T extends object>(value: T): T {
  for (const inner of Object.values(value)) {
    if (typeof inner === "object" && inner !== null) deepFreeze(inner);
  }
  return Object.freeze(value);
}
