import { existsSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, expect, test } from "vitest";
import { shellQuoted } from "../../../core/command-line.ts";
import { parseDescriptor } from "../../../core/descriptor.ts";
import type { PlanImpl } from "../../../core/plugin.ts";
import { commandPlugin } from "./command.ts";
import { isProgramPlan } from "./program-plan.ts";

const folder = mkdtempSync(join(tmpdir(), "benchconv-command-"));
afterAll(() => rmSync(folder, { recursive: true }));

const MEMORY = "/dev/shm";
const hasMemory = existsSync(MEMORY);
const { problem } = parseDescriptor("mb1ic1ih1iw4oc1kh1kw1");

/**
 * What a program gives for y: how many tensors came in frames, how many in the file, and two elements of x. `bytes` is
 * what it says that it wrote there.
 */
async function outputsOf(name: string, isShared: boolean, bytes = "whole.length"): Promise<readonly number[]> {
  const path = join(folder, `${name}.mjs`);
  const text = `import { openSync, readFileSync, writeSync } from "node:fs";
import { decodeFile, encodeFrame, FrameReader } from ${JSON.stringify(new URL("safetensors.ts", import.meta.url).href)};
const reader = new FrameReader();
const counts = { frame: 0, file: 0 };
let x;
const send = (metadata, tensors = []) =>
  encodeFrame({ benchconv: "1", ...metadata }, tensors).forEach((part) => process.stdout.write(part));
const answers = {
  describe: () => send({ describe: "{}", ${isShared ? 'shared: "1"' : ""} }),
  plan: () => send({}),
  load(tensors, file) {
    const own = file === undefined ? tensors : decodeFile(readFileSync(file)).tensors;
    counts[file === undefined ? "frame" : "file"] += own.size;
    x = Float32Array.from(own.get("x"));
    send({});
  },
  run: () => send({ ms: "0.5" }),
  read(_, file) {
    const tensor = { name: "y", shape: [4], elements: Float32Array.of(counts.frame, counts.file, x[0], x[3]) };
    if (file === undefined) return send({}, [tensor]);
    const [head, data] = encodeFrame({}, [tensor]);
    const whole = Buffer.concat([head.subarray(8), data]);
    writeSync(openSync(file, "r+"), whole, 0, whole.length, 0);
    send({ bytes: String(${bytes}) });
  },
};
process.stdin.on("data", (chunk) => {
  for (const { metadata, tensors } of reader.take(chunk)) answers[metadata.request](tensors, metadata.file);
});
`;
  writeFileSync(path, text);
  // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- as the loader of plugins finds out
  const plugin = (await commandPlugin(`${shellQuoted(process.execPath)} ${shellQuoted(path)}`)) as PlanImpl;
  const plan = await plugin.plan({ ...problem, bias: false }, "forward", { threads: 1 });
  const weights = Float32Array.of(1);
  await plan.load({ x: Float32Array.of(1, 2, 3, 4), weights });
  await plan.load({ x: Float32Array.of(5, 6, 7, 8), weights }, ["x"]);
  await plan.run();
  expect(await plan.deviceMs?.()).toBe(0.5);
  if (!isProgramPlan(plan)) throw new Error("it is no plan of a program");
  expect(await plan.roundTripMs()).toBeGreaterThan(0);
  const y = new Float32Array(4);
  await plan.read({ y });
  return [...y];
}

test("a program that offers nothing has all tensors in frames", async () => {
  expect(await outputsOf("frames", false)).toEqual([4, 0, 5, 8]);
});

test.skipIf(!hasMemory)("one that shares memory has them there, and those that changed; nothing is left", async () => {
  const own = (): readonly string[] => readdirSync(MEMORY).filter((name) => name.startsWith("benchconv-"));
  expect(await outputsOf("shares", true)).toEqual([0, 3, 5, 8]);
  // Those of programs that run beside this one have a name for a moment.
  await expect.poll(own).toEqual([]);
});

test.skipIf(!hasMemory)("what it says of the file is not believed", async () => {
  await expect(outputsOf("too-many", true, "1e12")).rejects.toThrow(/wrote 1000000000000 bytes, at most \d+ were/);
  await expect(outputsOf("too-few", true, "9")).rejects.toThrow("the command wrote no safetensors file but");
  await expect(outputsOf("no-number", true, '"many"')).rejects.toThrow("wrote NaN bytes");
});
