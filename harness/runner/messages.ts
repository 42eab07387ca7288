/** The requests that the harness sends to an implementation, and the answers to them. */
import type { Accumulator, Algorithm, Arithmetic, LayerProblem, Precision, ProblemType } from "../../core/plugin.ts";
import type { ModelGraph } from "../../core/model.ts";
import type { PostKind } from "../../core/posts.ts";
import type { ConvProblem, Pass } from "../../core/problem.ts";
import type { LayerOf } from "../../core/record.ts";
import type { AnyTensorName, Poison } from "../../core/tensors.ts";

/** What a plugin says of itself, as plain data: functions stay in the implementation's process. */
export interface ImplDescription {
  readonly name: string;
  readonly description?: string;
  readonly version?: string;
  readonly source?: string;
  /** `"per problem"` where the plugin gives a function. */
  readonly algorithm: Algorithm | "per problem";
  readonly precision: Precision;
  /** `["f32"]` when left out. */
  readonly types?: readonly ProblemType[];
  /** None when left out. */
  readonly posts?: readonly PostKind[];
  /** `"f32"` when left out. */
  readonly accumulator?: Accumulator;
  readonly arithmetic: Arithmetic;
  /** `"cpu"` when left out. */
  readonly device?: "cpu" | "gpu";
  /** The software driver that it computes on in place of a GPU. */
  readonly software?: string;
  /** The passes it has functions for; a plan plugin is asked problem by problem. */
  readonly passes: readonly Pass[];
  /** Why this machine cannot run it. */
  readonly unavailable?: string;
  /** Names of fields that the contract does not know. */
  readonly unknownFields?: readonly string[];
}

/**
 * What the harness asks of an implementation's process. `plan` is a number that the harness chose at `open`; `set` one
 * that it chose for a set of operands at `store`, which keeps the tensors of the frame and takes what is missing there
 * from the set `base`.
 */
export type Request =
  | { readonly verb: "describe" }
  | {
      readonly verb: "open";
      readonly plan: number;
      readonly impl: string;
      readonly problem: ConvProblem;
      readonly pass: Pass;
      readonly threads: number;
    }
  | {
      readonly verb: "open-layer";
      readonly plan: number;
      readonly impl: string;
      readonly problem: LayerProblem;
      readonly pass: Pass;
      readonly threads: number;
    }
  /** The constants' elements and the file's bytes come as tensors: see open-model.ts. */
  | {
      readonly verb: "open-model";
      readonly plan: number;
      readonly impl: string;
      readonly model: SentModel;
      readonly threads: number;
    }
  /** A plan that runs others, which are open, in this order; it can be sampled and closed. */
  | { readonly verb: "open-sequence"; readonly plan: number; readonly plans: readonly number[] }
  | {
      readonly verb: "store";
      readonly plan: number;
      readonly set: number;
      readonly base?: number;
      /** New contents for the arrays that the set has already, in place of arrays of their own. */
      readonly isInPlace?: true;
    }
  | { readonly verb: "load"; readonly plan: number; readonly set: number; readonly poison: Poison }
  | { readonly verb: "run"; readonly plan: number }
  | { readonly verb: "sample"; readonly plan: number; readonly settings: SampleSettings }
  /** What the sampled call kept, otherwise what the last call gave. */
  | { readonly verb: "read"; readonly plan: number; readonly poison: Poison }
  /** Calls from operands that the plan never had to outputs in hand; the outputs of all are kept. */
  | { readonly verb: "fresh"; readonly plan: number; readonly settings: FreshSettings }
  /** The outputs of one of the last fresh calls. */
  | { readonly verb: "fresh-outputs"; readonly plan: number; readonly call: number }
  /** How long moving a set of operands and the outputs takes in this process. */
  | { readonly verb: "copy"; readonly plan: number; readonly set: number }
  /** Runs and reads, until a result differs from the first, at most this often and about this long. */
  | {
      readonly verb: "repeat";
      readonly plan: number;
      readonly poison: Poison;
      readonly times: number;
      readonly mostMs: number;
    }
  | { readonly verb: "settle"; readonly plan: number }
  | { readonly verb: "close"; readonly plan: number }
  /** From here on the blocks are counted that run of what is loaded later: for a process that nobody times. */
  | { readonly verb: "start-coverage" }
  | { readonly verb: "take-coverage" };

