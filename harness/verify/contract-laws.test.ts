import { expect, test } from "vitest";
import { InProcessChannel } from "../runner/in-process.ts";
import { parseDescriptor } from "../../core/descriptor.ts";
import type { FunctionImpl, Impl, Plan, Tensors } from "../../core/plugin.ts";
import { PASSES, type ConvProblem, type Pass } from "../../core/problem.ts";
import { check } from "./check.ts";
import { Runner } from "./runner.ts";
import fft from "../../impls/fft/index.ts";
import im2colGemm from "../../impls/im2col-gemm/index.ts";
import naive from "../../impls/naive.ts";
import { contractManyCalls } from "../../suites/laws/contract-many-calls.ts";
import { CONTRACT_LAWS } from "../../suites/laws/index.ts";
import type { ConvCase, Law } from "../../suites/laws/law.ts";
import { multiplyAdds } from "../../core/shape.ts";

const PROBLEMS = ["mb2ic3ih6oc4kh3ph1", "g2mb1ic4ih5oc6kh2sh2", "mb1ic8ih7iw3oc8kh1kw3dw1pw1"].map(
  (text) => parseDescriptor(text).problem,
);

/** What the law says that it runs. */
function costOf(law: Law, convCase: ConvCase): number {
  return law.runs(convCase).reduce((sum, problem) => sum + multiplyAdds(problem), 0);
}

/** The messages of a law's faults over some problems, data and passes; none where it holds. */
async function faultsOf(law: Law, impl: Impl): Promise<readonly string[]> {
  const algorithm = typeof impl.algorithm === "function" ? "per problem" : (impl.algorithm ?? "direct");
  const description = { name: impl.name, algorithm, precision: "float32", arithmetic: "ieee", passes: PASSES } as const;
  const runner = new Runner(description, 1, () => new InProcessChannel("", [impl]));
  const faults: string[] = [];
  for (const problem of PROBLEMS) {
    for (const pass of PASSES) {
      for (const data of ["dense-exact", "real"] as const) {
        const outcome = await check(runner, law, { problem, pass, data, seed: 5 }, { limitMs: Infinity });
        if (outcome.kind === "failed") faults.push(outcome.fault.message);
        // Repeated calls are fewer where they take long.
        else if (outcome.kind === "passed" && law === contractManyCalls)
          expect(outcome.cost.multiplyAdds).toBeLessThanOrEqual(costOf(law, outcome.convCase));
        else if (outcome.kind === "passed") expect(outcome.cost.multiplyAdds).toBe(costOf(law, outcome.convCase));
        else expect(outcome.kind).toBe("inapplicable");
      }
    }
  }
  return faults;
}

test.each(CONTRACT_LAWS.flatMap((law) => [naive, im2colGemm, fft].map((impl) => ({ law, impl }))))(
  "$law.name holds for $impl.name",
  async ({ law, impl }) => {
    expect(await faultsOf(law, impl)).toEqual([]);
  },
);

/** The first operand, the second and the first output of a call. */
type Arrays = readonly [first: Float32Array, second: Float32Array, out: Float32Array];

/** Something done around the right computation, in all passes. */
function around(name: string, act: (compute: () => void, arrays: Arrays, problem: ConvProblem) => void): FunctionImpl {
  return {
    name,
    forward: (p, x, w, b, y) => act(() => naive.forward(p, x, w, b, y), [x, w, y], p),
    backwardData: (p, dy, w, dx) => act(() => naive.backwardData(p, dy, w, dx), [dy, w, dx], p),
    backwardWeights: (p, x, dy, dw, db) => act(() => naive.backwardWeights(p, x, dy, dw, db), [x, dy, dw], p),
  };
}

/** Plans that share what should be each one's own. */
function sharingPlans(name: string): Impl {
  const shared: { operands: Tensors } = { operands: {} };
  const plan = (problem: ConvProblem, pass: Pass): Plan => ({
    load: (operands) => {
      shared.operands = operands;
    },
    run: () => {},
    read: ({ y, dx, dWeights, dBias }) => {
      const { x, dy, weights, bias } = shared.operands;
      if (pass === "forward") naive.forward(problem, x!, weights!, bias, y!);
      else if (pass === "backwardData") naive.backwardData(problem, dy!, weights!, dx!);
      else naive.backwardWeights(problem, x!, dy!, dWeights!, dBias);
    },
  });
  return { name, plan };
}

