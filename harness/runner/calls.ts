/** Many calls of one implementation, in its process: each of a plan of its own, one after another. */
import { ELEMENTS, type ElementArray } from "../../core/element-types.ts";
import type { Impl } from "../../core/plugin.ts";
import { elementCount } from "../../core/shape.ts";
import { formatOf, operandNames, shapeOf, type AnyTensors, type TensorName, type Tensors } from "../../core/tensors.ts";
import { errorText, isTrap } from "./error-text.ts";
import type { Call, CallAnswer, CallsEnd, CallsRequest, Verb } from "./messages.ts";
import type { OpenPlan } from "./open-plan.ts";
import { openConvolution } from "./planning.ts";
import type { PluginRealm } from "./plugin-realm.ts";

/** What is sent back for one call, or in the end for all. */
export interface CallFrame {
  readonly body: CallAnswer | CallsEnd;
  readonly outputs: AnyTensors;
}

/** Where an implementation comes from: `implOf` rejects where it cannot be loaded. */
interface ImplSource {
  readonly implOf: () => Promise<Impl>;
  readonly url: string;
}

/** Makes the calls of a request, whose operands are `block`, and answers each as soon as it ended. */
export async function* answerCalls(
  source: ImplSource,
  { calls }: CallsRequest,
  block: ElementArray,
  realm: PluginRealm,
): AsyncGenerator<CallFrame, void, undefined> {
  const watched: Watched[] = [];
  let isUsable = true;
  let at = 0;
  for (const [index, call] of calls.entries()) {
    if (!isUsable) {
      yield { body: { kind: "not-run" }, outputs: {} };
      continue;
    }
    const operands = operandsAt(block, at, call);
    at += Object.values(operands).reduce((sum, { byteLength }) => sum + byteLength, 0);
    const { plan, ...frame } = await makeCall(source, call, operands, realm);
    const { body } = frame;
    if (body.kind === "computed" && plan !== undefined) watched.push({ index, plan, told: body.touched });
    // After a trap a call would fail for what an earlier one did.
    isUsable = !(body.kind === "threw" && isTrap(body.error));
    await new Promise<void>((resolve) => realm.afterTurn(resolve));
    yield frame;
  }
  yield { body: endOf(watched), outputs: {} };
}

/** A plan whose call was answered, and what was said of it. */
interface Watched {
  readonly index: number;
  readonly plan: OpenPlan;
  readonly told: readonly string[];
}

function endOf(watched: readonly Watched[]): CallsEnd {
  const touched = watched.flatMap(({ index, plan, told }) => {
    const late = plan.touched().filter((what) => !told.includes(what));
    return late.length === 0 ? [] : [[index, late] as const];
  });
  return { touched };
}

/** The operands of a call, which begin at a byte of the block. */
function operandsAt(block: ElementArray, start: number, { problem, pass }: Call): Tensors<ElementArray> {
  const operands: Partial<Record<TensorName, ElementArray>> = {};
  const bytes = new Uint8Array(block.buffer, block.byteOffset, block.byteLength);
  let at = start;
  for (const name of operandNames(problem, pass)) {
    const type = formatOf(problem, name);
    const length = elementCount(shapeOf(problem, name)) * ELEMENTS[type].bytes;
    const from = bytes.byteOffset + at;
    operands[name] =
      type === "f32" && from % 4 === 0
        ? new Float32Array(bytes.buffer, from, length / 4)
        : ELEMENTS[type].tensor(bytes.slice(at, at + length).buffer);
    at += length;
  }
  return operands;
}

async function makeCall(
  { implOf, url }: ImplSource,
  { problem, pass, threads, poison }: Call,
  operands: Tensors<ElementArray>,
  realm: PluginRealm,
): Promise<{ readonly body: CallAnswer; readonly outputs: AnyTensors; readonly plan?: OpenPlan }> {
  const { now } = realm;
  let step: Verb = "open";
  let runMs: number | null = null;
  let plan: OpenPlan | undefined;
  try {
    const opened = await openConvolution(await implOf(), problem, pass, threads, realm);
    if ("unsupported" in opened) return { body: { kind: "unsupported", reason: opened.unsupported }, outputs: {} };
    plan = opened;
    step = "store";
    plan.store(0, operands, undefined);
    step = "load";
    await plan.load(0, poison, now);
    step = "run";
    plan.expectRuns();
    const start = now();
    await plan.run();
    runMs = now() - start;
    step = "read";
    const { outputs, touched } = await plan.read(poison);
    step = "close";
    await plan.close();
    return { body: { kind: "computed", algorithm: plan.algorithm, runMs, touched }, outputs, plan };
  } catch (error) {
    const body = { kind: "threw", step, error: errorText(error, url), runMs } as const;
    if (step !== "close") await plan?.close().catch(() => {});
    return { body, outputs: {} };
  }
}
