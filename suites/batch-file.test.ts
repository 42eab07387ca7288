import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, test } from "vitest";
import { parseBatch, readBatchFile } from "./batch-file.ts";
import { printDescriptor } from "../core/descriptor.ts";
import { UsageError } from "../core/usage-error.ts";

// Lines of oneDNN's shapes_resnet_50, shapes_tails, shapes_1d and shapes_3d_unet.
const SHAPES = `# resnet_50

g1mb50ic3ih224iw224oc64oh112ow112kh7kw7sh2sw2ph3pw3n"resnet_50:conv1"
mb50ic64ih56oc256oh56kh1ph0n"resnet_50:res2a_branch1*4"
# mb50ic64ih56oc256oh56kh1ph0n"resnet_50:res2a_branch2c"        # res2a_branch1
ic32oc13_id13od11kd3pd0_ih13oh12kh3ph0_iw13ow12kw3pw0_n"tails_conv_3d:1"
ic8oc8_iw5ow2kw3sw1dw2pw3n"conv1d_gemm:1"   # trailing
mb1ic3ih132iw132id116oc32kh3kw3kd3ph0pw0pd0sh1sw1sd1n"3d_unet:conv_1"\r
`;

test("a benchdnn file is read as it is: comments, blank lines, every rank, multiplicities, line numbers", () => {
  const { entries, warnings } = parseBatch(SHAPES, "shapes");
  expect(warnings).toEqual([]);
  expect(entries.map(({ line, multiplicity, problem }) => [line, multiplicity, printDescriptor(problem)])).toEqual([
    [3, 1, 'g1mb50_ic3oc64_ih224oh112kh7sh2dh0ph3_iw224ow112kw7sw2dw0pw3_n"resnet_50:conv1"'],
    [4, 4, 'g1mb50_ic64oc256_ih56oh56kh1sh1dh0ph0_iw56ow56kw1sw1dw0pw0_n"resnet_50:res2a_branch1"'],
    [6, 1, 'g1mb2_ic32oc13_id13od11kd3sd1dd0pd0_ih13oh12kh3sh1dh0ph0_iw13ow12kw3sw1dw0pw0_n"tails_conv_3d:1"'],
    [7, 1, 'g1mb2_ic8oc8_iw5ow2kw3sw1dw2pw3_n"conv1d_gemm:1"'],
    [8, 1, 'g1mb1_ic3oc32_id116od114kd3sd1dd0pd0_ih132oh130kh3sh1dh0ph0_iw132ow130kw3sw1dw0pw0_n"3d_unet:conv_1"'],
  ]);
  expect(entries.map(({ problem }) => problem.bias)).toEqual([true, true, true, true, true]);
  expect(parseBatch(SHAPES, "shapes", false).entries[0]?.problem.bias).toBe(false);
});

test("a name keeps its white space and its # inside quotes, and several problems may share a line", () => {
  const { entries } = parseBatch('\ufeffic1oc1iw1kw1n"a #1 b" ic2oc1iw1kw1nc#2*3 #n"d"', "shapes");
  expect(entries.map(({ problem, multiplicity }) => [problem.name, multiplicity])).toEqual([
    ["a #1 b", 1],
    ["c#2", 3],
  ]);
});

test("benchdnn's options: passed over with a warning, or refused where they change the problems", () => {
  const { entries, warnings } = parseBatch("--reset --dt=f32\n--dir=BWD_D ic1oc1iw1kw1", "set");
  expect(entries).toHaveLength(1);
  expect(warnings).toEqual([
    "set:1: benchdnn's --reset is passed over",
    "set:1: benchdnn's --dt=f32 is passed over",
    "set:2: benchdnn's --dir=BWD_D is passed over",
  ]);
  for (const option of ["--mb=1", "--batch=shapes_basic", "--match=.*kh3.*", "--deconv"]) {
    expect(() => parseBatch(`\n${option} ic1oc1iw1kw1`, "set")).toThrow(
      `set:2: benchdnn's ${option} changes which problems are meant; write them out instead`,
    );
  }
});

test("errors name the file and the line", () => {
  expect(() => parseBatch("# c\n\nic1oc1iw1kw1\nic1oc1iw1\n", "my\nshapes")).toThrow(
    new UsageError('my shapes:4: descriptor "ic1oc1iw1": kw is missing'),
  );
  expect(() => parseBatch("# nothing\n", "shapes")).toThrow(
    new UsageError('shapes: holds no problem, such as ic3ih13oc8kh3ph1_n"name"'),
  );
});

test("files are read from disk, and a missing file or a folder is one line", () => {
  const folder = mkdtempSync(join(tmpdir(), "benchconv-"));
  try {
    const file = join(folder, "shapes");
    writeFileSync(file, SHAPES);
    expect(readBatchFile(file).entries).toHaveLength(5);
    expect(() => readBatchFile(join(folder, "none"))).toThrow(
      /^cannot read the batch file .*none: there is no such file$/,
    );
    expect(() => readBatchFile(folder)).toThrow(/: it is a folder$/);
  } finally {
    rmSync(folder, { recursive: true });
  }
});