/** Plans that keep what they made of the weights, or of dy, for each array. */
function packingPlans(name: string): Impl {
  const packed = new WeakMap<Float32Array, Float32Array>();
  const pack = (array: Float32Array | undefined): Float32Array => {
    const known = packed.get(array!) ?? array!.slice();
    packed.set(array!, known);
    return known;
  };
  const plan = (problem: ConvProblem, pass: Pass): Plan => {
    let given: Tensors = {};
    return {
      load: (operands) => {
        given = pass === "backwardWeights" ? { ...operands, dy: pack(operands.dy) } : operands;
        if (pass !== "backwardWeights") given = { ...operands, weights: pack(operands.weights) };
      },
      run: () => {},
      read: ({ y, dx, dWeights, dBias }) => {
        const { x, dy, weights, bias } = given;
        if (pass === "forward") naive.forward(problem, x!, weights!, bias, y!);
        else if (pass === "backwardData") naive.backwardData(problem, dy!, weights!, dx!);
        else naive.backwardWeights(problem, x!, dy!, dWeights!, dBias);
      },
    };
  };
  return { name, plan };
}

const packedOf = new WeakMap<Float32Array, Float32Array>();

const kept: { out: Float32Array; calls: number; scratch: Float32Array } = {
  out: new Float32Array(1),
  calls: 0,
  scratch: new Float32Array(0),
};

const FAULTY: readonly { readonly law: string; readonly impl: Impl; readonly says: RegExp }[] = [
  {
    law: "contract-overwrites",
    impl: around("leaves the last element", (compute, [, , out]) => {
      const before = out.at(-1)!;
      compute();
      out[out.length - 1] = before;
    }),
    says: /^after outputs full of NaN: .* was never written/,
  },
  {
    law: "contract-overwrites",
    impl: around("adds to what looks like a result", (compute, [, , out]) => {
      const before = out.map((value) => (Math.abs(value) < 1e20 ? value : 0));
      compute();
      before.forEach((value, i) => (out[i]! += value));
    }),
    says: /^after outputs that held a result: /,
  },
  {
    law: "contract-repeatable",
    impl: around("wrong on the tenth call", (compute, [, , out]) => {
      compute();
      if (++kept.calls % 10 === 0) out[0]! += 1;
    }),
    says: /by (call 10|a call after|a new plan)/,
  },
  {
    law: "contract-many-calls",
    impl: around("wrong on every 300th call", (compute, [, , out]) => {
      compute();
      if (++kept.calls % 300 === 0) out[0]! += 1;
    }),
    says: /by call \d+/,
  },
  {
    law: "contract-reused-arrays",
    impl: packingPlans("packs an array once"),
    says: /^after other contents of the same arrays: /,
  },
  {
    law: "contract-reused-arrays",
    impl: {
      ...naive,
      name: "packs the weights of an array once",
      forward: (p, x, w, b, y) => {
        const packed = packedOf.get(w) ?? w.slice();
        packedOf.set(w, packed);
        naive.forward(p, x, packed, b, y);
      },
    },
    says: /^after other contents of the same arrays: /,
  },
  { law: "contract-two-plans", impl: sharingPlans("plans share operands"), says: /^after another plan's run: / },
  {
    law: "contract-no-residue",
    impl: around("scratch is cleared only when it grows", (compute, [, , out]) => {
      compute();
      const grows = out.length > kept.scratch.length;
      if (!grows) out[0]! += kept.scratch[0]!;
      if (grows) kept.scratch = new Float32Array(out.length).fill(1);
    }),
    says: /^after (a larger|the same) problem/,
  },
  {
    law: "contract-operands",
    impl: around("scales an operand and forgets", (compute, [, second]) => {
      compute();
      second[0]! *= 2;
    }),
    says: /changed its operand (weights|dy)/,
  },
  {
    law: "contract-no-late-writes",
    impl: around("finishes later", (compute, [, , out]) => {
      compute();
      setTimeout(() => (out[0]! += 1), 3);
    }),
    says: /wrote into its output \w+ after it was read/,
  },
  {
    law: "contract-no-late-writes",
    impl: around("clears what it returned before", (compute, [, , out]) => {
      kept.out.fill(0);
      compute();
      kept.out = out;
    }),
    says: /wrote into its output \w+ after it was read/,
  },
];

test.each(FAULTY)("$law catches: $impl.name", async ({ law, impl, says }) => {
  const faults = await faultsOf(
    CONTRACT_LAWS.find(({ name }) => name === law)!,
    impl,
  );
  expect(faults).toContainEqual(expect.stringMatching(says) as unknown);
});
