/**
 * The process that a contender runs in: it loads one plugin file and answers the harness's requests over descriptor 3.
 * It moves bytes and takes times; nothing here judges. Usage: node child.ts PLUGIN-URL
 */
import { Socket } from "node:net";
import type { Impl, Tensors } from "../plugin.ts";
import { PASSES } from "../problem.ts";
import { readFrames, writeFrame } from "./frames.ts";
import type { Answers, ImplDescription, Reply, Request, Verb } from "./messages.ts";
import { OpenPlan } from "./open-plan.ts";
import { implsOfModule, isPlanImpl } from "./plugin-check.ts";
import { takeSamples } from "./sampler.ts";

// Captured before the plugin is imported, so that it cannot change what the times mean.
const clock = performance;
const now = clock.now.bind(clock);

const url = process.argv[2] ?? "";
const plans = new Map<number, { readonly plan: OpenPlan; fresh: boolean }>();
let impls: readonly Impl[] | undefined;

const channel = new Socket({ fd: 3 });
channel.on("error", () => process.exit(0)); // the harness is gone
for await (const { message, tensors } of readFrames(channel)) {
  const { reply, outputs } = await answer(message as Request, tensors); // oxlint-disable-line typescript/no-unsafe-type-assertion -- both ends are this version's own code
  await writeFrame(channel, reply, outputs);
}
process.exit(0);

async function answer(request: Request, tensors: Tensors): Promise<{ reply: Reply; outputs: Tensors }> {
  try {
    if (request.verb === "read") {
      const { outputs, touched } = await planOf(request.plan).plan.read(request.poison);
      return { reply: { kind: "answer", answer: { touched } }, outputs };
    }
    return { reply: { kind: "answer", answer: await perform(request, tensors) }, outputs: {} };
  } catch (error) {
    return { reply: { kind: "threw", error: errorText(error) }, outputs: {} };
  }
}

async function perform(
  request: Exclude<Request, { readonly verb: "read" }>,
  tensors: Tensors,
): Promise<Answers[Exclude<Verb, "read">]> {
  switch (request.verb) {
    case "describe": {
      const descriptions: ImplDescription[] = [];
      for (const impl of await loadImpls()) descriptions.push(await describe(impl));
      return { impls: descriptions };
    }
    case "open": {
      const impl = (await loadImpls()).find(({ name }) => name === request.impl);
      if (impl === undefined) throw new Error(`there is no implementation "${request.impl}" in ${url}`);
      const problem = deepFreeze(structuredClone(request.problem));
      const start = now();
      const plan = await OpenPlan.open(impl, problem, request.pass, request.threads);
      if ("unsupported" in plan) return plan;
      const planMs = now() - start;
      plans.set(request.plan, { plan, fresh: true });
      return { planMs, algorithm: plan.algorithm, workspaceBytes: plan.workspaceBytes };
    }
    case "store": {
      planOf(request.plan).plan.store(request.set, tensors, request.base);
      return {};
    }
    case "load": {
      return { loadMs: await planOf(request.plan).plan.load(request.set, request.poison, now) };
    }
    case "run": {
      const entry = planOf(request.plan);
      entry.fresh = false;
      const start = now();
      await entry.plan.run();
      return { runMs: now() - start };
    }
    case "sample": {
      const entry = planOf(request.plan);
      const isFirst = entry.fresh;
      entry.fresh = false;
      return takeSamples(entry.plan, request.settings, isFirst, now);
    }
    case "close": {
      const entry = planOf(request.plan);
      plans.delete(request.plan);
      await entry.plan.close();
      return {};
    }
  }
}

async function loadImpls(): Promise<readonly Impl[]> {
  if (impls === undefined) {
    const module: unknown = await import(url);
    impls = implsOfModule(Object(module));
  }
  return impls;
}

async function describe(impl: Impl): Promise<ImplDescription> {
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

function planOf(number: number): { readonly plan: OpenPlan; fresh: boolean } {
  const entry = plans.get(number);
  if (entry === undefined) throw new Error(`plan ${number} is not open`);
  return entry;
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
