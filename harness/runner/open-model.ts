/** Whole models: how they travel to an implementation's process, and how they are opened there. */
import type { Impl, Model } from "../../core/plugin.ts";
import type { ModelGraph } from "../../core/model.ts";
import { elementCount } from "../../core/shape.ts";
import { float32Tensors, type AnyTensors } from "../../core/tensors.ts";
import type { SentModel } from "./messages.ts";
import { movedTensors } from "./moved-tensors.ts";
import { OpenPlan } from "./open-plan.ts";
import { copied, declinedBy } from "./planning.ts";
import { assertPlan } from "./plugin-check.ts";
import { adopt, type PluginRealm } from "./plugin-realm.ts";

/** A model in the form of a message, and the tensors that go with it: all constants after one another, and the file. */
export function sentModel(
  file: Uint8Array,
  graph: ModelGraph,
): { readonly model: SentModel; readonly tensors: AnyTensors } {
  const elements = new Float32Array(graph.constants.reduce((sum, { data }) => sum + data.length, 0));
  let at = 0;
  for (const { data } of graph.constants) {
    elements.set(data, at);
    at += data.length;
  }
  const words = new Float32Array(Math.ceil(file.length / Float32Array.BYTES_PER_ELEMENT));
  new Uint8Array(words.buffer).set(file);
  const constants = graph.constants.map(({ name, dims }) => ({ name, dims }));
  return { model: { graph: { ...graph, constants }, fileBytes: file.length }, tensors: { x0: elements, x1: words } };
}

/** A whole model that is open, and what a web page fetches for it. */
export interface OpenedModel {
  readonly plan: OpenPlan;
  readonly downloads: readonly string[] | null;
}

export async function openModel(
  impl: Impl,
  sent: SentModel,
  tensors: AnyTensors,
  threads: number,
  realm: PluginRealm,
): Promise<OpenedModel | { readonly unsupported: string }> {
  if (impl.model === undefined)
    return { unsupported: `whole models are not offered by ${impl.name}: it has no model()` };
  const { x0: elements = new Float32Array(0), x1: words = new Float32Array(0) } = float32Tensors(tensors);
  const plan = await impl.model(modelOf(sent, elements, words, realm), adopt({ threads }, realm));
  if ("unsupported" in plan) return { unsupported: declinedBy(plan) ?? "" };
  assertPlan(`${impl.name}, model`, plan);
  const { inputs, outputs } = sent.graph;
  const shapes = new Map<string, readonly number[]>([
    ...inputs.map(({ dims }, index) => [`x${index}`, dims] as const),
    ...outputs.map(({ dims }, index) => [`y${index}`, dims] as const),
  ]);
  // Of other ranks nobody can tell which axis has the channels.
  const movedShape = (name: string): readonly number[] | undefined => {
    const shape = shapes.get(name) ?? [];
    return impl.layout === "nhwc" && (shape.length === 4 || shape.length === 5) ? shape : undefined;
  };
  const lengths = outputs.map(({ dims }, index) => [`y${index}`, elementCount(dims)] as const);
  const moved = movedTensors(lengths, movedShape);
  const downloads = plan.downloads?.map(String) ?? null;
  return { plan: new OpenPlan({ kind: "plan", plan }, moved, "direct", realm), downloads };
}

/** The model in objects and memory of the plugin's realm. */
function modelOf(
  { graph, fileBytes }: SentModel,
  elements: Float32Array,
  words: Float32Array,
  realm: PluginRealm,
): Model {
  let at = 0;
  const constants = graph.constants.map((value) => {
    const length = elementCount(value.dims);
    const buffer = realm.buffer(length * Float32Array.BYTES_PER_ELEMENT);
    new Float32Array(buffer).set(elements.subarray(at, at + length));
    at += length;
    return adopt({ ...copied(value, realm), data: realm.float32(buffer) }, realm);
  });
  const file = realm.buffer(fileBytes);
  new Uint8Array(file).set(new Uint8Array(words.buffer, words.byteOffset, fileBytes));
  const { constants: _, ...rest } = graph;
  const theirs = adopt({ ...copied(rest, realm), constants: adopt(constants, realm) }, realm);
  return adopt({ file, graph: theirs }, realm);
}
