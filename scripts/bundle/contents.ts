import { existsSync, globSync, readdirSync, readFileSync, statSync } from "node:fs";
import { dirname, join, relative, sep } from "node:path";
import picomatch from "picomatch";
import { UsageError } from "../../core/usage-error.ts";
import { CODE, LOADED, type BundledPackage } from "./packages.ts";

/** A file of the bundle. Except for the launcher, its path there (with `/`) is its path in the repository. */
export interface BundledFile {
  readonly path: string;
  /** Where its bytes are. */
  readonly source: string;
}

const SOURCES = [
  "{core,harness,impls,reference,reports,scripts,suites}/**/*.{ts,js,mjs,json,css,wasm}",
  "harness/runner/foreign/*.{h,py}",
  "docs/*.md",
  "{README.md,LICENSE,package.json}",
];
const NO_SOURCE = [
  "**/*.test.ts",
  "**/testing/**",
  "**/assembly/*.ts",
  "reports/page/{bundle.ts,client/**}",
  // The lesson's pages come ready made.
  "{reports,scripts}/lesson/**",
  // The record's schema as TypeBox: only its types are used where commands run.
  "core/record/**",
  "scripts/{build-page,build-record,build-wasm,bundle}.ts",
  "scripts/{wasm,bundle}/**",
];
const ALWAYS = ["package.json", "{LICENSE,LICENCE,NOTICE,ThirdPartyNotices}*"];
const NEVER = ["**/*.map", "**/*.d.ts", "node_modules/**", "**/{test,tests,doc,docs,examples}/**"];

/** All files of the bundle, by path. @throws UsageError for a package that is not installed. */
export function bundledFiles(root: string): readonly BundledFile[] {
  const files = [
    { path: "benchconv", source: join(root, "scripts/bundle/launcher.sh") },
    ...sourceFiles(root),
    ...packageFiles(root),
  ];
  return files.toSorted((a, b) => (a.path < b.path ? -1 : 1));
}

function sourceFiles(root: string): readonly BundledFile[] {
  const isLeftOut = picomatch(NO_SOURCE);
  return SOURCES.flatMap((pattern) => globSync(pattern, { cwd: root }))
    .map((path) => path.replaceAll(sep, "/"))
    .filter((path) => !isLeftOut(path))
    .map((path) => ({ path, source: join(root, path) }));
}

function packageFiles(root: string): readonly BundledFile[] {
  const chosen = new Map<string, readonly BundledFile[]>();
  const take = (wanted: BundledPackage, from: string, isOptional: boolean): void => {
    const folder = installedAt(wanted.name, from, root);
    if (folder === undefined) {
      if (isOptional) return;
      throw new UsageError(
        `the package ${wanted.name} is not installed: the bundle is made on Linux x64 after npm ci, without --omit`,
      );
    }
    if (chosen.has(folder)) return;
    chosen.set(folder, keptFiles(folder, wanted, root));
    const { dependencies, optionalDependencies } = manifestOf(folder);
    for (const name of [...dependencies, ...optionalDependencies]) {
      if (name.startsWith("@types/") || wanted.notLoaded?.includes(name)) continue;
      const listed = LOADED.find((one) => one.name === name);
      take(listed ?? { name, keep: CODE }, folder, optionalDependencies.includes(name));
    }
  };
  for (const one of LOADED) take(one, root, false);
  return [...chosen.values()].flat();
}

function keptFiles(folder: string, { name, keep }: BundledPackage, root: string): readonly BundledFile[] {
  const isKept = picomatch([...ALWAYS, ...keep]);
  const isLeftOut = picomatch(NEVER);
  const paths = readdirSync(folder, { recursive: true, encoding: "utf8" })
    .map((path) => path.replaceAll(sep, "/"))
    .filter((path) => isKept(path) && !isLeftOut(path) && statSync(join(folder, path)).isFile());
  for (const pattern of keep) {
    const matches = picomatch(pattern);
    if (!paths.some((path) => matches(path)))
      throw new UsageError(
        `the package ${name} holds no ${pattern}: scripts/bundle/packages.ts does not know this version`,
      );
  }
  return paths.map((path) => {
    const source = join(folder, path);
    return { path: relative(root, source).replaceAll(sep, "/"), source };
  });
}

/** Where Node would find a package from a folder, or undefined. */
function installedAt(name: string, from: string, root: string): string | undefined {
  for (let folder = from; ; folder = dirname(folder)) {
    const candidate = join(folder, "node_modules", name);
    if (existsSync(join(candidate, "package.json"))) return candidate;
    if (folder === root || folder === dirname(folder)) return undefined;
  }
}

function manifestOf(folder: string): {
  readonly dependencies: readonly string[];
  readonly optionalDependencies: readonly string[];
} {
  const manifest: unknown = JSON.parse(readFileSync(join(folder, "package.json"), "utf8"));
  const namesIn = (field: string): readonly string[] => {
    const value: unknown = typeof manifest === "object" && manifest !== null ? Reflect.get(manifest, field) : undefined;
    return typeof value === "object" && value !== null ? Object.keys(value) : [];
  };
  return { dependencies: namesIn("dependencies"), optionalDependencies: namesIn("optionalDependencies") };
}
