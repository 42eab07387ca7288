import { Type } from "typebox";
import { count, margin, pass, real, status } from "./common.ts";
import { amount, closed, part, text } from "./part.ts";

export const failure = part(
  "failure",
  closed(
    "Failure",
    "What a failed check found and all that is needed to see it again. Without a wrong element (a crash, say) " +
      "the element's fields are absent.",
    {
      descriptor: text("Problem descriptor", "benchdnn's syntax."),
      seed: Type.Integer({ title: "Seed of the data" }),
      data: text("Kind of data"),
      tensor: Type.Optional(
        text(
          "Output",
          "`y`, `dx`, `dWeights` or `dBias`; layers other than convolutions also have `dx0`, `dx1`, …, `dScale` " +
            "and `dShift`.",
        ),
      ),
      index: Type.Optional(
        Type.Array(count.ref(), {
          title: "Index of the worst element",
          description: "Row-major multi-index in the output.",
        }),
      ),
      got: Type.Optional(real.ref({ title: "Got" })),
      expected: Type.Optional(real.ref({ title: "Expected", description: "By the float64 reference." })),
      bound: Type.Optional(real.ref({ title: "Bound", description: "On the absolute error of this element." })),
      message: text("What failed", "One sentence."),
      mistake: Type.Optional(
        text("Likely mistake", "One sentence: a typical mistake that explains everything that was seen."),
      ),
      operands: Type.Optional(
        Type.Array(Type.String(), {
          title: "Operands",
          description: "Of a tiny problem, a line of text each: `weights = [2, -1]`.",
        }),
      ),
      cause: Type.Optional(
        text(
          "Cause",
          "One sentence: the conditions that fail together, how many cases that meet them were tried and failed, and " +
            "how many that miss one and held.",
        ),
      ),
      picture: Type.Optional(
        Type.Array(Type.String(), {
          title: "Picture",
          description:
            "Rows of text: a caption, then the plane of the output that holds the worst element, wrong ones marked.",
        }),
      ),
      pattern: Type.Optional(
        text("Pattern", "One sentence: how many elements are wrong, and along which axes they lie together."),
      ),
      foundAfterCases: Type.Optional(
        count.ref({ title: "Cases until found", description: "Of this implementation, the failing one included." }),
      ),
      foundAfterMs: Type.Optional(
        amount("Time until found", "Milliseconds since the checking of this implementation began."),
      ),
      foundBy: Type.Optional(text("Found by", "The source of the first case that failed.")),
      rerun: text("Rerun command", "Shows the failure again."),
    },
  ),
);

export const check = part(
  "check",
  closed("Check", "What one law found for one implementation and pass.", {
    impl: text("Implementation"),
    law: text("Law"),
    pass: pass.ref(),
    type: Type.Optional(text("Type", "Of the tensors, by benchdnn's names; `f32` when left out.")),
    post: Type.Optional(text("Fused operations", "In order, as `--post` has them; none when left out.")),
    status: status.ref(),
    reason: Type.Optional(text("Reason", "Why the status is not `passed`.")),
    cases: count.ref({ title: "Cases", description: "How many were checked." }),
    problems: Type.Optional(count.ref({ title: "Problems", description: "Distinct problems among the cases." })),
    multiplyAdds: Type.Optional(amount("Multiply-adds", "Multiply-adds of all cases together.")),
    leftOut: Type.Optional(
      Type.Array(Type.String(), {
        title: "Left out",
        description: "Problems that were not checked for lack of time; of many, the first hundred.",
      }),
    ),
    leftOutCount: Type.Optional(
      count.ref({ title: "Number left out", description: "How many were left out, where `leftOut` names only some." }),
    ),
    coverage: Type.Optional(
      closed(
        "Coverage",
        "How many pairs and triples of the classes of a problem's factors the cases had that were checked, of those " +
          "that the implementation does.",
        {
          pairs: count.ref({ title: "Pairs met" }),
          pairsTotal: count.ref({ title: "Pairs" }),
          triples: count.ref({ title: "Triples met" }),
          triplesTotal: count.ref({ title: "Triples" }),
        },
      ),
    ),
    fieldLayers: Type.Optional(
      closed(
        "Layers of the field",
        "Layers of networks that people run, of those that the implementation was asked for.",
        {
          supported: count.ref({ title: "Supported" }),
          asked: count.ref({ title: "Asked for" }),
        },
      ),
    ),
    fewerImages: Type.Optional(
      Type.Array(Type.String(), {
        title: "Fewer images",
        description:
          "Large problems of which some images of the batch were checked, for lack of time or memory: `name (2 " +
          "of 256)`; of many, the first hundred.",
      }),
    ),
    margin: margin.ref(),
    failure: Type.Optional(failure.ref()),
    moreFailures: Type.Optional(
      Type.Array(failure.ref(), {
        title: "More failures",
        description: "Of merged runs: the other distinct counterexamples, smallest first.",
      }),
    ),
    roundingRatio: Type.Optional(
      amount(
        "Rounding ratio",
        "Root-mean-square error on real data ÷ the probabilistic bound (Higham and Mary 2019): at most about 1 " +
          "for independent roundings.",
      ),
    ),
  }),
);
