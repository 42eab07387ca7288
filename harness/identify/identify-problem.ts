/** All probes of one problem, in the order in which they need each other. */
import { createHash } from "node:crypto";
import type { Evidence, Finding } from "../../core/identification.ts";
import { printDescriptor } from "../../core/descriptor.ts";
import type { ConvProblem, Pass } from "../../core/problem.ts";
import { elementCount, outputShape } from "../../core/shape.ts";
import { probeAlgorithm } from "./algorithm.ts";
import { Box } from "./box.ts";
import { probeInvariance, sameImages, type Computing } from "./invariance.ts";
import { probeOrder, type FoundSum } from "./order.ts";
import { probeProducts } from "./products.ts";
import { probeSubnormals } from "./subnormals.ts";
import { probeWeightsAlgorithm } from "./weights-algorithm.ts";
import { probeZeros } from "./zeros.ts";

/** Which probes are made: all, or those of what an implementation declares. */
export interface Extent {
  readonly invariance: boolean;
  readonly order: boolean;
}

const SEED = 1;

export async function identifyProblem(
  problem: ConvProblem,
  computing: Computing,
  extent: Extent = { invariance: true, order: true },
): Promise<Finding> {
  const startedAt = performance.now();
  const { pass, usual: compute } = computing;
  const evidence: Evidence[] = [];
  const reasons: Record<string, string> = {};
  const keep = <T>(
    field: string,
    told: { readonly found: T | null; readonly reason?: string; readonly evidence: readonly Evidence[] },
  ): T | null => {
    evidence.push(...told.evidence);
    if (told.reason !== undefined) reasons[field] = told.reason;
    return told.found;
  };
  let algorithm = keep(
    "algorithm",
    pass === "backwardWeights"
      ? await probeWeightsAlgorithm(problem, compute)
      : await probeAlgorithm(problem, pass, compute),
  );
  const isDirect = algorithm?.kind === "direct";
  const box = new Box(problem, pass, compute);
  let sum: FoundSum = { order: null, accumulator: null, fma: null, products: null, evidence: [], reasons: {} };
  let subnormals: Finding["subnormals"] = null;
  let zeros: Finding["zeros"] = null;
  if (isDirect) {
    const products = keep("products", await probeProducts(box));
    if (products === null) {
      const reason = "what the products are is not known";
      sum = { ...sum, reasons: { order: reason, accumulator: reason, fma: reason, subnormals: reason } };
    } else {
      sum = extent.order ? await probeOrder(box, products, SEED) : { ...sum, products: products.type };
      if (products.hasWideRange) subnormals = keep("subnormals", await probeSubnormals(box));
      else reasons["subnormals"] = "float16 has others";
    }
    zeros = keep("zeros", await probeZeros(box));
    if (outputsPerPlane(problem, pass) === 1 && sum.accumulator === null) {
      algorithm = null;
      reasons["algorithm"] = "of one output a transform and a direct sum look the same";
    }
  } else {
    const reason = algorithm === null ? "the algorithm is not known" : "a transform mixes the products";
    for (const field of ["products", "accumulator", "order", "fma", "subnormals", "zeros"]) reasons[field] = reason;
  }
  const invariance = extent.invariance ? await probeInvariance(problem, computing) : undefined;
  const digest = digestOf(await compute(problem, sameImages(problem, pass)));
  const { order, accumulator, fma, products } = sum;
  return {
    problem: printDescriptor(problem),
    bias: problem.bias,
    algorithm,
    products,
    accumulator,
    order,
    fma,
    subnormals,
    zeros,
    invariant: invariance?.found ?? null,
    digest,
    evidence: [...evidence, ...sum.evidence],
    reasons: { ...reasons, ...sum.reasons, ...invariance?.reasons },
    milliseconds: Math.round(performance.now() - startedAt),
  };
}

function outputsPerPlane(problem: ConvProblem, pass: Pass): number {
  const { input, kernel } = problem;
  return elementCount({ forward: outputShape(problem), backwardData: input, backwardWeights: kernel }[pass]);
}

function digestOf(y: Float32Array): string {
  return createHash("sha256")
    .update(new Uint8Array(y.buffer, y.byteOffset, y.byteLength))
    .digest("hex")
    .slice(0, 16);
}

/** The finding of a problem of which nothing can be told. */
export function nothingFound(problem: ConvProblem, reason: string, milliseconds: number): Finding {
  return {
    problem: printDescriptor(problem),
    bias: problem.bias,
    algorithm: null,
    products: null,
    accumulator: null,
    order: null,
    fma: null,
    subnormals: null,
    zeros: null,
    invariant: null,
    digest: null,
    evidence: [],
    reasons: { all: reason },
    milliseconds: Math.round(milliseconds),
  };
}
