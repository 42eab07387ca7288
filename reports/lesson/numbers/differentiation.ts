/** Differentiation in forward and in reverse mode, one operation after another, as the lecture draws it. */

export interface Operation {
  readonly name: string;
  readonly formula: string;
  readonly kind: "input" | "sine" | "product" | "sum";
  readonly inputs: readonly string[];
}

const input = (name: string): Operation => ({ name, formula: name, kind: "input", inputs: [] });

/** f = sin(x₁) + x₁·x₂, in the order in which it is computed. */
export const PROGRAM: readonly Operation[] = [
  input("x1"),
  input("x2"),
  { name: "a", formula: "sin(x₁)", kind: "sine", inputs: ["x1"] },
  { name: "b", formula: "x₁ · x₂", kind: "product", inputs: ["x1", "x2"] },
  { name: "f", formula: "a + b", kind: "sum", inputs: ["a", "b"] },
];

/** The value of every operation. */
export function valuesOf(at: Readonly<Record<string, number>>): ReadonlyMap<string, number> {
  const values = new Map<string, number>();
  for (const { name, kind, inputs } of PROGRAM) {
    const [u = 0, v = 0] = inputs.map((from) => values.get(from) ?? 0);
    values.set(
      name,
      kind === "input" ? (at[name] ?? 0) : kind === "sine" ? Math.sin(u) : kind === "product" ? u * v : u + v,
    );
  }
  return values;
}

/** The slopes of an operation by its inputs, with how they are written. */
function slopesOf({ kind, inputs }: Operation, values: ReadonlyMap<string, number>): readonly number[] {
  const [u = 0, v = 0] = inputs.map((from) => values.get(from) ?? 0);
  switch (kind) {
    case "input":
      return [];
    case "sine":
      return [Math.cos(u)];
    case "product":
      return [v, u];
    case "sum":
      return [1, 1];
  }
}

/** What one step of a mode did: which operation, what it has now, and how it came to that. */
export interface Step {
  readonly operation: string;
  /** Tangents in forward mode, adjoints in reverse: of every operation that has one so far. */
  readonly known: ReadonlyMap<string, number>;
  readonly text: string;
}

/** Forward mode along one input: a tangent beside each value, in the order of the values. */
export function forwardSteps(at: Readonly<Record<string, number>>, along: string): readonly Step[] {
  const values = valuesOf(at);
  const tangents = new Map<string, number>();
  return PROGRAM.map((operation) => {
    const slopes = slopesOf(operation, values);
    const terms = operation.inputs.map((from, index) => [slopes[index] ?? 0, tangents.get(from) ?? 0] as const);
    const tangent =
      operation.kind === "input"
        ? Number(operation.name === along)
        : terms.reduce((sum, [slope, moved]) => sum + slope * moved, 0);
    tangents.set(operation.name, tangent);
    const how = terms.map(([slope, moved]) => `${short(slope)}·${short(moved)}`).join(" + ");
    return {
      operation: operation.name,
      known: new Map(tangents),
      text:
        operation.kind === "input"
          ? `d${operation.name}/d${along} = ${short(tangent)}: ` +
            `${tangent === 1 ? "this input moves" : "this one stays"}.`
          : `d${operation.name}/d${along} = ${how} = ${short(tangent)}.`,
    };
  });
}

/** Reverse mode from f: adjoints in the opposite order; where a value is used twice, they add. */
export function reverseSteps(at: Readonly<Record<string, number>>): readonly Step[] {
  const values = valuesOf(at);
  const adjoints = new Map<string, number>([["f", 1]]);
  const steps: Step[] = [{ operation: "f", known: new Map(adjoints), text: "df/df = 1: it starts at the output." }];
  for (const operation of PROGRAM.toReversed()) {
    if (operation.kind === "input") continue;
    const own = adjoints.get(operation.name) ?? 0;
    const texts = operation.inputs.map((from, index) => {
      const slope = slopesOf(operation, values)[index] ?? 0;
      const before = adjoints.get(from);
      adjoints.set(from, (before ?? 0) + own * slope);
      const added = before === undefined ? "" : `${short(before)} + `;
      return (
        `df/d${from} = ${added}${short(own)}·${short(slope)} = ` +
        `${short(adjoints.get(from) ?? 0)}${before === undefined ? "" : " (gradients add)"}`
      );
    });
    steps.push({
      operation: operation.name,
      known: new Map(adjoints),
      text: `Through ${operation.formula}: ${texts.join("; ")}.`,
    });
  }
  return steps;
}

function short(value: number): string {
  return String(Number(value.toFixed(4))).replace("-", "−");
}

/** Passes and kept numbers for all slopes of a computation of `operations` steps. */
export function costOf(inputs: number, outputs: number, operations: number) {
  return {
    forward: { passes: inputs, kept: 2 },
    reverse: { passes: outputs, kept: operations },
  };
}
