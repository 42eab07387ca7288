import type { Plan } from "../../core/plugin.ts";
import { forwardCorrelation } from "../support/plane-correlation.ts";
import { tensor } from "../support/tensor.ts";
import type { Volume } from "../support/volume.ts";
import { WasmLayout } from "../support/wasm.ts";
import { frameOf } from "./frame.ts";
import { openInstance } from "./kernels.ts";
import { describeFrame } from "./planes.ts";

export type WeightsGradientLayout = ReturnType<typeof weightsGradientLayout>;

/** Where everything lies. The workspace is one frame, and an offset a tap. */
export function weightsGradientLayout(volume: Volume) {
  const { batch, inChannels, outChannels, inputSize, outputSize, kernelSize, stride } = volume;
  const correlation = forwardCorrelation(volume);
  const frame = frameOf([correlation], stride);
  const addresses = new WasmLayout();
  const x = addresses.take(batch * inChannels * inputSize * 4);
  const dy = addresses.take(batch * outChannels * outputSize * 4);
  const dWeights = addresses.take(outChannels * kernelSize * 4);
  const dBias = addresses.take(outChannels * 4);
  const operandBytes = addresses.bytes;
  const geometry = addresses.take(48);
  const offsets = addresses.take(kernelSize * 4);
  const frameAt = addresses.take(frame.elements * 4 + 64);
  return { correlation, frame, addresses, operandBytes, x, dy, dWeights, dBias, geometry, offsets, frameAt };
}

/** The gradients of the weights and of the bias, plane by plane; sums of a plane are added up over the images. */
export function weightsGradientPlan(volume: Volume, layout: WeightsGradientLayout, hasBias: boolean): Plan {
  const { batch, inChannels, outChannels, inputSize, kernelSize, output } = volume;
  const { correlation, frame, addresses, operandBytes, x, dy, dWeights, dBias, geometry, offsets, frameAt } = layout;
  const instance = openInstance(addresses);
  describeFrame(instance, geometry, frame, volume.input);
  instance.floats(frameAt, frame.elements).fill(0);
  instance.integers(offsets, kernelSize).set(correlation.taps.map(({ displacement }) => frame.place(displacement) * 4));
  const [dWeightsSums, dBiasSums] = [
    instance.floats(dWeights, outChannels * kernelSize),
    instance.floats(dBias, outChannels),
  ];
  return {
    load(operands) {
      instance.floats(x, tensor(operands, "x").length).set(tensor(operands, "x"));
      instance.floats(dy, tensor(operands, "dy").length).set(tensor(operands, "dy"));
    },
    run() {
      dWeightsSums.fill(0);
      dBiasSums.fill(0);
      // prettier-ignore
      instance.kernels.correlateGradients(
        geometry, frameAt, batch * inChannels, inChannels, x, inputSize * 4, dy, outChannels / inChannels, ...output,
        offsets, kernelSize, dWeights, hasBias ? dBias : 0,
      );
    },
    read(outputs) {
      tensor(outputs, "dWeights").set(dWeightsSums);
      outputs.dBias?.set(dBiasSums);
    },
    workspaceBytes: addresses.bytes - operandBytes,
    dispose: () => instance.close(),
  };
}
