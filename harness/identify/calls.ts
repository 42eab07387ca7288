/** Calls of an implementation in its process, as the probes make them. */
import { float32Tensors } from "../../core/tensors.ts";
import type { Algorithm } from "../../core/plugin.ts";
import type { Pass } from "../../core/problem.ts";
import { poisonOf } from "../verify/bundle.ts";
import type { Runner } from "../verify/runner.ts";
import type { Compute } from "./box.ts";

/** Large layers of slow implementations, one call. */
const CALL_LIMIT_MS = 60_000;

/** Ends a problem's probes from deep inside. Thrown by `computeBy` alone, and caught by `answered` alone. */
class Unanswered extends Error {
  override readonly name = "Unanswered";
}

export type Answered<T> =
  { readonly kind: "answered"; readonly value: T } | { readonly kind: "unanswered"; readonly reason: string };

/** Makes probes, until a call has no result. */
export async function answered<T>(probe: () => Promise<T>): Promise<Answered<T>> {
  try {
    return { kind: "answered", value: await probe() };
  } catch (error) {
    if (error instanceof Unanswered) return { kind: "unanswered", reason: error.message };
    throw error;
  }
}

const OUTPUTS = { forward: "y", backwardData: "dx", backwardWeights: "dWeights" } as const;

/** `onAlgorithm` hears what the implementation declares of each problem. */
export function computeBy(
  runner: Runner,
  pass: Pass,
  threads: number,
  onAlgorithm?: (declared: Algorithm) => void,
): Compute {
  return async (problem, operands) => {
    const poison = poisonOf(runner.nextPlan());
    const [outcome] = await runner.makeCalls([{ problem, pass, threads, poison, operands }], CALL_LIMIT_MS);
    switch (outcome?.kind) {
      case "computed": {
        const output = float32Tensors(outcome.outputs)[OUTPUTS[pass]];
        onAlgorithm?.(outcome.algorithm);
        if (output === undefined) throw new Error(`a call of ${pass} gave no ${OUTPUTS[pass]}`);
        return output;
      }
      case "threw":
        throw new Unanswered(`${outcome.step} threw ${outcome.error}`);
      case "unsupported":
        throw new Unanswered(`unsupported: ${outcome.reason}`);
      case "crashed":
      case "timed-out":
      case "mistrusted":
        throw new Unanswered(`${outcome.kind}: ${outcome.reason}`);
      case "not-run":
      case undefined:
        throw new Unanswered("the call was not made");
    }
  };
}
