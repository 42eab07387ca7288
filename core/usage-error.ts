/**
 * The call, a problem, a file or a plugin file is wrong: one line with what is wrong, its value and what would be
 * right. The exit status is 2.
 */
export class UsageError extends Error {
  override readonly name = "UsageError";
}
