/** Milliseconds to copy tensors into memory of one's own: the longer of two times. */
export function copyingMs(tensors: readonly Float32Array[], now: () => number): number {
  const copies = tensors.map((tensor) => tensor.slice());
  const once = (): number => {
    const start = now();
    for (const [i, tensor] of tensors.entries()) copies[i]?.set(tensor);
    return now() - start;
  };
  return Math.max(once(), once());
}
