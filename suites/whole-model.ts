import type { ModelGraph } from "../core/model.ts";

/** A whole model: the file as it is, and the graph that it says. */
export interface WholeModel {
  /** The file's name without its ending. */
  readonly name: string;
  readonly file: Uint8Array;
  /** SHA-256 of the file, in hexadecimal. */
  readonly digest: string;
  readonly graph: ModelGraph;
  /** The first extent of the first input. */
  readonly batch: number;
}
