import { execFile } from "node:child_process";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { plainText } from "../../../core/plain-text.ts";
import type { Ceilings } from "../../../core/record.ts";
import { moduleUrl } from "../../../core/module-url.ts";

const CHILD = fileURLToPath(moduleUrl("./native-child.ts", import.meta.url));
/** On top of the measuring time: loading the library and planning. */
const LIMIT_MS = 10_000;

/**
 * The rate in GFLOP/s of onnxruntime-node's float32 matrix product, measured in a process of its own for `timeMs` and
 * checked; null with the reason where it cannot be measured. It never throws.
 */
export async function measureNative(
  threads: number,
  timeMs: number,
): Promise<Pick<Ceilings, "nativeGflops" | "nativeSource">> {
  try {
    const { stdout } = await promisify(execFile)(process.execPath, [CHILD, String(threads), String(timeMs)], {
      timeout: Math.ceil(timeMs) + LIMIT_MS,
      killSignal: "SIGKILL",
    });
    return nativeResult(stdout);
  } catch (error) {
    return { nativeGflops: null, nativeSource: `the process of the matrix product failed: ${endOf(error)}` };
  }
}

/** What the child wrote, in the record's words. */
export function nativeResult(stdout: string): Pick<Ceilings, "nativeGflops" | "nativeSource"> {
  const answer: unknown = JSON.parse(stdout);
  if (typeof answer === "object" && answer !== null) {
    if ("gflops" in answer && typeof answer.gflops === "number" && "source" in answer)
      return { nativeGflops: answer.gflops, nativeSource: plainText(String(answer.source)) };
    if ("reason" in answer) return { nativeGflops: null, nativeSource: plainText(String(answer.reason)) };
  }
  throw new Error("it wrote no result");
}

function endOf(error: unknown): string {
  if (!(error instanceof Error)) return plainText(String(error));
  if ("killed" in error && error.killed === true) return `it did not end within ${LIMIT_MS / 1000} s`;
  if ("signal" in error && typeof error.signal === "string") return `it was ended by ${error.signal}`;
  return plainText(error.message.split("\n")[0] ?? "");
}
