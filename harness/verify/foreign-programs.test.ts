import { spawnSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, describe, expect, test } from "vitest";
import { shellQuoted } from "../../core/command-line.ts";
import { parseDescriptor } from "../../core/descriptor.ts";
import { PASSES } from "../../core/problem.ts";
import type { CheckEntry } from "../../core/record.ts";
import { findImplementations } from "../runner/discovery.ts";
import { gridOf, workgroupSize } from "../runner/foreign/wgsl-grid.ts";
import { encodeFrame } from "../runner/foreign/safetensors.ts";
import { hasProgram } from "../runner/testing/has-program.ts";
import { runVerify } from "./run.ts";

const EXAMPLES = join(import.meta.dirname, "../../examples");
const folder = mkdtempSync(join(tmpdir(), "benchconv-programs-"));
afterAll(() => rmSync(folder, { recursive: true }));

function file(name: string, content: string | Uint8Array): string {
  const path = join(folder, name);
  writeFileSync(path, content);
  return path;
}

async function checksOf(selector: string, cases: number): Promise<readonly CheckEntry[]> {
  const { checks } = await runVerify(
    await findImplementations([selector]),
    { passes: PASSES, seed: 1, budgetMs: 0, cases, laws: ["agreement"], causeMs: 0, bail: false, threads: 1 },
    [],
    { onCase: () => {}, onCheck: () => {}, onWarning: () => {} },
    new AbortController().signal,
  );
  return checks;
}

/** Of a small problem, without a search for a smaller one. */
async function firstCheck(selector: string): Promise<CheckEntry | undefined> {
  const { problem } = parseDescriptor("g1mb1_ic1oc1_iw4ow4kw1");
  const { checks } = await runVerify(
    await findImplementations([selector]),
    {
      passes: ["forward"],
      seed: 1,
      budgetMs: 1000,
      oneCase: { problem, data: "dense-exact" },
      laws: ["agreement"],
      causeMs: 0,
      bail: false,
      threads: 1,
    },
    [],
    { onCase: () => {}, onCheck: () => {}, onWarning: () => {} },
    new AbortController().signal,
  );
  return checks[0];
}

const HOLDS = PASSES.map((pass) => ({ pass, status: "passed" }));
const hasNumPy = spawnSync("python3", ["-c", "import numpy"]).status === 0;

describe.skipIf(!hasNumPy)("programs in Python (a machine without NumPy skips these)", () => {
  /** A program whose forward has this body; what it returns is `problem`'s y. */
  const program = (name: string, body: string): string => {
    const head = "import os, benchconv\n";
    const path = file(name, `${head}def forward(problem, x, weights, bias):\n    ${body}\nbenchconv.serve(forward)\n`);
    return `cmd:python3 ${shellQuoted(path)}`;
  };
  const failing = (name: string, body: string): Promise<CheckEntry | undefined> => firstCheck(program(name, body));

  test("what it raises, returns or dies of is its verdict", async () => {
    expect((await failing("raises.py", "raise KeyError('tile')"))?.reason).toContain(
      "run threw Error: KeyError: 'tile'",
    );
    expect((await failing("shape.py", "return x[..., :2]"))?.reason).toContain("2 elements of y, 4 were expected");
    expect((await failing("dies.py", "os._exit(3)"))?.reason).toContain("the command ended with status 3");
    expect((await failing("null.py", "import ctypes; ctypes.string_at(0)"))?.reason).toContain("Segmentation fault");
    expect((await failing("wrong.py", "print('to stderr'); return x * 0"))?.status).toBe("failed");
  });

  test("alone, it says how it is used", () => {
    const env = { ...process.env, PYTHONPATH: join(import.meta.dirname, "../runner/foreign") };
    const { status, stderr } = spawnSync("python3", [join(EXAMPLES, "python/conv.py")], { encoding: "utf8", env });
    expect([status, stderr]).toEqual([2, expect.stringContaining("npx benchconv verify --impl 'cmd:python3 ")]);
  });
});

test("a command that is no implementation is one line", async () => {
  const frame = Buffer.concat(encodeFrame({ benchconv: "9", describe: "{}" }, []));
  const answer = `process.stdout.write(Buffer.from("${frame.toString("base64")}", "base64")); setInterval(() => {}, 1000);`;
  const node = `cmd:${shellQuoted(process.execPath)} `;
  const messages = [
    ["cmd:echo hello, who is this", 'the command wrote "hello, who is this\\n" where a frame was expected'],
    ["cmd:no-such-program --x", "the command ended with status 127 ("],
    ["cmd:exit 3", "the command ended with status 3"],
    [node + shellQuoted(file("nine.mjs", answer)), "the command speaks version 9 of the frames, this benchconv 1"],
  ] as const;
  for (const [selector, message] of messages) await expect(findImplementations([selector])).rejects.toThrow(message);
});

