/** The beginning of a script about TensorFlow.js: the library with one of its backends, as `tf`. */
export function tfjsScript(backend: "cpu" | "wasm", body: string): string {
  const wasm = `import { createRequire } from "node:module";
import { dirname, join, sep } from "node:path";
import { setWasmPaths } from "@tensorflow/tfjs-backend-wasm";
const require = createRequire(import.meta.url);
setWasmPaths(join(dirname(require.resolve("@tensorflow/tfjs-backend-wasm/package.json")), "dist") + sep);
`;
  const packages =
    backend === "wasm" ? "@tensorflow/tfjs@4.22.0 @tensorflow/tfjs-backend-wasm@4.22.0" : "@tensorflow/tfjs@4.22.0";
  return `// npm install ${packages}
import * as tf from "@tensorflow/tfjs";
${backend === "wasm" ? wasm : ""}tf.enableProdMode();
await tf.setBackend("${backend}");
await tf.ready();
${body.trim()}
`;
}
