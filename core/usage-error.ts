/** The call, a problem, a file or a plugin file is wrong: the message is one line that says what, its value and what would be right; the exit status is 2. */
export class UsageError extends Error {
  override readonly name = "UsageError";
}
