/** Changes the sign of the first and the last element: the same ones in every layout. */
export function negateEnds(elements: Float32Array): void {
  for (const end of new Set([0, elements.length - 1])) elements[end] = -(elements[end] ?? 0);
}
