/**
 * One implementation for all layers: for each it picks, of `wasm-gemm`, `wasm-winograd`, `wasm-depthwise` and
 * `wasm-fft`, the one that should be the quickest.
 *
 * A candidate's time is modelled as a sum of a part for its multiplications, one for what it reads and writes, and one
 * for the call:
 *
 *   ms ≈ a · multiplications + b · elements + c
 *
 * The costs a, b and c of each candidate and pass are measured on small layers (`npm run calibrate`) and kept in a file
 * of the user's cache folder; a machine that was not calibrated takes those of the reference machine.
 */
import {
  defineImpl,
  type Algorithm,
  type Model,
  type OpenedModel,
  type Plan,
  type PlanImpl,
  type PlanOptions,
} from "../../core/plugin.ts";
import { planByKernels } from "../plain-model/plan.ts";
import plainLayers from "../plain-layers/layers.ts";
import type { ConvProblem, Pass } from "../../core/problem.ts";
import { knownCosts } from "./calibration.ts";
import { pick } from "./cost-model.ts";

const { model, isOfThisMachine } = knownCosts();
/** From the environment, as for function plugins: the algorithm is asked for before there are plan options. */
const threads = Math.max(1, Number(process.env["BENCHCONV_THREADS"] ?? 1) || 1);

function picked(problem: ConvProblem, pass: Pass): PlanImpl {
  return pick(model, problem, pass, threads).impl;
}

/** Which kernels a model takes is known when it is loaded: a page has them all. */
const DOWNLOADS = ["gemm", "winograd", "depthwise", "fft"].map(
  (name) => `./impls/wasm-${name}/assembly/${name}.relaxed-simd.wasm`,
);

export default defineImpl({
  layers: plainLayers,
  name: "auto",
  description:
    "The quickest of wasm-gemm, wasm-winograd, wasm-depthwise and wasm-fft by a cost model, " +
    `calibrated on ${isOfThisMachine ? "this" : "the reference"} machine`,
  algorithm(problem: ConvProblem, pass: Pass): Algorithm {
    const { algorithm = "direct" } = picked(problem, pass);
    return typeof algorithm === "function" ? algorithm(problem, pass) : algorithm;
  },
  model(given: Model, options: PlanOptions): Promise<OpenedModel> {
    return planByKernels(this, given, options, DOWNLOADS);
  },
  async plan(problem: ConvProblem, pass: Pass, options: PlanOptions): Promise<Plan> {
    const impl = picked(problem, pass);
    const plan = await impl.plan(problem, pass, options);
    return {
      load: (operands, changed) => plan.load(operands, changed),
      run: () => plan.run(),
      read: (outputs) => plan.read(outputs),
      ...(plan.workspaceBytes === undefined ? {} : { workspaceBytes: plan.workspaceBytes }),
      choice: impl.name,
      dispose: () => plan.dispose?.(),
    };
  },
});
