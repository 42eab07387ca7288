import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, afterEach, describe, expect, test, vi } from "vitest";
import { parseDescriptor } from "../../core/descriptor.ts";
import type { CheckEntry, Status } from "../../core/record.ts";
import { PASSES } from "../../core/problem.ts";
import { findImplementations } from "../runner/discovery.ts";
import { isGuardable } from "../runner/foreign/memory.ts";
import { ImplementationProcess } from "../runner/process.ts";
import { hasProgram } from "../runner/testing/has-program.ts";
import type { VerifyOptions } from "./options.ts";
import { runVerify } from "./run.ts";

const CASE = parseDescriptor("g2mb2_ic4ih5oc6kh3ph1_iw6kw3pw1").problem;
const EXAMPLE = readFileSync(join(import.meta.dirname, "../../examples/c/conv.c"), "utf8");
const folder = mkdtempSync(join(tmpdir(), "benchconv-foreign-"));
// What is compiled goes there too, and goes with it: a worker of vitest is not let to tidy up when it ends.
process.env["TMPDIR"] = folder;
afterAll(() => rmSync(folder, { recursive: true }));
afterEach(() => vi.unstubAllEnvs());

/** A file in the folder, by its path. */
function file(name: string, text: string): string {
  const path = join(folder, name);
  writeFileSync(path, text);
  return path;
}

async function verified(path: string, options: Partial<VerifyOptions> = {}): Promise<readonly CheckEntry[]> {
  const { checks } = await runVerify(
    await findImplementations([path]),
    {
      passes: ["forward"],
      seed: 1,
      budgetMs: 1000,
      oneCase: { problem: CASE, data: "dense-exact" },
      laws: ["agreement"],
      causeMs: 0,
      bail: false,
      threads: 1,
      ...options,
    },
    [],
    { onCase: () => {}, onCheck: () => {}, onWarning: () => {} },
    new AbortController().signal,
  );
  return checks;
}

const FIRST = "  const float *b = bias;";
const X_END = "(int64_t)p->batch * p->in_channels * count(p->input)";
/** Faults in the example: what is changed of it, and what is told. */
const FAULTS: Readonly<Record<string, readonly [text: string, fault: string, status: Status, reason: string]>> = {
  "an off-by-one in the last column": ["iy >= I[1] ||", "iy >= I[1] - (I[1] > 2) ||", "failed", ""],
  "the bias of the last filter": ["b ? b[k] : 0", "b ? b[k && k == p->out_channels - 1 ? 0 : k] : 0", "failed", ""],
  "a read one element past the end of x": [
    FIRST,
    `${FIRST} volatile float z = ((float *)x)[${X_END}]; (void)z;`,
    "crashed",
    "SIGSEGV",
  ],
  "a write past y": [
    FIRST,
    `${FIRST} ((float *)y)[(int64_t)p->batch * p->out_channels * count(p->output)] = 1;`,
    "crashed",
    "SIGSEGV",
  ],
  "a write before y": [
    FIRST,
    `${FIRST} ((float *)y)[-1] = 1;`,
    "crashed",
    "wrote before the beginning of tensor 4 of the call",
  ],
  "a NULL dereference": [FIRST, `${FIRST} if (p->groups > 1) *(volatile int *)0 = 1;`, "crashed", ""],
  "a changed operand": [FIRST, `${FIRST} ((float *)x)[0] = 2;`, "failed", "changed its operand x"],
  "an error of its own": [
    FIRST,
    `${FIRST} if (p->groups > 1) return 5;`,
    "crashed",
    "benchconv_forward returned 5: out of luck",
  ],
};

