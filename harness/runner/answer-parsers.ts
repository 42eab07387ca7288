/** The parsers of what an implementation's process answers, verb by verb. */
import { PROBLEM_TYPE_NAMES } from "../../core/element-types.ts";
import type { Algorithm } from "../../core/plugin.ts";
import { POST_KINDS } from "../../core/posts.ts";
import { PASSES } from "../../core/problem.ts";
import type {
  Answers,
  BlockRange,
  CallAnswer,
  CallsEnd,
  CallSteps,
  ImplDescription,
  Reply,
  SampleResult,
  SetState,
  Touched,
  Verb,
} from "./messages.ts";
import { nameFault } from "./implementation-name.ts";
import {
  type Parser,
  amount,
  boolean,
  count,
  fields,
  itemsOf,
  list,
  longText,
  oneOf,
  orNull,
  present,
  text,
  wrong,
} from "./parsing.ts";
import { CHOICES, isAlgorithm, unsupportedBound } from "./plugin-check.ts";
import { VERBS } from "./verbs.ts";

/** More than any plugin file or batch has. */
const MOST = {
  downloads: 100,
  fields: 100,
  impls: 1000,
  touched: 50,
  samples: 2 ** 20,
  scripts: 10_000,
  ranges: 2 ** 20,
};
/** A little more than an error's text has when it is sent. */
const LONGEST_ERROR = 2001;

const algorithm: Parser<Algorithm> = (value, field) => {
  if (!isAlgorithm(value)) return wrong(field, value, "direct, gemm, fft or winograd(m,r)");
  return unsupportedBound(value) === undefined ? value : wrong(field, value, "an algorithm that has a bound");
};
const name: Parser<string> = (value, field) =>
  typeof value === "string" && nameFault(value) === undefined ? value : wrong(field, value, "a name");
const touched: Parser<Touched> = list(text, MOST.touched);
const nothing: Parser<Record<string, never>> = (value, field) => {
  fields({})(value, field);
  return {};
};

const optional = present({
  description: text,
  version: text,
  source: text,
  device: oneOf(CHOICES.device),
  types: list(oneOf(PROBLEM_TYPE_NAMES), PROBLEM_TYPE_NAMES.length),
  posts: list(oneOf(POST_KINDS), POST_KINDS.length),
  accumulator: oneOf(CHOICES.accumulator),
  software: text,
  unavailable: text,
  unknownFields: list(text, MOST.fields),
});
const described = fields({
  name,
  algorithm: (value: unknown, field: string) => (value === "per problem" ? value : algorithm(value, field)),
  precision: oneOf(CHOICES.precision),
  arithmetic: oneOf(CHOICES.arithmetic),
  passes: list(oneOf(PASSES), PASSES.length),
});
const description: Parser<ImplDescription> = (value, field) => ({
  ...described(value, field),
  ...optional(value, field),
});

/** Either says why the problem is not done, or what the plan is. */
function unlessUnsupported<T>(planned: Parser<T>): Parser<T | { readonly unsupported: string }> {
  return (value, field) =>
    typeof value === "object" && value !== null && "unsupported" in value
      ? fields({ unsupported: text })(value, field)
      : planned(value, field);
}

const setState: Parser<SetState> = fields({ set: count(), change: orNull(count()) });
const callSteps: Parser<CallSteps> = fields({ loadMs: amount, runMs: amount, readMs: amount });
const steps = list(callSteps, MOST.samples);
const MOVING = { copies: steps, empties: steps, grainMs: amount };

const sampled = fields({
  firstCallMs: orNull(amount),
  samplesMs: list(amount, MOST.samples),
  callsPerSample: count(1),
  warmUpCalls: count(),
  loaded: setState,
  checked: setState,
  fresh: orNull(callSteps),
  staysLoaded: boolean,
  loadMs: orNull(amount),
  deviceMs: orNull(amount),
  elapsedMs: amount,
});
const beside = present({ besideMs: amount, roundTripMs: amount });
const sample: Parser<SampleResult> = (value, field) => ({ ...sampled(value, field), ...beside(value, field) });

const range: Parser<BlockRange> = (value, field) => {
  const [start, end, hasRun] = itemsOf(value, field);
  return [count()(start, field), count()(end, field), boolean(hasRun, field)];
};

const PARSERS: { readonly [V in Verb]: Parser<Answers[V]> } = {
  describe: fields({ impls: list(description, MOST.impls) }),
  open: unlessUnsupported(fields({ planMs: amount, algorithm, workspaceBytes: orNull(amount), choice: orNull(text) })),
  "open-layer": unlessUnsupported(
    fields({
      planMs: amount,
      workspaceBytes: orNull(amount),
      layerOf: oneOf(["implementation", "plain-typescript"]),
    }),
  ),
  "open-model": unlessUnsupported(
    fields({
      planMs: amount,
      workspaceBytes: orNull(amount),
      choice: orNull(text),
      downloads: orNull(list(text, MOST.downloads)),
    }),
  ),
  "open-sequence": nothing,
  store: nothing,
  load: fields({ loadMs: amount }),
  run: fields({ runMs: amount }),
  sample,
  read: fields({ touched }),
  fresh: fields({ calls: steps, ...MOVING }),
  "fresh-outputs": fields({ touched }),
  copy: fields(MOVING),
  repeat: fields({ touched, calls: count(1) }),
  settle: fields({ touched }),
  close: nothing,
  "start-coverage": nothing,
  "take-coverage": fields({
    scripts: list(fields({ url: longText(10_000), ranges: list(range, MOST.ranges) }), MOST.scripts),
  }),
};

/** What came back for a request with a verb, as far as it is what was asked for. */
export function replyParser<V extends Verb>(
  verb: V,
): Parser<{ readonly kind: "answer"; readonly answer: Answers[V] } | Extract<Reply, { readonly kind: "threw" }>> {
  return (value, field) => {
    if (kindOf(value) === "threw")
      return { kind: "threw", ...fields({ error: longText(LONGEST_ERROR) })(value, field) };
    if (kindOf(value) !== "answer") return wrong("kind", kindOf(value), "an answer");
    const answer: unknown = Reflect.get(Object(value), "answer");
    return { kind: "answer", answer: PARSERS[verb](answer, "the answer") };
  };
}

/** What came back for one of many calls. */
export const callAnswer: Parser<CallAnswer> = (value, field) => {
  switch (kindOf(value)) {
    case "computed":
      return { kind: "computed", ...fields({ algorithm, runMs: amount, touched })(value, field) };
    case "unsupported":
      return { kind: "unsupported", ...fields({ reason: text })(value, field) };
    case "threw": {
      const threw = fields({ step: oneOf(VERBS), error: longText(LONGEST_ERROR), runMs: orNull(amount) });
      return { kind: "threw", ...threw(value, field) };
    }
    case "not-run":
      return { kind: "not-run" };
    default:
      return wrong("kind", kindOf(value), "how a call ended");
  }
};

/** What came after the last of so many calls. */
export function callsEnd(calls: number): Parser<CallsEnd> {
  const late: Parser<readonly [number, Touched]> = (value, field) => {
    const [call, what] = itemsOf(value, field);
    return [count(0, calls - 1)(call, field), touched(what, field)];
  };
  return fields({ touched: list(late, calls) });
}

function kindOf(value: unknown): unknown {
  return typeof value === "object" && value !== null ? Reflect.get(value, "kind") : undefined;
}
