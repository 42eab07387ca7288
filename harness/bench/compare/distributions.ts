import jStat from "jstat";

/** The p-quantile of Student's t. */
export function studentQuantile(p: number, degreesOfFreedom: number): number {
  return jStat.studentt.inv(p, degreesOfFreedom);
}

/** Φ(x): the share of a standard normal distribution below `x`. */
export function normalCdf(x: number): number {
  return jStat.normal.cdf(x, 0, 1);
}

/**
 * The exact interval of a rate of which `hits` of `trials` were seen: it holds the true rate with at least this
 * confidence, whatever the rate. Without a trial it is [0, 1].
 * Source: Clopper and Pearson, "The use of confidence or fiducial limits illustrated in the case of the binomial",
 * Biometrika 26(4), 1934.
 * @throws RangeError unless 0 ≤ hits ≤ trials, whole numbers, and 0 < confidence < 1
 */
export function clopperPearson(hits: number, trials: number, confidence = 0.95): readonly [number, number] {
  if (!Number.isInteger(hits) || !Number.isInteger(trials) || hits < 0 || hits > trials) {
    throw new RangeError(`${hits} of ${trials} is no count of hits: 0 ≤ hits ≤ trials, whole numbers`);
  }
  if (!(confidence > 0 && confidence < 1))
    throw new RangeError(`the confidence is ${confidence}; it lies between 0 and 1`);
  const tail = (1 - confidence) / 2;
  return [
    hits === 0 ? 0 : jStat.beta.inv(tail, hits, trials - hits + 1),
    hits === trials ? 1 : jStat.beta.inv(1 - tail, hits + 1, trials - hits),
  ];
}