describe.skipIf(!hasProgram("cc"))("kernels in C (a machine without cc skips these)", () => {
  test("the example holds in every pass", async () => {
    const path = file("right.c", EXAMPLE);
    const impls = await findImplementations([path]);
    const { checks } = await runVerify(
      impls,
      { passes: PASSES, seed: 1, budgetMs: 0, cases: 12, laws: ["agreement"], bail: false, threads: 1 },
      [],
      { onCase: () => {}, onCheck: () => {}, onWarning: () => {} },
      new AbortController().signal,
    );
    expect(checks.map(({ status, pass }) => [pass, status])).toEqual([
      ["forward", "passed"],
      ["backwardData", "passed"],
      ["backwardWeights", "passed"],
    ]);
    expect(checks.every(({ cases }) => cases > 10)).toBe(true);
  });

  test.skipIf(!isGuardable()).each(Object.entries(FAULTS))("%s is seen", async (_, [text, fault, status, reason]) => {
    const error = 'const char *benchconv_error(void) { return "out of luck"; }\n';
    expect(EXAMPLE).toContain(text);
    const [check] = await verified(file("faulty.c", EXAMPLE.replace(text, fault) + error));
    expect(check?.status).toBe(status);
    expect(check?.reason ?? check?.failure?.message).toContain(reason);
  });

  test("an endless loop is ended", async () => {
    const path = file("endless.c", EXAMPLE.replace(FIRST, `${FIRST} for (volatile int i = 0; i < 1;) {}`));
    const [implementation] = await findImplementations([path]);
    const process = new ImplementationProcess(implementation?.url ?? "", 1);
    const one = Float32Array.of(1);
    const problem = { ...CASE, batch: 1, inChannels: 1, outChannels: 1, groups: 1, bias: false };
    const geometry = { input: [1, 1], kernel: [1, 1], padBegin: [0, 0], padEnd: [0, 0] };
    const opening = { plan: 0, impl: "example-c", pass: "forward", threads: 1 } as const;
    await process.request({ verb: "open", problem: { ...problem, ...geometry }, ...opening }, 10_000);
    await process.request({ verb: "store", plan: 0, set: 0 }, 10_000, { x: one, weights: one });
    await process.request({ verb: "load", plan: 0, set: 0, poison: "nan" }, 10_000);
    expect(await process.request({ verb: "run", plan: 0 }, 300)).toMatchObject({ kind: "timed-out" });
    expect(process.alive).toBe(false);
  });

  test("a plan has its set-up, load, run and read", async () => {
    const path = file("plan.c", PLANNED);
    expect(await verified(path)).toMatchObject([{ status: "passed" }]);
    const late = PLANNED.replace("plan->x = x;", "if (!plan->x) plan->x = x;");
    const [check] = await verified(file("stale.c", late), { laws: ["contract-repeatable"] });
    expect(check?.status).not.toBe("passed");
  });

  test("a sanitizer's report is the reason, and the rerun says --sanitize", async () => {
    vi.stubEnv("BENCHCONV_SANITIZE", "1");
    const text = EXAMPLE.replace(FIRST, `${FIRST} volatile int z = 2147483647; z += p->batch;`);
    const [check] = await verified(file("overflow.c", text));
    expect(check?.reason).toMatch(/overflow\.c:\d+:\d+: runtime error: signed integer overflow/);
    expect(check?.failure?.rerun).toMatch(/--sanitize$/);
  });

  test("what does not compile or load is one line", async () => {
    const head = '#include "benchconv.h"\n';
    const forward = `${head}int benchconv_forward(const benchconv_problem *p, const void *x, const void *w, const void *b, void *y) { return 0; }\n`;
    const messages = {
      "syntax.c": [
        "int f(void) { return }\n",
        /syntax\.c: it does not compile: .*syntax\.c:1:\d+: error: expected expression/,
      ],
      "empty.c": ["int f(void) { return 1; }\n", /it exports neither benchconv_forward nor benchconv_plan/],
      "half.c": [
        `${head}void *benchconv_plan(const benchconv_problem *p, int32_t pass) { return 0; }`,
        /but not benchconv_load/,
      ],
      "newer.c": [`${forward}int32_t benchconv_version(void) { return 7; }`, /version 7 of benchconv\.h/],
      "field.c": [
        `${forward}const char *benchconv_describe(void) { return "{\\"nam\\": 3}"; }`,
        /there is no field "nam"; did you mean name\?/,
      ],
      "none.so": ["no library\n", /none\.so does not load: .*invalid ELF|file too short/],
    } as const;
    for (const [name, [text, message]] of Object.entries(messages)) {
      await expect(findImplementations([file(name, text)])).rejects.toThrow(message);
    }
    const elf = Buffer.alloc(64);
    elf.write("\u007fELF\u0002\u0001\u0001", "latin1");
    elf.writeUInt16LE(8, 18); // MIPS
    await expect(findImplementations([file("other.so.2", elf.toString("latin1"))])).rejects.toThrow(
      /other\.so\.2 does not load: Error: it is a library for ELF machine 8, and this machine is/,
    );
    vi.stubEnv("CC", "no-such-compiler");
    await expect(findImplementations([file("a.c", forward)])).rejects.toThrow(
      'there is no compiler "no-such-compiler" (CC names another; on Debian: apt-get install gcc)',
    );
  });
});

const PLANNED = `${EXAMPLE}
#include <stdlib.h>
typedef struct { benchconv_problem problem; const void *x, *weights, *bias; float *y; } plan_t;
static int64_t outputs(const benchconv_problem *p) { return (int64_t)p->batch * p->out_channels * count(p->output); }
void *benchconv_plan(const benchconv_problem *problem, int32_t pass) {
  plan_t *plan = calloc(1, sizeof *plan);
  plan->problem = *problem;
  plan->y = malloc(outputs(problem) * sizeof(float));
  return plan;
}
const char *benchconv_unsupported(const benchconv_problem *problem, int32_t pass) {
  return pass == BENCHCONV_FORWARD ? NULL : "forward only";
}
int benchconv_load(void *state, const void *x, const void *weights, const void *bias) {
  plan_t *plan = state;
  plan->x = x; plan->weights = weights; plan->bias = bias;
  return 0;
}
int benchconv_run(void *state) {
  plan_t *plan = state;
  return benchconv_forward(&plan->problem, plan->x, plan->weights, plan->bias, plan->y);
}
int benchconv_read(void *state, void *output, void *d_bias) {
  plan_t *plan = state;
  for (int64_t i = 0; i < outputs(&plan->problem); i++) ((float *)output)[i] = plan->y[i];
  return 0;
}
void benchconv_dispose(void *state) { free(((plan_t *)state)->y); free(state); }
`;
