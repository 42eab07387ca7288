/** One job on large tensors, in a thread of its own. */
import { parentPort, workerData } from "node:worker_threads";
import { operandsOfAnyType } from "../../suites/data/typed-operands.ts";
import { buffersOf, verdictOf, type Done, type Job } from "./large-work.ts";

// oxlint-disable-next-line typescript/no-unsafe-type-assertion -- what large-work.ts sends
const job = workerData as Job;

function done(): { readonly result: Done; readonly tensors: ArrayBuffer[] } {
  switch (job.kind) {
    case "draw": {
      const { problem, pass, data, seed } = job.of;
      const operands = operandsOfAnyType(problem, pass, data, seed);
      return { result: { kind: "drawn", operands }, tensors: buffersOf(operands) };
    }
    case "check": {
      const { outputs } = job.of;
      return { result: { kind: "checked", verdict: verdictOf(job.of), outputs }, tensors: buffersOf(outputs) };
    }
  }
}

const { result, tensors } = done();
parentPort?.postMessage(result, tensors);
