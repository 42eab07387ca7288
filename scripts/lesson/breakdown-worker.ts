/**
 * The worker of the lesson's last chapter: times AlexNet's layers in the reader's browser with the host and the
 * clock of
 * `bench --browser`, and checks the outputs of a timed call of every round as it does.
 */
import { checkOutputs } from "../../harness/check/convolution-check.ts";
import { estimate, MEDIAN } from "../../harness/bench/clock/statistics.ts";
import { workerRealm } from "../../harness/runner/browser/realm.ts";
import type { Answers, Request, SampleResult, Verb } from "../../harness/runner/messages.ts";
import { changeElements, wholeChange } from "../../harness/runner/operand-changes.ts";
import { PluginHost } from "../../harness/runner/plugin-host.ts";
import gemm from "../../impls/wasm-gemm/index.ts";
import webgpu from "../../impls/webgpu/index.ts";
import type { ConvProblem } from "../../core/problem.ts";
import type { Algorithm } from "../../core/plugin.ts";
import { float32Tensors, type AnyTensors, type Tensors } from "../../core/tensors.ts";
import { LAYERS, type LayerTime, type Order, type Report } from "../../reports/lesson/numbers/breakdown.ts";
import { generateOperands } from "../../suites/data/operands.ts";

declare function addEventListener(type: "message", listener: (event: { readonly data: Order }) => void): void;
declare function postMessage(report: Report): void;

const [GIVEN, OTHER] = [0, 1];
const PASS = "forward";

const host = new PluginHost("", workerRealm(String), [gemm, ...webgpu]);

addEventListener("message", ({ data }) => {
  void carryOut(data).catch((error: unknown) =>
    postMessage({ kind: "failed", reason: error instanceof Error ? error.message : String(error) }),
  );
});

async function carryOut(order: Order): Promise<void> {
  const { impls } = await ask({ verb: "describe" });
  const described = impls.find(({ name }) => name === order.implementation);
  if (described?.unavailable !== undefined) return postMessage({ kind: "failed", reason: described.unavailable });
  for (const { name, problem } of LAYERS.filter((layer) => order.layers.includes(layer.name))) {
    postMessage({ kind: "began", name });
    postMessage({ kind: "timed", ...(await timed(name, problem, order)) });
  }
  postMessage({ kind: "done" });
}

/** A layer's median over rounds: exact data in the first, real data in the others. */
async function timed(name: string, problem: ConvProblem, order: Order): Promise<LayerTime> {
  const rounds: (readonly number[])[] = [];
  let margin = 0;
  for (let round = 0; round < order.rounds; round++) {
    const seed = 1 + round;
    const operands = generateOperands(problem, PASS, round === 0 ? "dense-exact" : "real", seed);
    const { implementation: impl } = order;
    const opened = await ask({ verb: "open", plan: 0, impl, problem, pass: PASS, threads: 1 });
    if ("unsupported" in opened) throw new Error(`${name}: ${opened.unsupported}`);
    // The plan's own copy: what changes between calls is changed in place.
    await ask({ verb: "store", plan: 0, set: GIVEN }, { ...operands, x: operands.x?.slice() ?? new Float32Array(0) });
    const reversed = { x: operands.x?.toReversed() ?? new Float32Array(0) };
    await ask({ verb: "store", plan: 0, set: OTHER, base: GIVEN }, reversed);
    const sampled = await sample(order.timeMs);
    rounds.push(sampled.samplesMs);
    margin = Math.max(margin, await check(name, problem, { ...operands }, opened.algorithm, sampled, seed));
    await ask({ verb: "close", plan: 0 });
  }
  return { name, medianMs: estimate(MEDIAN, rounds), checkedOutputs: order.rounds, margin };
}

/** As an interleaved batch of bench: operands change before every call, so that no result can be remembered. */
function sample(timeMs: number): Promise<SampleResult> {
  const change = (): number => wholeChange(Math.floor(Math.random() * 2 ** 32));
  const changing = { operand: "x", seed: change(), first: change(), sampled: change(), fresh: change() } as const;
  const settings = { timeMs, minSamples: 2, warmUpMs: timeMs / 2, sets: [GIVEN, OTHER], changing };
  return ask({ verb: "sample", plan: 0, settings });
}

/** The margin of the outputs of the call that was kept. @throws Error where they are wrong */
async function check(
  name: string,
  problem: ConvProblem,
  operands: Tensors,
  algorithm: Algorithm,
  { checked }: SampleResult,
  seed: number,
): Promise<number> {
  const x = (checked.set === OTHER ? operands.x?.toReversed() : operands.x?.slice()) ?? new Float32Array(0);
  if (checked.change !== null) changeElements(x, checked.change);
  const { reply, outputs } = await host.answer({ verb: "read", plan: 0, poison: "nan" }, {});
  if (reply.kind === "threw") throw new Error(`${name}: ${reply.error}`);
  const declaration = { algorithm, precision: "float32", arithmetic: "ieee" } as const;
  const { y = new Float32Array(0) } = float32Tensors(outputs);
  const { margin, fault } = checkOutputs(problem, PASS, { ...operands, x }, { y }, declaration, seed);
  if (fault !== undefined) throw new Error(`${name} is wrong: ${fault.message}`);
  return margin;
}

async function ask<R extends Exclude<Request, { readonly verb: "read" }>>(
  request: R,
  tensors: AnyTensors = {},
): Promise<Answers[R["verb"] & Verb]> {
  const { reply } = await host.answer(request, tensors);
  if (reply.kind === "threw") throw new Error(reply.error);
  return reply.answer as Answers[R["verb"] & Verb]; // oxlint-disable-line typescript/no-unsafe-type-assertion -- the host answers each verb with its own
}
