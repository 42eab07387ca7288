import { userPath } from "../../core/paths.ts";

/** Where pages go unless a file is named: a folder where the user is, never one of ours. */
export const OUTPUT_FOLDER = "benchconv-out";

/** That folder's path. */
export function outputFolder(): string {
  return userPath(OUTPUT_FOLDER);
}
