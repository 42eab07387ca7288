import { UsageError } from "../../core/usage-error.ts";

/** Libraries that are compared and tools that one command or another uses: whoever wants them installs them. */
const OPTIONAL_PEERS = [
  "@electric-sql/pglite",
  "@tensorflow/tfjs",
  "@tensorflow/tfjs-backend-wasm",
  "@tensorflow/tfjs-backend-webgpu",
  "katex",
  "onnxruntime-node",
  "onnxruntime-web",
  "pg",
  "pg-boss",
  "playwright-core",
  "rolldown",
  "vitest",
  "webgpu",
] as const;
/** Loads shared libraries; the rest works where it cannot be installed. */
const OPTIONAL = ["koffi"] as const;
/** Only its types are used where commands run. */
const FOR_TYPES = ["typebox"];
const KEPT = ["name", "version", "description", "keywords", "license", "repository", "type", "engines"] as const;

type Ranges = Readonly<Record<string, string>>;

/** What the published package says of itself, as far as it is not the repository's own words. */
interface PublishedManifest {
  readonly bin: Readonly<Record<string, string>>;
  readonly exports: Readonly<Record<string, unknown>>;
  readonly dependencies: Ranges;
  readonly optionalDependencies: Ranges;
  readonly peerDependencies: Ranges;
  readonly peerDependenciesMeta: Readonly<Record<string, { readonly optional: true }>>;
}

/** The manifest of the published package, from the repository's. @throws UsageError for a package that it lacks. */
export function publishedManifest(manifest: object): PublishedManifest {
  const field = (name: string): unknown => Reflect.get(manifest, name);
  const versions = new Map([...entriesOf(field("dependencies")), ...entriesOf(field("devDependencies"))]);
  const ranged = (names: readonly string[]): Ranges =>
    Object.fromEntries(
      names.map((name) => {
        const version = versions.get(name);
        if (version === undefined) throw new UsageError(`package.json has no ${name}, which the package names`);
        return [name, `^${version}`];
      }),
    );
  const dependencies = entriesOf(field("dependencies")).map(([name]) => name);
  const peers = { ...ranged(OPTIONAL_PEERS), ...Object.fromEntries(entriesOf(field("peerDependencies"))) };
  return {
    ...Object.fromEntries(KEPT.flatMap((name) => (field(name) === undefined ? [] : [[name, field(name)]]))),
    bin: { benchconv: "bin/benchconv.mjs" },
    exports: {
      ".": { types: "./index.d.ts", default: "./index.js" },
      "./vitest": { types: "./harness/verify/conformance.d.ts", default: "./harness/verify/conformance.js" },
      "./record.schema.json": "./core/record.schema.json",
      "./benchconv.h": "./harness/runner/foreign/benchconv.h",
      "./benchconv.py": "./harness/runner/foreign/benchconv.py",
      "./package.json": "./package.json",
    },
    dependencies: ranged(dependencies.filter((name) => !FOR_TYPES.includes(name))),
    optionalDependencies: ranged(OPTIONAL),
    peerDependencies: peers,
    peerDependenciesMeta: Object.fromEntries(Object.keys(peers).map((name) => [name, { optional: true } as const])),
  };
}

function entriesOf(value: unknown): readonly (readonly [string, string])[] {
  return Object.entries(typeof value === "object" && value !== null ? value : {}).map(
    ([name, version]: [string, unknown]) => [name, String(version)] as const,
  );
}