/** A whole model as it travels: the graph without its constants' elements, and the file's length in bytes. */
export interface SentModel {
  readonly graph: Omit<ModelGraph, "constants"> & { readonly constants: ModelGraph["inputs"] };
  readonly fileBytes: number;
}

export type Verb = Request["verb"];

/** One interleaved batch: the samples that one plan gives before the next implementation has its turn. */
export interface SampleSettings {
  /** How long the counted samples take together; the batch ends when this and `minSamples` are both met. */
  readonly timeMs: number;
  readonly minSamples: number;
  /** How long a plan may warm up before samples count. */
  readonly warmUpMs: number;
  /**
   * Stored operands to take turns with, so that a result that was kept is of no use: the first call of a plan has the
   * first of them, the last call the last.
   */
  readonly sets: readonly number[];
  /** What of the operands changes between calls; nothing of a sequence of plans. */
  readonly changing?: Changing;
  /** Before every counted call this much memory is written, and every sample is one call: its data are in no cache. */
  readonly evictBytes?: number;
  /**
   * The first call after a load is no sample, however long it is, and no sample follows a load: it is the first of many
   * plans, each of which may pack or compile.
   */
  readonly isFirstCallApart?: boolean;
}

/**
 * How operands change in place, so that a result that was kept for an array, its shape, some of its values or all of
 * them is wrong. Numbers name changes (see operand-changes.ts); they come from outside the implementation's process.
 */
export interface Changing {
  readonly operand: AnyTensorName;
  /** Draws the changes that nobody checks, and which call is checked. */
  readonly seed: number;
  /** The change of the operands that a plan has first. */
  readonly first: number;
  /** That of the sample that is checked. */
  readonly sampled: number;
  /** That of a fresh call among the samples, which is checked in its place. */
  readonly fresh: number;
}

/** Fresh calls: the steps of each are timed. */
export interface FreshSettings {
  readonly set: number;
  readonly operand: AnyTensorName;
  /** One a call: how the set's operands change, in arrays of their own for each call. */
  readonly changes: readonly number[];
  /** Before every call this much memory is written: its data are in no cache. */
  readonly evictBytes?: number;
}

/** Milliseconds of the steps of one call from new operands to outputs in hand. */
export interface CallSteps {
  readonly loadMs: number;
  readonly runMs: number;
  readonly readMs: number;
}

/** What the steps of a call take that computes nothing. */
export interface MovingSteps {
  /** Of a plan that copies its operands and its outputs; none beside a plugin's function, which is handed the arrays. */
  readonly copies: readonly CallSteps[];
  /** Of a plan that does nothing. */
  readonly empties: readonly CallSteps[];
  /** The steps of the clock. */
  readonly grainMs: number;
}

/** Operands of a plan: which set, and the change that was made of it; null where nothing changes. */
export interface SetState {
  readonly set: number;
  readonly change: number | null;
}

export interface SampleResult {
  /** The very first call after planning, when this batch made it. */
  readonly firstCallMs: number | null;
  /** One per sample, in time order; a sample is the mean of `callsPerSample` calls. */
  readonly samplesMs: readonly number[];
  readonly callsPerSample: number;
  readonly warmUpCalls: number;
  /** The operands of the last call. */
  readonly loaded: SetState;
  /** The operands of the call whose outputs are read next: one of the samples. */
  readonly checked: SetState;
  /** Of long calls one of the samples is a fresh call. */
  readonly fresh: CallSteps | null;
  /** Whether the plan's next batch goes on with these operands, without a load. */
  readonly staysLoaded: boolean;
  /** Null where nothing was loaded. */
  readonly loadMs: number | null;
  /** Of the batch's last call, by the device's own clock, where there is one. */
  readonly deviceMs: number | null;
  /** What a call's way to another program and back takes, where one computes. */
  readonly roundTripMs?: number;
  /** By the child's clock, from the first call to the last; the parent compares it with its own. */
  readonly elapsedMs: number;
  /** What of that lies outside the samples: warm-up, loading, reading. Absent from an older child. */
  readonly besideMs?: number;
}

