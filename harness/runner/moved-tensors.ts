import { dataFromChannelsLast, dataToChannelsLast, placeInChannelsLast } from "../../core/layout.ts";
import type { PlanTensors } from "./open-plan.ts";

/** Tensors of which some are N spatial… C in the plugin's own layout: those that `movedShape` gives a shape, N C spatial…. */
export function movedTensors(
  outputs: PlanTensors["outputs"],
  movedShape: (name: string) => readonly number[] | undefined,
): PlanTensors {
  return {
    outputs,
    toOwn: (name, tensor) => {
      const shape = movedShape(name);
      return shape === undefined ? tensor : dataToChannelsLast(shape, tensor);
    },
    fromOwn: (name, tensor) => {
      const shape = movedShape(name);
      return shape === undefined ? tensor : dataFromChannelsLast(shape, tensor);
    },
    placeOf: (name) => {
      const shape = movedShape(name);
      return shape === undefined ? (index) => index : placeInChannelsLast(shape);
    },
  };
}
