import type { Accumulator, Arithmetic, ElementArray, Precision, ProblemType } from "./element-types.ts";
import type { ModelGraph } from "./model.ts";
import type { NetworkLayer } from "./network.ts";
import type { PostKind } from "./posts.ts";
import type { ConvProblem, Pass } from "./problem.ts";
import type { LayerParameter, LayerTensors, Tensors } from "./tensors.ts";

export type { Accumulator, Arithmetic, ElementArray, Precision, ProblemType } from "./element-types.ts";
export type { LayerParameter, LayerTensorName, LayerTensors, TensorName, Tensors } from "./tensors.ts";

/** Which error bound a result is held to. `winograd(m,r)` names the tile F(m, r). */
export type Algorithm = "direct" | "gemm" | "fft" | `winograd(${number},${number})`;

export interface PlanOptions {
  /** How many threads the plan may use. */
  readonly threads: number;
}

/** What a function gets beside its arguments, of a problem with fused operations. */
export interface CallOptions<Of extends ElementArray = Float32Array> extends PlanOptions {
  /** What `add` adds in the forward pass; of the output's shape. */
  readonly residual?: Of;
  /** The output, for the gradients: they take the operations' slopes from it. */
  readonly y?: Of;
}

/** A prepared convolution: packing, compilation and upload are done; `run` is what is timed. */
export interface Plan<Of extends ElementArray = Float32Array> {
  /**
   * Takes the operands (untimed). May be called again with others; they stay as they are until the next load or
   * dispose. `changed` names those that are not what they were at the last load: weights that are not among them need
   * no packing again. What new data need is part of `run`: a call that loads new data and the old weights is timed too.
   */
  load(operands: Tensors<Of>, changed?: readonly string[]): void | Promise<void>;
  /** Computes the pass (timed, repeatable); returns when the result is finished on the device. */
  run(): void | Promise<void>;
  /** Fills { y }, { dx } or { dWeights, dBias } (untimed). */
  read(outputs: Tensors<Of>): void | Promise<void>;
  readonly workspaceBytes?: number;
  /** What the plan chose, where the implementation has several ways to compute: recorded beside its time. */
  readonly choice?: string;
  /**
   * The last run's time in milliseconds by the device's own clock, such as a GPU's timestamps: recorded beside the wall
   * time.
   */
  deviceMs?(): number | undefined | Promise<number | undefined>;
  dispose?(): void | Promise<void>;
}

/**
 * The layers of a network that a plugin may have besides convolution. A fully connected layer is a convolution whose
 * kernel is its whole input.
 */
export type LayerKind = Exclude<NetworkLayer["kind"], "convolution" | "fully-connected" | "flatten" | "dropout">;

/**
 * A layer other than convolution, in its inference form: its kind with the attributes of that kind (`kernel`, `stride`,
 * `epsilon`, …, defined by NetworkLayer in core/network.ts), and the shapes of its tensors, N C spatial… or N F.
 */
export type LayerProblem<Kind extends LayerKind = LayerKind> = NetworkLayer & {
  readonly kind: Kind;
  readonly batch: number;
  /** Of every input; all kinds but concatenation and addition have one. */
  readonly inputs: readonly (readonly number[])[];
  readonly output: readonly number[];
  /** By name: `weights`, `bias`, `scale`, `shift`, `mean`, `variance`; empty for a layer without parameters. */
  readonly parameters: Readonly<Partial<Record<LayerParameter, readonly number[]>>>;
};

/** A prepared layer, as {@link Plan} is a prepared convolution. */
export interface LayerPlan {
  load(operands: LayerTensors, changed?: readonly string[]): void | Promise<void>;
  run(): void | Promise<void>;
  read(outputs: LayerTensors): void | Promise<void>;
  readonly workspaceBytes?: number;
  dispose?(): void | Promise<void>;
}

/** A kind of layer with set-up work. */
export interface PlanLayer<Kind extends LayerKind = LayerKind> {
  plan(problem: LayerProblem<Kind>, pass: Pass, options: PlanOptions): LayerPlan | Promise<LayerPlan>;
  /** Why it does not do this layer in this pass, or undefined when it does. */
  unsupported?(problem: LayerProblem<Kind>, pass: Pass): string | undefined;
}

type LayerFunction<Kind extends LayerKind> = (
  problem: LayerProblem<Kind>,
  operands: LayerTensors,
  outputs: LayerTensors,
) => void | Promise<void>;

/** A kind of layer as plain functions, one for each pass that it has. */
export interface FunctionLayer<Kind extends LayerKind = LayerKind> {
  readonly forward?: LayerFunction<Kind>;
  readonly backwardData?: LayerFunction<Kind>;
  readonly backwardWeights?: LayerFunction<Kind>;
  unsupported?(problem: LayerProblem<Kind>, pass: Pass): string | undefined;
}

