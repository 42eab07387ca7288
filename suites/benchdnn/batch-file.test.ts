import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { basename, dirname, join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { parseBatch, readBatchFile, type BatchEntry } from "./batch-file.ts";
import { printDescriptor } from "../../core/descriptor.ts";
import { UsageError } from "../../core/usage-error.ts";

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

const textOf = (entry: BatchEntry): string => printDescriptor(entry.problem);

test("options that do not change the problems are passed over, each named once with a count", () => {
  const text = `--dt=f32 --skip-impl=ref,x64:gemm # jit only
--reset --dt=u8:s8:u8 ic1oc1iw1kw1 # a comment behind the problem, with --mb=7
--skip-impl= --attr-post-ops=sum:0.5+relu -v1`;
  const { entries, warnings } = parseBatch(text, "set");
  expect(entries).toHaveLength(1);
  expect(warnings).toEqual([
    "set: benchdnn's --skip-impl is passed over (2 times)",
    "set: benchdnn's --dt=u8:s8:u8 is passed over",
    "set: benchdnn's --attr-post-ops is passed over",
    "set: benchdnn's -v1 is passed over",
  ]);
});

test("--dt gives every problem these types; integers have no gradients", () => {
  const text = `--dt=F32,bf16,u8:s8:s32,f16:f16:f16 ic1oc1iw1kw1 --dt=s8:s8:s8 ic1oc1iw2kw1
--dir=BWD_D --dt=f64,u8:u8:s32 ic1oc1iw3kw1`;
  const { entries, warnings } = parseBatch(text, "set");
  expect(entries.map(({ problem, passes }) => [problem.input[0], problem.type, passes.length])).toEqual([
    [1, undefined, 3],
    [1, "bf16", 3],
    [1, "u8s8s32", 1],
    [1, "f16", 3],
    [2, undefined, 3],
    [3, "f64", 1],
  ]);
  expect(warnings).toEqual(["set: benchdnn's --dt=s8:s8:s8 is passed over"]);
});

test("--attr-post-ops fuses operations into floating-point problems; of what there is not none is fused", () => {
  const text = `--attr-post-ops=relu+clip:0:6 --dt=f32,u8:s8:s32 ic1oc1iw1kw1
--attr-post-ops=relu:0.5+add:f32:per_tensor ic1oc1iw2kw1 --attr-post-ops= ic1oc1iw3kw1 --attr-post-ops=tanh ic1oc1iw4kw1`;
  const { entries, warnings } = parseBatch(text, "set");
  expect(entries.map(({ problem }) => [problem.input[0], problem.type, problem.post?.join()])).toEqual([
    [1, undefined, "relu,clip(0,6)"],
    [1, "u8s8s32", undefined],
    [2, undefined, "leaky(0.5),add"],
    [2, "u8s8s32", undefined],
    [3, undefined, undefined],
    [3, "u8s8s32", undefined],
    [4, undefined, undefined],
    [4, "u8s8s32", undefined],
  ]);
  expect(warnings).toEqual(["set: benchdnn's --attr-post-ops is passed over"]);
});

test("a backslash joins a word with the next one, across lines and comments", () => {
  const text = `--attr-post-ops=abs, \\
    linear:1:2,\\
    # neither of them
    tanh
ic1oc1_\\
iw3kw1`;
  const { entries, warnings } = parseBatch(text, "set");
  expect(entries.map((entry) => [entry.line, textOf(entry)])).toEqual([[5, "g1mb2_ic1oc1_iw3ow3kw1sw1dw0pw0"]]);
  expect(warnings).toEqual(["set: benchdnn's --attr-post-ops is passed over"]);
  expect(() => parseBatch("\n \\ ic1oc1iw1kw1", "set")).toThrow('set:2: "\\" continues nothing');
});

test("--mb gives every problem other batch sizes, 0 its own, until --reset", () => {
  const text = `ic1oc1iw1kw1 --mb=0,16 mb4ic1oc1iw1kw1 ic1oc1iw2kw1
--mb=3 mb4ic1oc1iw1kw1
--reset mb4ic1oc1iw1kw1`;
  const batches = parseBatch(text, "set").entries.map(({ problem, line }) => [line, problem.batch]);
  expect(batches).toEqual([
    [1, 2],
    [1, 4],
    [1, 16],
    [1, 2],
    [1, 16],
    [2, 3],
    [3, 4],
  ]);
  expect(() => parseBatch("\n--mb=two", "set")).toThrow(
    'set:2: --mb takes batch sizes, such as --mb=2 or --mb=0,16; got "two"',
  );
});

test("--dir says in which passes a problem is checked, and whether it has a bias there", () => {
  const passes = (text: string, bias = true) =>
    parseBatch(text, "set", bias).entries.map((entry) => [entry.problem.bias, ...entry.passes]);
  const problem = "ic1oc1iw1kw1";
  expect(passes(problem)).toEqual([[true, "forward", "backwardData", "backwardWeights"]]);
  expect(passes(`--dir=FWD_B ${problem}`)).toEqual([[true, "forward"]]);
  expect(passes(`--dir=FWD_I ${problem}`)).toEqual([[false, "forward"]]);
  expect(passes(`--dir=bwd_d ${problem}`)).toEqual([[false, "backwardData"]]);
  expect(passes(`--dir=FWD_B,BWD_D,BWD_WB ${problem}`)).toEqual([[true, "forward", "backwardData", "backwardWeights"]]);
  expect(passes(`--dir=FWD_B,FWD_D,BWD_W ${problem}`)).toEqual([
    [true, "forward"],
    [false, "forward", "backwardWeights"],
  ]);
  expect(passes(`--dir=FWD_B,BWD_W ${problem}`, false)).toEqual([[false, "forward", "backwardWeights"]]);
  expect(passes(`--dir=BWD_D --reset ${problem}`)).toEqual(passes(problem));
  expect(() => passes(`--dir=FWD ${problem}`)).toThrow("set:1: --dir takes FWD_B, FWD_D, FWD_I, BWD_D");
});

test("--match selects problems by a basic regular expression, on the text as written or in full", () => {
  const names = (pattern: string) =>
    parseBatch(`--match=${pattern} ic3oc4ih40kh3n"a+b" ic3oc4ih40kh31n"c" ic3oc4ih40kh1n"aab"`, "set").entries.map(
      ({ problem }) => problem.name,
    );
  expect(names("")).toEqual(["a+b", "c", "aab"]);
  expect(names(".*kh3[^0-9].*")).toEqual(["a+b"]);
  expect(names("a+b")).toEqual(["a+b"]);
  expect(names("a\\+b")).toEqual(["aab"]);
  expect(names("\\(aa\\|zz\\)")).toEqual(["aab"]);
  expect(() => names("[")).toThrow('set:1: --match takes a regular expression; got "["');
  expect(() => names("kh7")).toThrow("set: holds no problem");
});

test("other drivers are refused, and transposed convolutions by --deconv or by their shape", () => {
  expect(parseBatch("--conv ic1oc1iw1kw1", "set").warnings).toEqual([]);
  expect(() => parseBatch("\n--matmul ic1oc1iw1kw1", "set")).toThrow(
    "set:2: benchdnn's --matmul is not of convolutions",
  );
  expect(() => parseBatch("--deconv ic1oc1iw1kw1", "set")).toThrow(
    "set:1: --deconv: transposed convolutions are not checked yet",
  );
  // Lines of oneDNN's inputs/deconv/shapes_2d and shapes_1d.
  for (const text of [
    'g1mb256oc3oh227ow227ic96ih55iw55kh11kw11sh4sw4ph0pw0n"alexnet:deconv1"',
    'mb1_g1oc3ic64_ow1030iw512kw7sw2dw0pw0_n"masknet_p1:deconv1"',
    'g1mb50ic256iw28oc512ow56kw1sw2pw0n"resnet_50:res3a_branch1"',
  ]) {
    expect(() => parseBatch(text, "set")).toThrow(
      /^set:1: transposed convolutions are not checked yet, and as a convolution this would read \d+ zeros behind/,
    );
    expect(parseBatch(`--conv ${text}`, "set").entries).toHaveLength(1);
  }
  // Convolutions with odd padding, of oneDNN's inputs/conv and of DeepBench.
  const odd = `mb2_g1ic32oc32_ih7oh11kh3ph2 mb2_g1ic8oc8_ih1oh16kh2ph1 g1ic64ih31iw1oc64oh32ow1kh1kw1ph0pw0
    mb1ic512iw100oc512kw2pw2sw1 mb8_ic2048oc512_ih7kh1sh2ph3_iw7kw1sw2pw3`;
  expect(parseBatch(odd, "set").entries).toHaveLength(5);
});

test("a problem over 4 GiB is left out by name, not the file with it; --mb may make one smaller", () => {
  const large = 'mb16ic16oc128_ih1024kh3n"large"';
  const { entries, warnings } = parseBatch(`${large}\n--mb=2 ${large}`, "set");
  expect(entries.map(({ line, problem }) => [line, problem.batch])).toEqual([[2, 2]]);
  expect(warnings).toEqual([
    `set:1: left out: descriptor "${large}": y must be at most 4 GiB, got 7.97 GiB for 16×128×1022×1022 float32`,
  ]);
  expect(() => parseBatch(large, "set")).toThrow("set: holds no problem that can be run; set:1: left out: descriptor");
  const many = Array.from({ length: 8 }, (_, index) => large.replace("large", `large ${index}`)).join("\n");
  const texts = parseBatch(`${many} ic1oc1iw1kw1`, "set").warnings;
  expect(texts.slice(4)).toEqual([
    expect.stringMatching(/^set:5: left out: .*large 4/),
    "set: 3 more problems are left out, whose tensors are over 4 GiB",
  ]);
});

test("errors name the file and the line", () => {
  expect(() => parseBatch("# c\n\nic1oc1iw1kw1\nic1oc1iw1\n", "my\nshapes")).toThrow(
    new UsageError('my shapes:4: descriptor "ic1oc1iw1": kw is missing'),
  );
  expect(() => parseBatch("# nothing\n", "shapes")).toThrow(
    new UsageError('shapes: holds no problem, such as ic3ih13oc8kh3ph1_n"name"'),
  );
});

describe("files", () => {
  let folder = "";
  beforeEach(() => (folder = mkdtempSync(join(tmpdir(), "benchconv-"))));
  afterEach(() => rmSync(folder, { recursive: true }));

  /** Writes files by their paths, and gives the path of the first. */
  function write(files: Readonly<Record<string, string>>): string {
    for (const [name, text] of Object.entries(files)) {
      mkdirSync(dirname(join(folder, name)), { recursive: true });
      writeFileSync(join(folder, name), text);
    }
    return join(folder, Object.keys(files)[0]!);
  }

  test("are read from disk, and a missing file or a folder is one line", () => {
    expect(readBatchFile(write({ shapes: SHAPES })).entries).toHaveLength(5);
    expect(() => readBatchFile(join(folder, "none"))).toThrow(
      /^cannot read the batch file .*none: there is no such file$/,
    );
    expect(() => readBatchFile(folder)).toThrow(/: it is a folder$/);
  });

  test("include others by a path from their own, and options go on through all of them", () => {
    const path = write({
      harness: "--mb=3 --dir=FWD_D --batch=sets/all\nic1oc1iw4kw1 --dt=f16 --batch=sets/shapes_a",
      "sets/all": "--dt=f32\n--batch=shapes_a --mb=5 --batch=shapes_b",
      "sets/shapes_a": "ic1oc1iw1kw1\nic1oc1iw2kw1",
      "sets/shapes_b": "ic1oc1iw3kw1",
    });
    const { entries, warnings } = readBatchFile(path);
    expect(entries.map(({ file, line, problem }) => [basename(file), line, problem.batch, problem.input[0]])).toEqual([
      ["shapes_a", 1, 3, 1],
      ["shapes_a", 2, 3, 2],
      ["shapes_b", 1, 5, 3],
      ["harness", 2, 5, 4],
      ["shapes_a", 1, 5, 1],
      ["shapes_a", 2, 5, 2],
    ]);
    expect(entries.map(({ problem }) => problem.type)).toEqual([...Array.from({ length: 4 }), "f16", "f16"]);
    expect(warnings).toEqual([]);
  });

  test("a line that is read again under other options is one problem, in the passes of all of them", () => {
    const path = write({
      harness: "--dir=FWD_B --mb=0 --batch=shapes --skip-impl=ref --batch=shapes --dir=BWD_WB --batch=shapes",
      shapes: 'ic1oc1iw1kw1n"twice" ic1oc1iw2kw1\nic1oc1iw1kw1n"twice"',
    });
    expect(readBatchFile(path).entries.map(({ line, problem, passes }) => [line, problem.name, ...passes])).toEqual([
      [1, "twice", "forward", "backwardWeights"],
      [1, undefined, "forward", "backwardWeights"],
      [2, "twice", "forward", "backwardWeights"],
    ]);
  });

  test("a loop and a missing file are one line, with the place of the --batch", () => {
    const path = write({ harness: "# c\n--batch=a/set", "a/set": "\n\n--batch=../harness", alone: "--batch=shapes" });
    expect(() => readBatchFile(path)).toThrow(
      new UsageError(`${join(folder, "a/set")}:3: --batch=../harness includes itself`),
    );
    expect(() => readBatchFile(join(folder, "alone"))).toThrow(
      new UsageError(
        `${join(folder, "alone")}:1: cannot read the batch file ${join(folder, "shapes")}: there is no such file`,
      ),
    );
  });

  test("in a folder deconv are of transposed convolutions; in a folder conv no shape is doubted", () => {
    const backwards = "g1_oc16oh56ow56_ic16ih28iw28_kh1kw1sh2sw2ph0pw0";
    const path = write({ "deconv/shapes": "ic1oc1iw1kw1", "conv/shapes": backwards, set: "--batch=deconv/shapes" });
    const refused = "transposed convolutions are not checked yet, and its folder is deconv/";
    expect(() => readBatchFile(path)).toThrow(new UsageError(`${path}: ${refused}`));
    expect(() => readBatchFile(join(folder, "set"))).toThrow(
      new UsageError(`${join(folder, "set")}:1: --batch=deconv/shapes: ${refused}`),
    );
    expect(readBatchFile(join(folder, "conv/shapes")).entries).toHaveLength(1);
  });
});

test("a line of ten megabytes is refused in one short line", () => {
  const read = (): unknown => parseBatch(`ic1oc1iw1kw1\n${"x".repeat(10_000_000)}`, "set");
  expect(read).toThrow(new UsageError("set:2: a line of 10,000,000 characters is no benchdnn list's"));
});
