import type { Algorithm } from "../../../core/plugin.ts";
import type { CellSubject } from "./summarise.ts";
import { leastOperations } from "./work.ts";

/** No accelerator of 2026 does more float32 operations a second: a faster "result" was not computed. */
const IMPLAUSIBLE_DEVICE_GFLOPS = 2e6;
/** No device takes a kernel and says that it is done in less. */
const SHORTEST_DEVICE_CALL_MS = 1e-3;

/** Why a call cannot be so short, or undefined where it can. */
export function implausibility(subject: CellSubject, algorithm: Algorithm, callMs: number): string | undefined {
  const { device, software } = subject.implementation.description;
  // A software driver computes on this machine's processor, and so does who says "gpu" where there is none.
  const isGpu = device === "gpu" && software === undefined && subject.context.hasGpu !== false;
  if (isGpu && callMs < SHORTEST_DEVICE_CALL_MS) {
    const time = `${(1e6 * callMs).toPrecision(2)} ns`;
    return `a call of ${time} is shorter than any device takes to begin: run() ended before its work did`;
  }
  const limit = isGpu ? IMPLAUSIBLE_DEVICE_GFLOPS : subject.context.plausibleGflops;
  const gflops = leastOperations(subject.layer, algorithm) / (callMs * 1e6);
  if (gflops <= limit) return undefined;
  const machine = isGpu ? "any device" : "this machine";
  const elsewhere =
    device === "gpu"
      ? "computed elsewhere than here, where there is no GPU"
      : 'computed elsewhere (then say device: "gpu")';
  const causes = ["kept", ...(isGpu ? [] : [elsewhere])].join(", ");
  return (
    `${gflops.toPrecision(3)} GFLOP/s of what ${algorithm} cannot do without is above the ${limit.toPrecision(3)} ` +
    `that ${machine} has: the result was ${causes}, or computed in another way (then say algorithm)`
  );
}
