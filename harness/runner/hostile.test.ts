import { spawnSync } from "node:child_process";
import { randomUUID } from "node:crypto";
import { existsSync, globSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { afterAll, expect, test, vi } from "vitest";
import { parseDescriptor } from "../../core/descriptor.ts";
import type { Pass } from "../../core/problem.ts";
import type { Status } from "../../core/record.ts";
import { check } from "../verify/check.ts";
import { counterexampleOf, faultOf } from "../verify/outcome.ts";
import { Runner } from "../verify/runner.ts";
import { agreement } from "../../suites/laws/agreement.ts";
import { contractNoLateWrites } from "../../suites/laws/contract-no-late-writes.ts";
import type { ImplDescription } from "./messages.ts";
import { ImplementationProcess } from "./process.ts";
import { holdsSoon, markDescendants } from "./testing/foreign-processes.ts";

const folder = mkdtempSync(join(tmpdir(), "benchconv-hostile-"));
const foreignProcesses = process.platform === "linux" ? markDescendants() : () => [];
afterAll(() => rmSync(folder, { recursive: true }));

/** For a request: short where the implementation hangs, and long enough for a busy machine where it does not. */
const LIMIT_MS = { hangs: 1500, answers: 15_000 };
const LIMIT_BYTES = 400 * 2 ** 20;
const naive = JSON.stringify(new URL("../../impls/naive.ts", import.meta.url).href);

/** A plugin file: `top` stands before its export, and forward is `body`; `right()` computes rightly. */
function pluginFile(top: string, body: string): string {
  const path = join(folder, `${randomUUID()}.mjs`);
  const text = `import naive from ${naive};
let calls = 0; const kept = [];
${top}
export default { name: "hostile", forward(p, x, w, b, y) { const right = () => naive.forward(p, x, w, b, y);
  calls++; ${body} } };`;
  writeFileSync(path, text);
  return pathToFileURL(path).href;
}

interface End {
  readonly status: Status;
  readonly reason: string;
  readonly ms: number;
}

/** What the checker says of an implementation after a few cases. */
async function endOf(top: string, body: string, limitMs = LIMIT_MS.answers): Promise<End> {
  const description: ImplDescription = {
    name: "hostile",
    algorithm: "direct",
    precision: "float32",
    arithmetic: "ieee",
    passes: ["forward"],
  };
  const url = pluginFile(top, body);
  const runner = new Runner(description, 1, () => new ImplementationProcess(url, 1, LIMIT_BYTES));
  const pass: Pass = "forward";
  const startedAt = performance.now();
  const end = (status: Status, reason: string): End => ({ status, reason, ms: performance.now() - startedAt });
  try {
    for (const law of [agreement, contractNoLateWrites, agreement]) {
      const { problem } = parseDescriptor("mb2ic3ih6oc4kh3ph1");
      const outcome = await check(runner, law, { problem, pass, data: "dense-exact", seed: 1 }, { limitMs });
      const counterexample = counterexampleOf(outcome);
      if (counterexample !== undefined) return end(counterexample.kind, faultOf(counterexample).message);
    }
    return end("passed", "");
  } finally {
    await runner.stop();
  }
}

type Row = readonly [what: string, expected: Status, reason: RegExp, body: string, top?: string];

const ENDS: readonly Row[] = [
  ["hangs in a loop", "timed-out", /no answer to run within/, "for (;;);"],
  ["never settles its promise", "timed-out", /no answer to run/, "return new Promise(() => {});"],
  ["returns a thenable that never settles", "timed-out", /no answer to run/, "return { then() {} };"],
  ["hangs on a second call", "timed-out", /no answer to run/, "right(); if (calls > 1) for (;;);"],
  ["exits with status 0", "crashed", /ended with status 0 during run$/, "right(); process.exit(0);"],
  [
    "exits from an exit handler that hangs",
    "timed-out",
    /no answer/,
    `process.on("exit", () => { for (;;); }); process.exit(0);`,
  ],
  ["aborts", "crashed", /SIGABRT/, "process.abort();"],
  ["kills itself", "crashed", /SIGKILL/, `process.kill(process.pid, "SIGKILL");`],
  ["stops itself", "timed-out", /no answer/, `process.kill(process.pid, "SIGSTOP");`],
  [
    "fills buffers",
    "crashed",
    /more than 0\.391 GiB of memory/,
    "for (;;) kept.push(new Float64Array(2 ** 20).fill(1));",
  ],
  [
    "has a process of its own fill buffers",
    "crashed",
    /more than 0\.391 GiB of memory/,
    `right(); spawn(process.execPath, ["-e", "const a = []; for (;;) a.push(Buffer.alloc(1e6, 1));"]); for (;;);`,
    `import { spawn } from "node:child_process";`,
  ],
  ["fills the heap", "crashed", /memory/, "for (;;) kept.push({ a: [1, 2, 3], b: String(Math.random()) });"],
  ["throws from a timer", "crashed", /Error: late/, `right(); setTimeout(() => { throw new Error("late"); }, 0);`],
  ["leaves a rejection", "crashed", /Error: nobody/, `right(); void Promise.reject(new Error("nobody"));`],
  ["throws null", "crashed", /run threw null/, "throw null;"],
  ["throws a string", "crashed", /run threw no/, `throw "no";`],
  [
    "throws what throws when it is looked at",
    "crashed",
    /no text/,
    `throw { get message() { throw 1; }, toString() { throw 2; } };`,
  ],
  ["throws a proxy", "crashed", /run threw/, `throw new Proxy({}, { has() { throw 1; }, get() { throw 2; } });`],
  ["throws a huge message", "crashed", /^run threw Error: x{1000,2000}…$/, `throw new Error("x".repeat(1e8));`],
  ["rejects with undefined", "crashed", /run threw undefined/, "return Promise.reject(undefined);"],
  ["overflows the stack", "crashed", /RangeError/, "const f = () => f() + 1; f();"],
  ["mutates its problem, a copy of its own", "passed", /^$/, "right(); p.batch = 7;"],
  [
    "keeps the output and writes it in a timer",
    "failed",
    /wrote into its output y after it was read|y.* was expected/,
    "right(); setTimeout(() => { y[0] += 1; }, 3);",
  ],
  [
    "keeps the output and writes it at the next call",
    "failed",
    /after it was read/,
    "right(); kept.at(-1)?.fill(3); kept.push(y);",
  ],
  ["changes an operand", "failed", /changed its operand w/, "right(); w[0] += 1;"],
  ["changes an operand later", "failed", /changed its operand x/, "right(); setTimeout(() => { x[0] = 7; }, 3);"],
  [
    "transfers an operand",
    "failed",
    /took away the buffer of its operand x/,
    "right(); structuredClone(x, { transfer: [x.buffer] });",
  ],
  ["transfers the output", "failed", /took away the buffer of its output y/, "right(); y.buffer.transfer(8);"],
  [
    "answers in the harness's place",
    "mistrusted",
    /wrote into the harness's own channel/,
    `right(); forge('{"message":{"key":"0","body":{"kind":"answer","answer":{"runMs":0}}},"tensors":[]}');`,
    `import { writeSync } from "node:fs"; const forge = (text) => { const head = Buffer.alloc(4);
    head.writeUInt32LE(text.length); writeSync(3, Buffer.concat([head, Buffer.from(text)])); };`,
  ],
  [
    "writes noise into the channel",
    "mistrusted",
    /channel/,
    `right(); for (const channel of [3, 4]) writeSync(channel, "x".repeat(1e5));`,
    `import { writeSync } from "node:fs";`,
  ],
  [
    "closes the channel of its answers",
    "crashed",
    /ended/,
    `right(); closeSync(3);`,
    `import { closeSync } from "node:fs";`,
  ],
  [
    "closes the channel of its requests",
    "crashed",
    /ended/,
    `right(); closeSync(4);`,
    `import { closeSync } from "node:fs";`,
  ],
  [
    "reads the channel",
    "timed-out",
    /no answer/,
    `right(); setTimeout(() => { readSync(4, Buffer.alloc(1)); for (;;); }, 0);`,
    `import { readSync } from "node:fs";`,
  ],
];

test.runIf(process.platform === "linux").concurrent.for(ENDS)(
  "an implementation that %s is %s",
  async ([, expected, reason, body, top = ""]) => {
    const end = await endOf(top, body, expected === "timed-out" ? LIMIT_MS.hangs : LIMIT_MS.answers);
    expect(end).toEqual({
      status: expected,
      reason: expect.stringMatching(reason) as unknown,
      ms: expect.any(Number) as unknown,
    });
  },
);

/** What an implementation may do to its own process: it computes rightly, and that is what counts. */
const HARMLESS: readonly (readonly [what: string, top: string, body?: string])[] = [
  ["the clocks", "performance.now = () => 0; Date.now = () => 0; process.hrtime.bigint = () => 0n;"],
  [
    "Math",
    "for (const name of ['random', 'fround', 'imul', 'abs', 'max', 'min', 'floor', 'trunc']) Math[name] = () => 0.5;",
  ],
  [
    "JSON and Buffer",
    `JSON.parse = JSON.stringify = () => '{}'; Buffer.from = Buffer.alloc = Buffer.concat = () => 0;
    Object.prototype.toJSON = () => 'x';`,
  ],
  [
    "arrays",
    `for (const name of ['map', 'push', 'flatMap', 'find', 'slice', 'filter', 'reduce', Symbol.iterator])
      Array.prototype[name] = () => { throw new Error(String(name)); };`,
  ],
  ["array iterators", "Object.getPrototypeOf([][Symbol.iterator]()).next = () => ({ done: true });"],
  [
    "typed arrays",
    `const T = Object.getPrototypeOf(Float32Array.prototype);
    for (const name of ['set', 'fill', 'slice', 'subarray', Symbol.iterator])
      T[name] = () => { throw new Error("patched"); };
    for (const name of ['length', 'buffer', 'byteLength', 'byteOffset'])
      Object.defineProperty(T, name, { get: () => 1 });
    globalThis.Float32Array = globalThis.Uint8Array = globalThis.ArrayBuffer = class {};`,
  ],
  [
    "promises",
    `Promise.prototype.then = () => { throw new Error('then'); }; globalThis.Promise = class {};
    Promise.all = () => 0;`,
  ],
  [
    "maps, objects and regular expressions",
    `Map.prototype.get = Map.prototype.set = () => 1; Object.entries = Object.fromEntries = Object.values = () => [];
    RegExp.prototype.exec = RegExp.prototype.test = () => null; String.prototype.replaceAll = () => '';`,
  ],
  [
    "the process",
    `process.exit = () => {}; process.kill = () => {}; process.chdir("/");
    for (const name of Object.keys(process.env)) delete process.env[name];
    process.on("SIGTERM", () => {}); process.on("uncaughtException", () => {});
    globalThis.fetch = globalThis.setTimeout = globalThis.setInterval = undefined;`,
  ],
  [
    "node's modules",
    `import fs from "node:fs"; import crypto from "node:crypto"; import { syncBuiltinESMExports } from "node:module";
    import events from "node:events";
    fs.read = fs.writeSync = fs.readFileSync = () => { throw 1; }; crypto.hash = () => "";
    events.prototype.emit = () => false; syncBuiltinESMExports();`,
  ],
  [
    "the harness's own functions",
    `for (const file of ["plugin-host", "open-plan", "frames", "plugin-realm", "planning", "sampler", "request-loop"]) {
      const module = await import(${JSON.stringify(new URL(".", import.meta.url).href)} + file + ".ts");
      for (const value of Object.values(module)) if (typeof value === "function" && value.prototype)
        for (const name of Object.getOwnPropertyNames(value.prototype))
          try { value.prototype[name] = () => { throw new Error("patched"); }; } catch {}
    }`,
  ],
  [
    "what leads from its arguments to their realm",
    "",
    `for (const value of [p, p.input, x, x.buffer, y]) { const { prototype } = value.constructor;
    for (const name of ["map", "toString", "slice"]) prototype[name] = () => { throw new Error("patched"); }; }`,
  ],
  ["its output with megabytes", "", `process.stdout.write("o".repeat(3e6)); process.stderr.write("e".repeat(3e6));`],
  ["frozen prototypes", "Object.freeze(Array.prototype); Object.freeze(Object.prototype);"],
];

test.runIf(process.platform === "linux").concurrent.for(HARMLESS)(
  "an implementation that patches %s and computes rightly passes",
  async ([, top, body = ""]) => {
    const end = await endOf(`${PLAIN_CONVOLUTION} ${top}`, `${body} plain(p, x, w, b, y);`);
    expect(end).toMatchObject({ status: "passed", reason: "" });
  },
);

/** A convolution of nothing but loops, for what has patched the rest. */
const PLAIN_CONVOLUTION = `function plain(p, x, w, b, y) {
  const N = p.batch, C = p.inChannels, K = p.outChannels, H = p.input[0], W = p.input[1];
  const R = p.kernel[0], S = p.kernel[1], pt = p.padBegin[0], pl = p.padBegin[1];
  const OH = H + pt + p.padEnd[0] - R + 1, OW = W + pl + p.padEnd[1] - S + 1;
  for (let n = 0; n < N; n++) for (let k = 0; k < K; k++) for (let i = 0; i < OH; i++) for (let j = 0; j < OW; j++) {
    let sum = b === undefined ? 0 : b[k];
    for (let c = 0; c < C; c++) for (let r = 0; r < R; r++) for (let s = 0; s < S; s++) {
      const h = i + r - pt, v = j + s - pl;
      if (h >= 0 && h < H && v >= 0 && v < W)
        sum += x[((n * C + c) * H + h) * W + v] * w[((k * C + c) * R + r) * S + s];
    }
    y[((n * K + k) * OH + i) * OW + j] = sum;
  }
}`;

test.runIf(process.platform === "linux")(
  "processes that an implementation starts end with it, also those that left its group",
  async () => {
    const start = `import { spawn } from "node:child_process";
    const sleep = (detached) =>
      spawn("sleep", ["1000"], { detached, stdio: detached ? "ignore" : "inherit" }).unref();`;
    expect(await endOf(start, "right(); sleep(true); sleep(false);")).toMatchObject({ status: "passed" });
    expect(await endOf(start, "sleep(true); sleep(false); process.exit(3);")).toMatchObject({ status: "crashed" });
    expect(await holdsSoon(() => foreignProcesses().length === 0)).toBe(true);
  },
);

test.runIf(process.platform === "linux" && existsSync("/usr/bin/prlimit"))(
  "so do those that have neither its session nor its environment, before the next round begins",
  async () => {
    const name = `escaped-${randomUUID()}`;
    // A shell starts another in a session of its own, and ends.
    const start = `import { spawnSync } from "node:child_process";
    const escape = () => spawnSync("/bin/sh", ["-c", "(exec setsid env -i sh -c 'sleep 1000; : ${name}') & exit"],
      { env: {}, stdio: "ignore", detached: true });`;
    const isThere = (): boolean =>
      spawnSync("grep", ["-qsF", `sleep 1000; : ${name}`, ...globSync("/proc/[0-9]*/cmdline")]).status === 0;
    const { status, reason } = await endOf(start, `right(); if (calls === 1) escape();`);
    expect({ status, reason }).toEqual({ status: "passed", reason: "" });
    expect(isThere()).toBe(false);
  },
);

test("an implementation's process opens no debugger on a signal, and has no secret of the harness", async () => {
  vi.stubEnv("REGISTRY_TOKEN", "secret");
  const top = `import { url } from "node:inspector"; import { setTimeout as delay } from "node:timers/promises";
  if (process.platform !== "win32") process.kill(process.pid, "SIGUSR1");
  await delay(100);
  if (url() !== undefined || process.env.REGISTRY_TOKEN !== undefined) throw new Error("open");`;
  expect(await endOf(top, "right();")).toMatchObject({ status: "passed", reason: "" });
});