describe("kernels in WebAssembly", () => {
  test("a write past y, and to NULL, is seen (skipped without clang)", async ({ skip }) => {
    if (!hasProgram("clang") || !hasProgram("wasm-ld")) return skip("there is no clang for WebAssembly");
    const example = readFileSync(join(EXAMPLES, "wasm/conv.c"), "utf8");
    const line = "  const float *b = bias;";
    for (const [fault, reason] of [
      ["((float *)y)[(int64_t)p->batch * p->out_channels * count(p->output)] = 1;", "wrote past the end of tensor 4"],
      ["*(volatile int *)0 = 1;", "wrote to address 0, which is NULL"],
    ] as const) {
      file("conv.c", example.replace(line, `${line} ${fault}`));
      const linked = ["-Wl,--no-entry", "-Wl,--export-dynamic", "-Wl,--export=__heap_base"];
      const include = `-I${join(import.meta.dirname, "../runner/foreign")}`;
      const args = [
        "--target=wasm32",
        "-O2",
        "-nostdlib",
        "-fno-builtin",
        ...linked,
        include,
        "-o",
        "conv.wasm",
        "conv.c",
      ];
      expect(spawnSync("clang", args, { cwd: folder }).status).toBe(0);
      expect((await firstCheck(join(folder, "conv.wasm")))?.reason).toContain(reason);
    }
  });

  test("the example holds in every pass", async () => {
    expect(await checksOf(join(EXAMPLES, "wasm/conv.wasm"), 8)).toMatchObject(HOLDS);
  });

  test("a module that is none, or imports more than WASI, is one line", async () => {
    const head = [0, 0x61, 0x73, 0x6d, 1, 0, 0, 0];
    const imports = Uint8Array.of(...head, 1, 4, 1, 0x60, 0, 0, 2, 9, 1, 3, 0x65, 0x6e, 0x76, 1, 0x66, 0, 0);
    const load = (name: string, bytes: Uint8Array): Promise<unknown> => findImplementations([file(name, bytes)]);
    await expect(load("imports.wasm", imports)).rejects.toThrow(
      "it imports env.f; a module may import wasi_snapshot_preview1",
    );
    await expect(load("none.wasm", Uint8Array.of(...head))).rejects.toThrow(
      'it exports no memory under the name "memory"',
    );
    await expect(load("text.wasm", Buffer.from("(module)"))).rejects.toThrow("CompileError");
  });
});

describe("kernels in WGSL (a machine without WebGPU skips these)", () => {
  const path = join(EXAMPLES, "wgsl/conv.wgsl");

  test("one that does not compile, or has no entry point, is one line", async ({ skip }) => {
    await expect(findImplementations([file("none.wgsl", "// nothing\n")])).rejects.toThrow("no entry point forward");
    const [implementation] = await findImplementations([path]);
    const unavailable = implementation?.description.unavailable;
    if (unavailable !== undefined) return skip(unavailable);
    const broken = file("broken.wgsl", "@compute @workgroup_size(1)\nfn forward() { let x = ; }\n");
    return expect(findImplementations([broken])).rejects.toThrow(/does not compile: broken\.wgsl:2:\d+: /);
  });
});

test("a shader's grid is one thread an output element, or what its comment says", () => {
  const code = "@compute @workgroup_size(8, 8)\nfn forward() {}\n@workgroup_size(4) @compute\nfn backward_data() {}\n";
  expect(workgroupSize(code, "forward")).toBe(64);
  expect(workgroupSize(code, "backward_data")).toBe(4);
  expect(() => workgroupSize("@compute @workgroup_size(n)\nfn forward() {}", "forward")).toThrow("@workgroup_size");
  expect(gridOf(code, "forward", {}, 10)).toEqual([10, 1, 1]);
  expect(gridOf(code, "forward", {}, 100_000)).toEqual([50_000, 2, 1]);
  const commented = `// benchconv: grid=output_1/8,out_channels*batch\n${code}`;
  expect(gridOf(commented, "forward", { output_1: 13, out_channels: 6, batch: 2 }, 1)).toEqual([2, 12, 1]);
  expect(() => gridOf("// benchconv: grid=outputs\n", "forward", {}, 1)).toThrow('its grid names "outputs"');
});
