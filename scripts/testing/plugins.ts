import { readFileSync } from "node:fs";

const NAIVE = new URL("../../impls/naive.ts", import.meta.url).href;

const README = readFileSync(new URL("../../README.md", import.meta.url), "utf8");
/** The README's own plugin: its only block of JavaScript. */
const MY_CONV = /```js\n(.*?)```/s.exec(README)?.[1] ?? "";

/** Naive with one thing changed: the body of one function. */
export function changed(name: string, body: string): string {
  return `import naive from ${JSON.stringify(NAIVE)};\nexport default { ...naive, name: "${name}", ${body} };\n`;
}

/** Plugin files by name: correct ones, mutants, and ones that do not load. */
export const PLUGINS = {
  "my-conv.mjs": MY_CONV,
  "flips.mjs": changed(
    "flips",
    `forward(p, x, w, b, y) {
      const taps = p.kernel.reduce((n, k) => n * k, 1);
      naive.forward(p, x, w.map((_, i) => w[i - (i % taps) + taps - 1 - (i % taps)]), b, y);
    }`,
  ),
  "drops.mjs": changed(
    "drops",
    `forward(p, x, w, b, y) {
      const [channels, taps] = [p.inChannels / p.groups, p.kernel.reduce((n, k) => n * k, 1)];
      const isLast = (i) => Math.floor(i / taps) % channels === channels - 1;
      naive.forward(p, x, channels > 4 ? w.map((v, i) => (isLast(i) ? 0 : v)) : w, b, y);
    }`,
  ),
  "mean.mjs": changed(
    "mean",
    `backwardWeights(p, x, dy, dw, db) {
      naive.backwardWeights(p, x, dy, dw, db);
      for (const out of [dw, db ?? []]) for (let i = 0; i < out.length; i++) out[i] /= p.batch;
    }`,
  ),
  "tail.mjs": changed(
    "tail",
    `forward(p, x, w, b, y) {
      naive.forward(p, x, w, b, y);
      const [width, pad] = [p.input.at(-1), p.padBegin.at(-1) + p.padEnd.at(-1)];
      const columns = Math.floor((width + pad - p.dilation.at(-1) * (p.kernel.at(-1) - 1) - 1) / p.stride.at(-1)) + 1;
      if (columns > 4) for (let i = columns - 1; i < y.length; i += columns) y[i] += 1;
    }`,
  ),
  "remembers.mjs": `const filters = new Map();\n${changed(
    "remembers",
    `forward(p, x, w, b, y) {
      const key = JSON.stringify(p);
      if (!filters.has(key)) filters.set(key, w.slice());
      naive.forward(p, x, filters.get(key), b, y);
    }`,
  )}`,
  "hangs.mjs": changed("hangs", "forward() { for (;;); }"),
  "throws-later.mjs": changed("throws-later", 'forward() { throw new TypeError("no\\u001b[2J more"); }'),
  "dies.mjs": changed("dies", "forward() { process.exit(0); }"),
  "throws.mjs": 'throw new Error("not\\ntoday");\n',
  "syntax.mjs": "export default {\n",
  "misspelt.mjs": 'export default { name: "my-conv", algoritm: "gemm", forward() {} };\n',
  "number.mjs": "export default 3;\n",
  "nothing.mjs": "export const forward = () => {};\n",
  "nameless.mjs": "export default { forward() {} };\n",
  "other-my-conv.mjs": MY_CONV,
};
