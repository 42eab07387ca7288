import fc from "fast-check";
import { expect, test } from "vitest";
import { problemFault } from "./problem-rules.ts";
import { outputShape } from "./shape.ts";
import { canonicalProblem, parseDescriptor, printDescriptor, TooLargeError } from "./descriptor.ts";
import type { ConvProblem } from "./problem.ts";
import { UsageError } from "./usage-error.ts";

/** Any valid problem, canonical or not, drawn without the project's own generator. */
const anyProblem: fc.Arbitrary<ConvProblem> = fc
  .integer({ min: 1, max: 3 })
  .chain((rank) => {
    const list = (min: number, max: number) => fc.array(fc.integer({ min, max }), { minLength: rank, maxLength: rank });
    return fc.record(
      {
        batch: fc.integer({ min: 1, max: 300 }),
        channels: fc.integer({ min: 1, max: 50 }),
        filters: fc.integer({ min: 1, max: 50 }),
        groups: fc.integer({ min: 1, max: 50 }),
        input: list(1, 60),
        kernel: list(1, 9),
        stride: list(1, 6),
        dilation: list(1, 4),
        padBegin: list(0, 9),
        padEnd: list(-20, 20),
        bias: fc.boolean(),
        name: fc.oneof(
          fc.string({ unit: "binary" }),
          fc.string({ unit: fc.constantFrom('"', "*", "1", "0", " ", "n", "\n", "#") }),
        ),
      },
      {
        requiredKeys: [
          "batch",
          "channels",
          "filters",
          "groups",
          "input",
          "kernel",
          "stride",
          "dilation",
          "padBegin",
          "padEnd",
          "bias",
        ],
      },
    );
  })
  .map(({ channels, filters, ...rest }) => ({
    ...rest,
    inChannels: channels * rest.groups,
    outChannels: filters * rest.groups,
  }))
  .filter((problem) => problemFault(problem) === undefined);

test("parsing what was printed gives the canonical problem, for every valid problem", () => {
  fc.assert(
    fc.property(anyProblem, (problem) => {
      const text = printDescriptor(problem);
      expect(parseDescriptor(text, problem.bias)).toStrictEqual({
        problem: canonicalProblem(problem),
        multiplicity: 1,
      });
      expect(text).not.toMatch(/[\r\n]/);
    }),
    { numRuns: 1000 },
  );
});

test("a canonical problem has the same output, never a longer padEnd, and is its own canonical form", () => {
  fc.assert(
    fc.property(anyProblem, (problem) => {
      const canonical = canonicalProblem(problem);
      expect(outputShape(canonical)).toEqual(outputShape(problem));
      for (const [axis, padEnd] of canonical.padEnd.entries()) {
        expect(Math.abs(padEnd)).toBeLessThanOrEqual(Math.abs(problem.padEnd[axis]!));
      }
      expect(canonicalProblem(canonical)).toStrictEqual(canonical);
      expect(printDescriptor(canonical)).toBe(printDescriptor(problem));
    }),
  );
});

test("the whole form, as design and benchdnn have it", () => {
  const text = 'g2mb1_ic96oc256_ih27oh27kh5sh1dh0ph2_iw27ow27kw5sw1dw0pw2_n"alexnet:conv2"';
  const { problem, multiplicity } = parseDescriptor(text);
  expect(problem).toStrictEqual({
    batch: 1,
    inChannels: 96,
    outChannels: 256,
    groups: 2,
    input: [27, 27],
    kernel: [5, 5],
    stride: [1, 1],
    dilation: [1, 1],
    padBegin: [2, 2],
    padEnd: [2, 2],
    bias: true,
    name: "alexnet:conv2",
  });
  expect(multiplicity).toBe(1);
  expect(printDescriptor(problem)).toBe(text);
  expect(parseDescriptor(text, false).problem.bias).toBe(false);
});

// Each pair of texts means the same problem.
test.each([
  ["ic3oc4ih5kh3", "g1mb2_ic3oc4_ih5oh3kh3sh1dh0ph0_iw5ow3kw3sw1dw0pw0"], // w from h, no padding
  ["ic3oc4id5kd3pd1sd2dd1", "g1mb2ic3oc4id5od2kd3sd2dd1pd1ih5oh2kh3sh2dh1ph1iw5ow2kw3sw2dw1pw1"], // h and w from d
  ["ic3oc4iw5kw3", "mb2ic3oc4_iw5ow3kw3pw0"], // rank 1
  ["ic3oc4ih5kh3sh2ph1iw7kw1", "ic3oc4ih5oh3kh3sh2ph1iw7ow7kw1sw1dw0pw0"], // a missing s is 1 where the axis is named
  ["ic3oc4ih13oh13kh3", "ic3oc4ih13oh13kh3ph1"], // p from o
  ["ic3oc4ih13oh12kh2", "ic3oc4ih13oh12kh2ph0"], // nothing to pad
  ["ic3oc4ih13oh13kh2", "ic3oc4ih13oh13kh2ph0"], // an odd total: the smaller half in front
  ["ic3oc4ih56oh28kh1sh2", "ic3oc4ih56oh28kh1sh2ph0"], // −1 / 2 truncates to 0
  ["ic3oc4ih8kh3sh2ph1", "ic3oc4ih8oh4kh3sh2ph1"], // o from p on both ends
  ["__ic3_oc4__ih5_kh3_", "ic3oc4ih5kh3"],
  ["  ic3oc4ih5kh3\n", "ic3oc4ih5kh3"],
  ["ih5kh3oc4ic3mb2", "ic3oc4ih5kh3"], // any order
  ["ic3ic3oc4ih5kh3", "ic3oc4ih5kh3"],
  ['ic3oc4ih5kh3n"x y"', "ic3oc4ih5kh3_nx y"],
])("%s is %s", (shorthand, full) => {
  expect(parseDescriptor(shorthand)).toStrictEqual(parseDescriptor(full));
});