/**
 * A plugin's own layers by kind. A kind that is missing is computed by plain TypeScript in the plugin's process, and
 * marked.
 */
export type Layers = { readonly [Kind in LayerKind]?: PlanLayer<Kind> | FunctionLayer<Kind> };

/** A whole model as a plugin gets it: take whichever of the two your library loads. */
export interface Model {
  /** The ONNX file's bytes. */
  readonly file: ArrayBuffer;
  /** What the file says, as operations with their constants: core/model.ts. */
  readonly graph: ModelGraph;
}

/**
 * A whole model that is ready to run: its weights are packed or uploaded. `load` gets the inputs `x0`, `x1`, …, `read`
 * fills the outputs `y0`, `y1`, …, in the order of the graph's; of a plugin whose
 * `layout` is `"nhwc"` those of four and five axes are channels last.
 */
export interface ModelPlan extends LayerPlan {
  /**
   * The files of installed packages that a web page has to fetch for it besides the model, such as
   * `"my-lib/dist/kernels.wasm"`.
   */
  readonly downloads?: readonly string[];
}

export type OpenedModel = ModelPlan | { readonly unsupported: string };

interface ImplBase {
  /** kebab-case, unique; a variant (another API path to the same library) follows a colon: `tfjs-wasm:same`. */
  readonly name: string;
  readonly description?: string;
  readonly version?: string;
  /** The paper or URL that the implementation follows. */
  readonly source?: string;
  /** `"direct"` when left out. */
  readonly algorithm?: Algorithm | ((problem: ConvProblem, pass: Pass) => Algorithm);
  readonly precision?: Precision;
  /**
   * The types of problems that it computes, `["f32"]` when left out. Arrays are Float32Array, Float64Array, Float16Array,
   * Int32Array, Int8Array and Uint8Array, those of bf16 its bits in a Uint16Array.
   */
  readonly types?: readonly ProblemType[];
  /** The fused operations that it does; none when left out. */
  readonly posts?: readonly PostKind[];
  /** What sums of f16 and bf16 are added in, `"f32"` when left out. */
  readonly accumulator?: Accumulator;
  readonly arithmetic?: Arithmetic;
  /**
   * Where it computes, `"cpu"` when left out: a rate above what the processor can do voids the time of a CPU's
   * implementation.
   */
  readonly device?: "cpu" | "gpu";
  /**
   * The software driver that it computes on in place of a GPU, such as SwiftShader; undefined on a GPU. Its times are
   * marked.
   */
  software?(): string | undefined | Promise<string | undefined>;
  /**
   * `"nchw"` when left out. With `"nhwc"` the harness converts, untimed: data N spatial… C, weights and dWeights
   * spatial… C/G K.
   */
  readonly layout?: "nchw" | "nhwc";
  /** Its own layers other than convolution, for whole networks. */
  readonly layers?: Layers;
  /** Makes a whole model ready, the way that the library's users do, or says what of it the library does not offer. */
  model?(model: Model, options: PlanOptions): OpenedModel | Promise<OpenedModel>;
  /** Why this machine cannot run it, or undefined when it can. */
  unavailable?(): string | undefined | Promise<string | undefined>;
  /** Why it does not do this problem, or undefined when it does. */
  unsupported?(problem: ConvProblem, pass: Pass): string | undefined;
}

/** An implementation as plain functions that fill the outputs they are given, with at most `options.threads` threads. */
export interface FunctionImpl<Of extends ElementArray = Float32Array> extends ImplBase {
  forward(
    problem: ConvProblem,
    x: Of,
    weights: Of,
    bias: Of | undefined,
    y: Of,
    options?: CallOptions<Of>,
  ): void | Promise<void>;
  backwardData?(problem: ConvProblem, dy: Of, weights: Of, dx: Of, options?: CallOptions<Of>): void | Promise<void>;
  backwardWeights?(
    problem: ConvProblem,
    x: Of,
    dy: Of,
    dWeights: Of,
    dBias: Of | undefined,
    options?: CallOptions<Of>,
  ): void | Promise<void>;
}

/** An implementation with set-up work, which `plan` does outside the timed `run`. */
export interface PlanImpl<Of extends ElementArray = Float32Array> extends ImplBase {
  plan(problem: ConvProblem, pass: Pass, options: PlanOptions): Plan<Of> | Promise<Plan<Of>>;
}

export type Impl = FunctionImpl | PlanImpl;

/** An implementation whose arrays are of other types than float32. */
export type TypedImpl = FunctionImpl<ElementArray> | PlanImpl<ElementArray>;

/** Adds the types to a plugin's default export, nothing else. */
export function defineImpl<const T extends Impl>(impl: T): T;
export function defineImpl<const T extends TypedImpl>(impl: T): T;
export function defineImpl<const T extends Impl | TypedImpl>(impl: T): T {
  return impl;
}
