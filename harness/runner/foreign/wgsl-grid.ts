/** How many workgroups a shader is started with. */

/** A dimension of a dispatch has at most this many workgroups. */
const MOST_GROUPS = 65_535;

/** The threads of a workgroup of an entry point, by its attribute. @throws Error where it has none in numbers */
export function workgroupSize(code: string, entryPoint: string): number {
  const before = code.slice(0, new RegExp(`\\bfn\\s+${entryPoint}\\b`).exec(code)?.index ?? 0);
  const sizes = /@workgroup_size\(([\d,\s]+)\)[^@{}]*(?:@compute\s*)?$/.exec(before)?.[1];
  if (sizes === undefined)
    throw new Error(`its entry point ${entryPoint} has no @workgroup_size in numbers, such as @workgroup_size(64)`);
  return sizes
    .split(",")
    .filter((size) => size.trim() !== "")
    .reduce((product, size) => product * Number(size), 1);
}

/**
 * The workgroups of each dimension: those of a comment line `// benchconv: grid=A,B,C` (or `ENTRY: grid=…`), products
 * and quotients, rounded up, of numbers and of the problem's constants; else one thread an output element, in rows of
 * at most 65535 workgroups.
 */
export function gridOf(
  code: string,
  entryPoint: string,
  constants: Readonly<Record<string, number>>,
  groups: number,
): [x: number, y: number, z: number] {
  const own = new RegExp(`^\\s*// benchconv: ${entryPoint}: grid=(\\S+)\\s*$`, "m").exec(code);
  const written = own ?? /^\s*\/\/ benchconv: grid=(\S+)\s*$/m.exec(code);
  if (written === null) {
    const rows = Math.ceil(groups / MOST_GROUPS);
    return [Math.ceil(groups / rows), rows, 1];
  }
  const [x = 1, y = 1, z = 1] = (written[1] ?? "").split(",").map((term) => valueOf(term, constants));
  return [x, y, z];
}

function valueOf(term: string, constants: Readonly<Record<string, number>>): number {
  let value = 1;
  for (const [, operator = "", word = ""] of `*${term}`.matchAll(/([*/])(\w+)/g)) {
    const factor = constants[word] ?? Number(word);
    if (!(factor > 0))
      throw new Error(`its grid names "${word}", which is neither a number nor a constant of a problem`);
    value = operator === "*" ? value * factor : Math.ceil(value / factor);
  }
  return value;
}
