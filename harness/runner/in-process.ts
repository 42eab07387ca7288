/** The channel to an implementation in the harness's own process. */
import type { ElementArray } from "../../core/element-types.ts";
import type { Impl } from "../../core/plugin.ts";
import type { AnyTensors } from "../../core/tensors.ts";
import {
  callOutcomeOf,
  outcomeOf,
  withLateWrites,
  type CallChannel,
  type CallOutcome,
  type Outcome,
} from "./channel.ts";
import { ExpectedOutputs } from "./expected-outputs.ts";
import { tensorEntries } from "./frames.ts";
import type { CallsRequest, Request } from "./messages.ts";
import { PluginHost } from "./plugin-host.ts";
import { thisRealm } from "./node-realm.ts";

/**
 * An implementation in this very process, without a watchdog: for a debugger (`--inspect`), for test suites, and for
 * our own tests. Operands are copied, as they are on their way to a process.
 */
export class InProcessChannel implements CallChannel {
  readonly alive = true;
  readonly #host: PluginHost;
  readonly #expected = new ExpectedOutputs();
  #last: Promise<unknown> = Promise.resolve();

  constructor(url: string, impls?: readonly Impl[]) {
    this.#host = new PluginHost(url, thisRealm(), impls);
  }

  async request<R extends Request>(
    request: R,
    _limitMs: number,
    tensors: AnyTensors = {},
  ): Promise<Outcome<R["verb"]>> {
    const copies = Object.fromEntries(tensorEntries(tensors).map(([name, tensor]) => [name, tensor.slice()]));
    const expected = this.#expected.of(request);
    const start = performance.now();
    // One request after the other, as a process answers them.
    const answering = this.#last.then(() => this.#host.answer(request, copies));
    this.#last = answering;
    const { reply, outputs } = await answering;
    return outcomeOf(request, reply, outputs, expected, performance.now() - start);
  }

  async calls(
    request: CallsRequest,
    _limitMs: number,
    operands: readonly ElementArray[],
  ): Promise<readonly CallOutcome[]> {
    const block = joined(operands);
    const answering = this.#last.then(() => this.#answers(request, block));
    this.#last = answering;
    return answering;
  }

  async #answers(request: CallsRequest, block: ElementArray): Promise<readonly CallOutcome[]> {
    const expected = this.#expected.ofCalls(request);
    const outcomes: CallOutcome[] = [];
    for await (const { body, outputs } of this.#host.answerCalls(request, block)) {
      if (!("kind" in body)) return outcomes.map((outcome, index) => withLateWrites(outcome, index, body));
      outcomes.push(callOutcomeOf(body, outputs, expected[outcomes.length] ?? []));
    }
    return outcomes;
  }

  async stop(): Promise<void> {}

  async endProcess(): Promise<void> {}
}

function joined(tensors: readonly ElementArray[]): ElementArray {
  const whole = new Uint8Array(tensors.reduce((sum, { byteLength }) => sum + byteLength, 0));
  let at = 0;
  for (const { buffer, byteOffset, byteLength } of tensors) {
    whole.set(new Uint8Array(buffer, byteOffset, byteLength), at);
    at += byteLength;
  }
  return whole;
}
