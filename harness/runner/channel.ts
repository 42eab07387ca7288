import type { AnyTensors } from "../../core/tensors.ts";
import type { Answers, Request, Verb } from "./messages.ts";

/** How a request to an implementation ended. After `crashed`, `timed-out` and `mistrusted` (somebody else answered) the process is gone. */
export type Outcome<V extends Verb> =
  | { readonly kind: "answer"; readonly answer: Answers[V]; readonly tensors: AnyTensors; readonly wallMs: number }
  | { readonly kind: "threw"; readonly reason: string }
  | { readonly kind: "crashed"; readonly reason: string }
  | { readonly kind: "timed-out"; readonly reason: string }
  | { readonly kind: "mistrusted"; readonly reason: string };

/** The way to an implementation: a process of its own, or a host in this one. */
export interface Channel {
  readonly alive: boolean;
  /** Sends one request and waits for its answer, for at most `limitMs`. */
  request<R extends Request>(request: R, limitMs: number, tensors?: AnyTensors): Promise<Outcome<R["verb"]>>;
  stop(): Promise<void>;
  /** Ends the implementation's process even where it is shared; nothing where the implementation is in this one. */
  endProcess(): Promise<void>;
}

/** The way to an implementation outside this process, which stays resident while it is timed. */
export interface ResidentChannel extends Channel {
  /** The processes that compute for it; empty where that is not known. */
  readonly pids: readonly number[];
  /** The most memory that was resident since {@link forgetPeakMemory}; undefined where the system does not say. */
  peakMemoryBytes(): number | undefined;
  forgetPeakMemory(): void;
}