test("padEnd is the smallest that gives o, and negative only where none is not", () => {
  const padEnd = (text: string) => parseDescriptor(`ic1oc1${text}`).problem.padEnd;
  expect(padEnd("iw7kw3sw2pw1")).toEqual([1]);
  expect(padEnd("iw8kw3sw2pw1")).toEqual([0]); // the padding at the end is never read
  expect(padEnd("iw13ow12kw3pw0")).toEqual([1]);
  expect(padEnd("iw9ow3kw3sw3pw0")).toEqual([0]);
  expect(padEnd("iw10ow3kw3sw3pw0")).toEqual([0]); // an unread column
  expect(padEnd("iw10ow4kw3pw0")).toEqual([-4]); // cropped
  expect(padEnd("iw10ow2kw3sw3pw0")).toEqual([-2]); // −4 to −2 would do
});

test.each([
  ['n"x*3"', "x", 3],
  ['n"x"*3', "x", 3],
  ["nx*12", "x", 12],
  ["n*4", undefined, 4],
  ["n", undefined, 1],
  ['n""', undefined, 1],
  ['n"x*0"', "x*0", 1],
  ['n"x*3*1"', "x*3", 1],
  ['nx"', 'x"', 1],
  ['n"ic3ph7"', "ic3ph7", 1],
  ['n"a\tb\n"', "a b", 1],
])("the name and multiplicity of %j", (tail, name, multiplicity) => {
  const parsed = parseDescriptor(`ic1oc1iw1kw1${tail}`);
  expect([parsed.problem.name, parsed.multiplicity]).toEqual([name, multiplicity]);
});

test.each([
  ["ic3oc4ih5", "kh is missing"],
  ["ic3oc4kh5", "ih is missing"],
  ["oc4ih5kh3", "ic is missing"],
  ["ic4ih5kh3", "oc is missing"],
  ["ic3oc4", "the input and the kernel are missing, such as ih13kh3 or iw16kw3"],
  ["", "ic is missing"],
  ["ic3oc4ih5kh3pw0", "iw is missing"],
  ["ic3oc4id5kd3ih5kh3", "with axis d, both h and w are given or neither, got only h"],
  ["ic3oc4id5kd3iw5kw3", "with axis d, both h and w are given or neither, got only w"],
  ["ic3zz4", 'no field at character 4, "zz4"; fields are g, mb, ic, oc'],
  ["ic3 oc4", 'no field at character 4, "oc4"'],
  ["icoc4ih5kh3", "ic needs a whole number (character 3)"],
  ["ic3oc4ih5kh3ph-1", "ph must be at least 0, got ph-1"],
  ["ic0oc4ih5kh3", "ic must be at least 1, got ic0"],
  ["ic3oc4ih5oh0kh3", "oh must be at least 1, got oh0"],
  ["mb0ic3oc4ih5kh3", "mb must be at least 1, got mb0"],
  ["g0ic3oc4ih5kh3", "g must be at least 1, got g0"],
  ["ic99999999999oc4ih5kh3", "ic must be at most 2147483647, got ic99999999999"],
  ["ic3ic4oc4ih5kh3", "ic is given twice, as 3 and as 4"],
  ["g3ic8oc3ih5kh3", "groups must divide inChannels, got groups=3 inChannels=8"],
  ["ic3oc4ih2kh3", "the output must be at least 1 on every axis, got 0 on axis h"],
  ["ic3oc4ih10oh4kh3", "ph must be at least 0, and oh4 of ih10 makes it -2; give ph0 to crop the input at its end"],
  ['ic3oc4ih5kh3n"x', 'the name "x has no closing quote'],
])("%j is refused: %s", (text, message) => {
  const parse = () => parseDescriptor(text);
  expect(parse).toThrow(UsageError);
  expect(parse).toThrow(`descriptor "${text}": `);
  expect(parse).toThrow(message);
});

test("a batch that is given takes the place of the text's own, before the size of a tensor is looked at", () => {
  const text = "mb16ic16oc128_ih1024kh3";
  expect(parseDescriptor(text, true, 2).problem.batch).toBe(2);
  expect(() => parseDescriptor(text)).toThrow(TooLargeError);
  expect(() => parseDescriptor(text)).toThrow(
    `descriptor "${text}": y must be at most 4 GiB, got 7.97 GiB for 16×128×1022×1022 float32`,
  );
  expect(() => parseDescriptor("g3mb16ic16oc128_ih1024kh3")).not.toThrow(TooLargeError);
});

test("an error shows a long or hostile text in one short, plain line", () => {
  const parse = () => parseDescriptor(`\u001b[31m${"x".repeat(1000)}\n`);
  expect(parse).toThrow(/^descriptor "\\u\{1b\}\[31mx{60,80}…": no field at character 1, "\\u\{1b\}\[31mxxx"; [ -~]*$/);
});
