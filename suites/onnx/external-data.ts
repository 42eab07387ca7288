import { closeSync, openSync, readSync, statSync, type Stats } from "node:fs";
import { dirname, isAbsolute, join, normalize, sep } from "node:path";
import { elementCount } from "../../core/shape.ts";
import { UsageError } from "../../core/usage-error.ts";
import { ELEMENT_TYPES, shortText, type OnnxTensor } from "./tensor.ts";

/**
 * Checks that the file which holds a tensor's elements is there and long enough. Nothing is read: shapes need no
 * weights.
 * @throws {UsageError} where it is not, or where its path leaves the model's folder.
 * Source: https://github.com/onnx/onnx, docs/ExternalData.md.
 */
export function checkExternalData(tensor: OnnxTensor, modelPath: string): void {
  if (tensor.data.kind === "external") regionOf(tensor, modelPath);
}

/**
 * A tensor's bytes from the file that holds them.
 * @throws {UsageError} as `checkExternalData`.
 */
export function readExternalData(tensor: OnnxTensor, modelPath: string): Uint8Array {
  const { path, offset, length } = regionOf(tensor, modelPath);
  const bytes = new Uint8Array(length);
  const file = openSync(path, "r");
  try {
    let done = 0;
    while (done < length) {
      const got = readSync(file, bytes, done, length - done, offset + done);
      if (got === 0) throw new UsageError(`${shownOf(tensor)}: its external data ends early`);
      done += got;
    }
  } finally {
    closeSync(file);
  }
  return bytes;
}

interface Region {
  readonly path: string;
  readonly offset: number;
  readonly length: number;
}

function regionOf(tensor: OnnxTensor, modelPath: string): Region {
  const { data } = tensor;
  if (data.kind !== "external") throw new Error(`${shownOf(tensor)} is not external`);
  const location = normalize(data.location);
  const shown = `"${shortText(data.location)}"`;
  // A model must not make us look at files elsewhere.
  if (isAbsolute(location) || location.split(sep).includes("..") || location.includes("\0"))
    throw new UsageError(`${shownOf(tensor)}: its external data ${shown} lies outside the model's folder`);
  const path = join(dirname(modelPath), location);
  const stats = statOf(path);
  if (stats === undefined)
    throw new UsageError(`${shownOf(tensor)}: its external data ${shown} is missing; put that file beside the model`);
  if (!stats.isFile()) throw new UsageError(`${shownOf(tensor)}: its external data ${shown} is not a file`);
  const bits = ELEMENT_TYPES[tensor.elementType]?.bits ?? 0;
  const needed = Math.ceil((elementCount(tensor.dims) * bits) / 8);
  if (data.length !== undefined && data.length !== needed)
    throw new UsageError(`${shownOf(tensor)} needs ${needed} bytes, its external data has ${data.length}`);
  if (data.offset + needed > stats.size)
    throw new UsageError(
      `${shownOf(tensor)}: its external data ${shown} has ${stats.size} bytes, ${data.offset + needed} are needed`,
    );
  return { path, offset: data.offset, length: needed };
}

function statOf(path: string): Stats | undefined {
  try {
    return statSync(path);
  } catch {
    return undefined;
  }
}

function shownOf(tensor: OnnxTensor): string {
  return `tensor "${shortText(tensor.name)}"`;
}
