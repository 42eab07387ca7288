/** A tensor or other thing of that name; throws an Error where it is missing. */
export function required<T>(value: T | undefined, name: string): T {
  if (value === undefined) throw new Error(`the tensor ${name} is missing`);
  return value;
}

/** The tensor of that name; throws an Error where the caller left it out. */
export function tensor<Name extends string>(
  tensors: Readonly<Partial<Record<Name, Float32Array>>>,
  name: NoInfer<Name>,
): Float32Array {
  const found: Float32Array | undefined = tensors[name];
  return required(found, name);
}
