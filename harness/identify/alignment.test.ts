import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { parseDescriptor } from "../../core/descriptor.ts";
import { findImplementations } from "../runner/discovery.ts";
import { isGuardable } from "../runner/foreign/memory.ts";
import { hasProgram } from "../runner/testing/has-program.ts";
import { identify } from "./run.ts";

let folder = "";
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), "benchconv-alignment-"));
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

/** 1×1; two sums where the weights lie at a multiple of 64 bytes, one elsewhere. */
const SOURCE = `/* benchconv: flags=-ffp-contract=off */
#include "benchconv.h"
#include <stdint.h>
int benchconv_forward(const benchconv_problem *p, const void *x, const void *w, const void *bias, void *y) {
  int points = p->input[0] * p->input[1], lanes = (uintptr_t)w % 64 == 0 ? 2 : 1;
  for (int n = 0; n < p->batch; n++)
    for (int k = 0; k < p->out_channels; k++)
      for (int at = 0; at < points; at++) {
        float sums[2] = {0, 0};
        for (int c = 0; c < p->in_channels; c++)
          sums[c % lanes] += ((float *)x)[(n * p->in_channels + c) * points + at] * ((float *)w)[k * p->in_channels + c];
        ((float *)y)[(n * p->out_channels + k) * points + at] = sums[0] + sums[1];
      }
  return 0;
}
`;

test.skipIf(!hasProgram(process.env["CC"] ?? "cc") || !isGuardable())(
  "a kernel whose order depends on where its operands begin is told",
  async () => {
    const path = join(folder, "by-address.c");
    writeFileSync(path, SOURCE);
    const [implementation] = await findImplementations([path]);
    const { problem } = parseDescriptor("mb1ic16ih3oc8kh1", false);
    const found = await identify(
      implementation!,
      { pass: "forward", problems: [problem], threads: 1, manyThreads: undefined, switchesMs: undefined },
      { onProblem() {}, onSwitches() {} },
      new AbortController().signal,
    );
    expect(found.findings).toMatchObject([{ invariant: { runs: true, alignment: false } }]);
  },
);
