import type { Law } from "./law.ts";

/**
 * Agreement with the reference: each output element lies within its own bound, and is equal where arithmetic is exact.
 */
export const agreement: Law = {
  name: "agreement",
  statement:
    "|y[n,k,o] − (b[k] + Σ_c Σ_r x[n, c, o·stride − pad + r·dilation] · w[k,c,r])| ≤ bound, and likewise " +
    "for dX, dW and dB",
  source: "ONNX operator Conv; docs/bounds.md",
  passes: ["forward", "backwardData", "backwardWeights"],
  runs: ({ problem }) => [problem],
  anySize: true,
  computesOnce: true,
  anyType: true,
  async check(tools, convCase) {
    const operands = await tools.operandsOfAnySize(convCase);
    const computed = await tools.compute(convCase.problem, convCase.pass, operands);
    return tools.verdictOfAnySize(convCase, operands, computed);
  },
};
