import { mkdirSync, readFileSync, renameSync, writeFileSync } from "node:fs";
import { cpus, homedir } from "node:os";
import { dirname, join } from "node:path";
import type { Tensors } from "../../core/plugin.ts";
import type { ConvProblem, Pass } from "../../core/problem.ts";
import { elementCount } from "../../core/shape.ts";
import { operandNames, shapeOf } from "../../core/tensors.ts";
import { CANDIDATES, type Candidate } from "./candidates.ts";
import { fittedCosts, type Costs, type CostModel, type Probe } from "./cost-model.ts";
import { REFERENCE_COSTS } from "./reference-costs.ts";

/**
 * A probe is called for at least this time and at least this often. The shortest call counts, since noise only makes
 * calls longer.
 */
const PROBE_MS = 60;
const LEAST_CALLS = 3;

/**
 * Layers of sizes that networks have: many channels on small planes, few channels on large planes, 1×1, depthwise, and
 * wide kernels.
 */
const PROBES: readonly ConvProblem[] = [
  square(64, 64, 112, 3),
  square(64, 64, 56, 3),
  square(256, 256, 14, 3),
  square(512, 512, 7, 3),
  square(16, 16, 56, 3),
  square(3, 32, 112, 3),
  square(8, 8, 14, 3),
  square(256, 64, 28, 1),
  square(64, 64, 27, 5),
  square(16, 16, 56, 7),
  square(16, 16, 27, 11),
  square(8, 8, 14, 5),
  square(32, 32, 56, 3, 32),
  square(256, 256, 14, 3, 256),
  square(512, 512, 7, 3, 512),
];

function square(inChannels: number, outChannels: number, side: number, extent: number, groups = 1): ConvProblem {
  const padding = [(extent - 1) / 2, (extent - 1) / 2];
  const one = [1, 1];
  const windows = { kernel: [extent, extent], stride: one, dilation: one, padBegin: padding, padEnd: padding };
  return { batch: 1, inChannels, outChannels, groups, input: [side, side], ...windows, bias: true };
}

/** Times every candidate on the probes that it supports, in every pass. Takes a few seconds. */
export async function calibrate(): Promise<CostModel> {
  const model: Record<string, CostModel[string]> = {};
  for (const candidate of CANDIDATES) {
    const costsOf = async (pass: Pass): Promise<Costs> => {
      const probes: Probe[] = [];
      for (const problem of PROBES) {
        if (candidate.isWorthwhile?.(problem) !== false && candidate.impl.unsupported?.(problem, pass) === undefined)
          probes.push({ problem, pass, ms: await shortestCallMs(candidate, problem, pass) });
      }
      return fittedCosts(candidate, probes);
    };
    model[candidate.impl.name] = {
      forward: await costsOf("forward"),
      backwardData: await costsOf("backwardData"),
      backwardWeights: await costsOf("backwardWeights"),
    };
  }
  return model;
}

async function shortestCallMs({ impl }: Candidate, problem: ConvProblem, pass: Pass): Promise<number> {
  const plan = await impl.plan(problem, pass, { threads: 1 });
  await plan.load(operandsOf(problem, pass));
  const end = performance.now() + PROBE_MS;
  let shortestMs = Infinity;
  for (let calls = 0; calls < LEAST_CALLS || performance.now() < end; calls++) {
    const start = performance.now();
    await plan.run();
    shortestMs = Math.min(shortestMs, performance.now() - start);
  }
  await plan.dispose?.();
  return shortestMs;
}

function operandsOf(problem: ConvProblem, pass: Pass): Tensors {
  const filled = (length: number): Float32Array => Float32Array.from({ length }, (_, i) => ((i * 7) % 13) / 13 - 0.5);
  return Object.fromEntries(
    operandNames(problem, pass).map((name) => [name, filled(elementCount(shapeOf(problem, name)))]),
  );
}

/** The file of this machine's costs, named after what they depend on: processor, Node version and kernels. */
export function costsFile(): string {
  const cache = process.env["XDG_CACHE_HOME"] ?? join(homedir(), ".cache");
  const [processor] = cpus();
  const names = CANDIDATES.map(({ impl }) => impl.name.replace("wasm-", ""));
  const key = [processor?.model ?? process.arch, process.version, CANDIDATES[0]!.impl.version ?? "", ...names].join(
    " ",
  );
  return join(cache, "benchconv", `auto ${key}.json`.replaceAll(/[^\w.-]+/g, "-"));
}

export function keepCosts(model: CostModel): string {
  const file = costsFile();
  mkdirSync(dirname(file), { recursive: true });
  const unfinished = `${file}.${process.pid}`;
  writeFileSync(unfinished, `${JSON.stringify(model, undefined, 2)}\n`);
  renameSync(unfinished, file);
  return file;
}

/**
 * This machine's costs if it was calibrated, else the reference machine's: the order of the candidates is similar on
 * most machines.
 */
export function knownCosts(): { readonly model: CostModel; readonly isOfThisMachine: boolean } {
  try {
    const model: unknown = JSON.parse(readFileSync(costsFile(), "utf8"));
    if (isCostModel(model)) return { model, isOfThisMachine: true };
  } catch {
    // Not calibrated, or not readable.
  }
  return { model: REFERENCE_COSTS, isOfThisMachine: false };
}

function isCostModel(value: unknown): value is CostModel {
  return (
    typeof value === "object" &&
    value !== null &&
    Object.values(value).every(
      (passes: unknown) =>
        typeof passes === "object" &&
        passes !== null &&
        Object.values(passes).every(
          (costs: unknown) =>
            Array.isArray(costs) && costs.length === 3 && costs.every((cost) => typeof cost === "number" && cost >= 0),
        ),
    )
  );
}
