/** Whether weights have to be packed: `changed` is what a load is told of its operands. */
export function hasNewWeights(changed: readonly string[] | undefined): boolean {
  return changed === undefined || changed.includes("weights");
}
