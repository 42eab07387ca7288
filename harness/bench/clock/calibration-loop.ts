const PASSES = 500;
const values = new Float64Array(1024).fill(1 + 2 ** -20);

/** A fixed piece of work that is timed before every batch: how fast the machine is at that moment. */
export class CalibrationLoop {
  #bestMs = Infinity;

  /** The fastest of the run. */
  get bestMs(): number {
    return this.#bestMs;
  }

  /** Runs it once; milliseconds. */
  run(): number {
    const elapsedMs = calibrationMs();
    this.#bestMs = Math.min(this.#bestMs, elapsedMs);
    return elapsedMs;
  }
}

/**
 * A fixed amount of arithmetic on numbers in the nearest cache, in milliseconds: how fast this core runs now. Its four
 * sums are independent and keep the arithmetic units busy: one chain would leave most of them idle, and never notice
 * who else uses the same core.
 */
function calibrationMs(): number {
  const start = performance.now();
  let [a, b, c, d] = [0, 0, 0, 0];
  for (let pass = 0; pass < PASSES; pass++) {
    for (let i = 0; i < values.length; i += 4) {
      a += values[i]! * values[i]!;
      b += values[i + 1]! * values[i + 1]!;
      c += values[i + 2]! * values[i + 2]!;
      d += values[i + 3]! * values[i + 3]!;
    }
  }
  const elapsedMs = performance.now() - start;
  // The sums are used, so that no compiler leaves the loop out.
  return a + b + c + d === 0 ? elapsedMs + Number.MIN_VALUE : elapsedMs;
}
