/** The clock of a plan, in the implementation's process: which calls are samples. */
import { InterleavedBatch, LEAST_WARM_UP_MS, type Earlier, type Samples, type Timed } from "./interleaved-batch.ts";
import type { SampleResult, SampleSettings } from "./messages.ts";
import type { PluginRealm } from "./plugin-realm.ts";

/** Of calls that take this long, or as long as the batch, the first is the warm-up and the next is a sample. */
const LONG_CALL_MS = 50;
/**
 * A first call of this long, and of `LONGEST_CALL_BATCHES`, is the sample: what it compiled or packed is a small part
 * of it.
 */
const LONGEST_CALL_MS = 5000;
const LONGEST_CALL_BATCHES = 10;
/** The same where nothing can be packed, as there is no plan: compilation alone is a small part of this. */
const LONGEST_FUNCTION_CALL_MS = 1000;
/**
 * Times a plan in one interleaved batch: warm-up until steady, then tinybench's loop over samples of one or more calls.
 * The first call after a load is a warm-up (it may upload or pack), except where such calls were seen to take no longer
 * than others. What earlier layers left behind is collected before, so that no sample pays for it. The clock and the
 * collector were captured before the plugin was loaded.
 */
export async function takeSamples(
  plan: Timed,
  settings: SampleSettings,
  earlier: Earlier,
  realm: Pick<PluginRealm, "now" | "clockGrainMs" | "collectGarbage">,
): Promise<SampleResult> {
  if (earlier.isFirst) realm.collectGarbage();
  const batch = new InterleavedBatch(plan, settings, earlier, realm);
  const firstMs = await batch.firstCall();
  return batch.result(await samplesAfter(firstMs, batch, settings), firstMs);
}

/** The samples of a batch by how long its calls are. */
async function samplesAfter(
  firstMs: number,
  batch: InterleavedBatch,
  { timeMs, isFirstCallApart = false }: SampleSettings,
): Promise<Samples> {
  const longestMs = batch.isFunction ? LONGEST_FUNCTION_CALL_MS : LONGEST_CALL_MS;
  if (!isFirstCallApart && firstMs >= Math.max(longestMs, LONGEST_CALL_BATCHES * timeMs))
    return batch.firstCallAlone(firstMs);
  const longMs = Math.min(timeMs, LONG_CALL_MS);
  // Nothing was loaded since the last long call: this one is as good a sample.
  const isWarmed = batch.isLoaded && firstMs >= longMs;
  const callMs = isWarmed || firstMs < longMs ? firstMs : await batch.secondLongCall();
  const isWarm = !batch.isFirst || firstMs + callMs >= LEAST_WARM_UP_MS;
  const samplesMs = callMs >= longMs && isWarm ? await batch.longCalls(callMs) : [callMs];
  // A call that becomes short while nothing was loaded may be a result that was kept.
  return samplesMs.every((ms) => ms >= longMs) && isWarm
    ? { samplesMs, callsPerSample: 1, warmUpCalls: isWarmed ? 0 : 1 }
    : batch.shortCalls(Math.min(...samplesMs));
}
