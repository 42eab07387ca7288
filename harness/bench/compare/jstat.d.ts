/** What distributions.ts uses of jStat, which has no types of its own. */
declare module "jstat" {
  const jStat: {
    readonly beta: { inv(p: number, alpha: number, beta: number): number };
    readonly normal: { cdf(x: number, mean: number, standardDeviation: number): number };
    readonly studentt: { inv(p: number, degreesOfFreedom: number): number };
  };
  export default jStat;
}
