import { randomStream, type RandomStream } from "../../../suites/data/random.ts";
import { changePoints } from "../change-points.ts";

/** Normal values of standard deviation 0.01, as logarithms of times that vary by 1 % (Box and Muller 1958). */
export function noise(stream: RandomStream, count: number): readonly number[] {
  const uniform = (): number => (stream.nextUint32() + 0.5) / 2 ** 32;
  return Array.from(
    { length: count },
    () => 0.01 * Math.sqrt(-2 * Math.log(uniform())) * Math.cos(2 * Math.PI * uniform()),
  );
}

/** The part of series without a change in which one is found. */
export function falseAlarms(seriesCount: number, length: number): number {
  const alarms = Array.from({ length: seriesCount }, (_, seed) =>
    changePoints(noise(randomStream("false alarm", seed), length)).length > 0 ? 1 : 0,
  );
  return alarms.reduce<number>((sum, one) => sum + one, 0) / seriesCount;
}
