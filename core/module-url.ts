/**
 * The URL of one of our modules, given as it is called in the repository: `from`, the asking module's own
 * `import.meta.url`, tells whether the sources run or what was built of them, where every `.ts` is a `.js`.
 */
export function moduleUrl(path: `${string}.ts`, from: string): URL {
  return new URL(isBuilt(from) ? path.replace(/\.ts$/, ".js") : path, from);
}

/** Whether a module of ours is one that was built. */
export function isBuilt(url: string): boolean {
  return !url.endsWith(".ts");
}
