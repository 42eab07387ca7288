import type { Uniforms } from "../layers/layer-definition.ts";
import { numericalDerivative } from "../layers/numerical-derivative.ts";
import { filled, innerProduct, mapped, type Tensor } from "../layers/tensor.ts";
import { evaluateNetwork, type Evaluation } from "./evaluate.ts";
import { forwardMode, type Direction } from "./forward-mode.ts";
import type { Objective } from "./objective.ts";
import type { NetworkParameters } from "./parameters.ts";
import { reverseMode, type NetworkGradients } from "./reverse-mode.ts";
import { INPUT, networkShapes } from "./shapes.ts";

/** The derivative of an objective along one direction, two ways. */
export interface Agreement {
  /** What moved: "input", `conv1.weights`, … or "everything". */
  readonly moved: string;
  readonly reverse: number;
  /** By forward mode, or by values alone where everything moved. */
  readonly other: number;
  /** Σ of the absolute values of the terms that the derivative is a sum of, where the movement enters the network. */
  readonly magnitude: number;
  readonly agrees: boolean;
}

/**
 * Two exact ways of differentiation agree in half of float64's digits: their rounding is (number of terms on a
 * path)·2⁻⁵³ of the magnitude, and no path has 2²⁷ terms; a wrong or missing term is of the magnitude itself, over the
 * number of terms.
 */
const HALF_OF_THE_DIGITS = 2 ** -26;

/**
 * The step of central differences that balances rounding with the series is of the order of u^(1/3), u = 2⁻⁵³. Away
 * from kinks they are then good to u^(2/3); where something crosses its kink within the step (a rectifier, a maximum),
 * to no more than the step.
 */
const A_THIRD_OF_THE_DIGITS = 2 ** -17;

/**
 * Checks reverse mode by two independent ways: tensor by tensor against forward mode along a random direction, and
 * along one direction in which the input and all parameters move together against differences of the objective's
 * values.
 * @param at the network at a point where it is differentiable, as it is almost everywhere; biases of exactly 0 may make
 * one where it is not
 * @param stream random numbers for a key, the same for the same key
 */
export function checkNetworkGradients(
  at: Evaluation,
  objective: Objective,
  stream: (key: string) => Uniforms,
): readonly Agreement[] {
  const { gradient } = objective(at.y);
  const gradients = reverseMode(at, gradient);
  const last = at.network.nodes.at(-1)!.name;
  const agreements: Agreement[] = [];
  const directions = directionsOf(at, stream);
  for (const { moved, node, direction } of directions) {
    const reverse = along(gradients, direction);
    const tangents = forwardMode(at, direction);
    const end = tangents.get(last);
    const forward = end === undefined ? 0 : innerProduct(gradient, end);
    const magnitude = innerProduct(
      mapped(gradients.outputs.get(node)!, Math.abs),
      mapped(tangents.get(node)!, Math.abs),
    );
    agreements.push({
      moved,
      reverse,
      other: forward,
      magnitude,
      agrees: Math.abs(reverse - forward) <= HALF_OF_THE_DIGITS * magnitude,
    });
  }
  const everything = together(directions.map(({ direction }) => direction));
  const reverse = along(gradients, everything);
  const value = numericalDerivative((step) => objective(movedBy(at, everything, step).y).value);
  const magnitude = agreements.reduce((sum, agreement) => sum + agreement.magnitude, 0);
  agreements.push({
    moved: "everything",
    reverse,
    other: value,
    magnitude,
    agrees: Math.abs(reverse - value) <= A_THIRD_OF_THE_DIGITS * magnitude,
  });
  return agreements;
}

/** A direction in which one tensor moves, and the node where that enters the network. */
interface Movement {
  readonly moved: string;
  readonly node: string;
  readonly direction: Direction;
}

/** A random direction for the input and for each parameter. */
function directionsOf(at: Evaluation, stream: (key: string) => Uniforms): readonly Movement[] {
  const input = randomLike(at.outputs.get(INPUT)!, stream(INPUT));
  const directions: Movement[] = [{ moved: INPUT, node: INPUT, direction: { input } }];
  for (const [node, { parameters }] of networkShapes(at.network, 1)) {
    const values = at.parameters.get(node) ?? [];
    Object.keys(parameters).forEach((name, moving) => {
      const moved = `${node}.${name}`;
      const tangents = values.map((value, index) =>
        index === moving ? randomLike(value, stream(moved)) : filled(value.shape),
      );
      directions.push({ moved, node, direction: { parameters: new Map([[node, tangents]]) } });
    });
  }
  return directions;
}

/** Random values of both signs, as large as the tensor's largest (1 where all are 0). */
function randomLike(values: Tensor, uniform: Uniforms): Tensor {
  const largest = values.values.reduce((most, value) => Math.max(most, Math.abs(value)), 0) || 1;
  return mapped(values, () => (2 * uniform() - 1) * largest);
}

/** The derivative along a direction that gradients give: Σ gradient · direction. */
function along(gradients: NetworkGradients, { input, parameters }: Direction): number {
  let sum = input === undefined ? 0 : innerProduct(gradients.outputs.get(INPUT)!, input);
  for (const [node, tangents] of parameters ?? []) {
    const own = gradients.parameters.get(node)!;
    tangents.forEach((tangent, index) => {
      sum += innerProduct(own[index]!, tangent);
    });
  }
  return sum;
}

/** The sum of directions. */
function together(directions: readonly Direction[]): Direction {
  const parameters = new Map<string, Tensor[]>();
  let input: Tensor | undefined;
  for (const direction of directions) {
    input ??= direction.input;
    for (const [node, tangents] of direction.parameters ?? []) {
      const before = parameters.get(node);
      parameters.set(
        node,
        before === undefined ? [...tangents] : before.map((tensor, index) => plus(tensor, tangents[index]!, 1)),
      );
    }
  }
  return input === undefined ? { parameters } : { input, parameters };
}

/** The network after a step along a direction. */
function movedBy(at: Evaluation, { input, parameters }: Direction, step: number): Evaluation {
  const x = at.outputs.get(INPUT)!;
  const moved: NetworkParameters = new Map(
    [...at.parameters].map(([node, values]) => {
      const tangents = parameters?.get(node);
      return [
        node,
        values.map((value, index) => (tangents === undefined ? value : plus(value, tangents[index]!, step))),
      ];
    }),
  );
  return evaluateNetwork(at.network, moved, input === undefined ? x : plus(x, input, step), at.phase);
}

function plus(a: Tensor, b: Tensor, times: number): Tensor {
  return mapped(a, (value, index) => value + times * b.values[index]!);
}
