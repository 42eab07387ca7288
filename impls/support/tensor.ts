import type { ElementArray } from "../../core/element-types.ts";

/** A tensor or other thing of that name; throws an Error where it is missing. */
export function required<T>(value: T | undefined, name: string): T {
  if (value === undefined) throw new Error(`the tensor ${name} is missing`);
  return value;
}

/** The tensor of that name; throws an Error where the caller left it out. */
export function tensor<Name extends string, Of extends ElementArray>(
  tensors: Readonly<Partial<Record<Name, Of>>>,
  name: NoInfer<Name>,
): Of {
  const found: Of | undefined = tensors[name];
  return required(found, name);
}