/** A stretch of a script's text, from `start` up to `end`, and whether it has run. */
export type BlockRange = readonly [start: number, end: number, hasRun: boolean];

/** What ran of a script of the plugin. Each range comes after those that it lies in, and says it better. */
export interface ScriptCoverage {
  readonly url: string;
  readonly ranges: readonly BlockRange[];
}

/** The successful answer to each verb. */
export interface Answers {
  readonly describe: { readonly impls: readonly ImplDescription[] };
  readonly open:
    | { readonly unsupported: string }
    | {
        readonly planMs: number;
        readonly algorithm: Algorithm;
        readonly workspaceBytes: number | null;
        readonly choice: string | null;
      };
  readonly "open-layer":
    | { readonly unsupported: string }
    | { readonly planMs: number; readonly workspaceBytes: number | null; readonly layerOf: LayerOf };
  readonly "open-model":
    | { readonly unsupported: string }
    | {
        readonly planMs: number;
        readonly workspaceBytes: number | null;
        readonly choice: string | null;
        /** Files of packages that a web page fetches; null where it says nothing. */
        readonly downloads: readonly string[] | null;
      };
  readonly "open-sequence": Record<string, never>;
  readonly store: Record<string, never>;
  readonly load: { readonly loadMs: number };
  readonly run: { readonly runMs: number };
  readonly sample: SampleResult;
  /** The outputs travel as tensors. */
  readonly read: { readonly touched: Touched };
  readonly fresh: MovingSteps & { readonly calls: readonly CallSteps[] };
  /** The outputs travel as tensors; `touched` as in `read`. */
  readonly "fresh-outputs": { readonly touched: Touched };
  readonly copy: MovingSteps;
  /** The outputs and `touched` of the last call; how many there were. */
  readonly repeat: { readonly touched: Touched; readonly calls: number };
  /** `touched` as in `read`, up to now. */
  readonly settle: { readonly touched: Touched };
  readonly close: Record<string, never>;
  readonly "start-coverage": Record<string, never>;
  /** Since the last time; nothing where the platform does not count, or the plugin has no script of its own. */
  readonly "take-coverage": { readonly scripts: readonly ScriptCoverage[] };
}

/** `threw` is an error that the plugin's own code threw or rejected with. */
export type Reply =
  { readonly kind: "answer"; readonly answer: Answers[Verb] } | { readonly kind: "threw"; readonly error: string };

/** One call of a plan of its own: the plan is opened, loaded, run, read and closed. */
export interface Call {
  readonly problem: ConvProblem;
  readonly pass: Pass;
  /** How many threads its plan may use. */
  readonly threads: number;
  readonly poison: Poison;
}

/**
 * Many calls in one request. The operands of all of them travel as one tensor, `x`: one after another, those of a call
 * in the order of `operandNames`. Each call is answered as soon as it ended, by a frame with its outputs; a last frame
 * tells of late writes.
 */
export interface CallsRequest {
  readonly verb: "calls";
  readonly impl: string;
  readonly calls: readonly Call[];
}

export type CallAnswer =
  | { readonly kind: "computed"; readonly algorithm: Algorithm; readonly runMs: number; readonly touched: Touched }
  | { readonly kind: "unsupported"; readonly reason: string }
  /** The plugin's own code threw or rejected at this step. `runMs` is null where it did not run to its end. */
  | { readonly kind: "threw"; readonly step: Verb; readonly error: string; readonly runMs: number | null }
  /** An earlier call left the process unusable. */
  | { readonly kind: "not-run" };

/** What was done to arrays that are not the implementation's to change, in words: `changed its operand x`. */
export type Touched = readonly string[];

/** What calls did after they were answered, up to the end of the last. */
export interface CallsEnd {
  readonly touched: readonly (readonly [call: number, touched: Touched])[];
}

/** A request or its reply. A reply bears the key of its request: another writer to the channel does not know it. */
export interface Envelope<Body> {
  readonly key: string;
  readonly body: Body;
}
