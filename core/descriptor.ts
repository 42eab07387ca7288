import { axisNames, MAX_EXTENT, problemFault, sizeFault } from "./problem-rules.ts";
import { leastPadEnd, outputShape, effectiveKernelSize } from "./shape.ts";
import { plainText } from "./plain-text.ts";
import type { ConvProblem } from "./problem.ts";
import { UsageError } from "./usage-error.ts";

// A field's name and its value, as strtol reads it.
const FIELD = /(g|mb|[io]c|[ioskpd][dhw])(-?\d+)?/y;
// At the end of a name: how many times a network uses the layer.
const MULTIPLICITY = /\*([1-9]\d{0,8})$/;
const QUOTED_LENGTH = 80;

/** A descriptor that is right, of a problem with a tensor over 4 GiB. */
export class TooLargeError extends UsageError {}

interface AxisGeometry {
  readonly input: number;
  readonly kernel: number;
  readonly stride: number;
  readonly dilation: number;
  readonly padBegin: number;
  readonly padEnd: number;
}

/**
 * Reads benchdnn's problem syntax: `g2mb1_ic96oc256_ih27oh27kh5ph2_n"alexnet:conv2*3"`, in which `_` is ignored,
 * dilation is zero-based, `n` takes the rest of the text and `*N` at its end is the multiplicity. Left out: g = 1, mb =
 * 2, s = 1, d = 0, and for o and p see `placeAxis`. `w` is copied from `h`, and both from `d`, when no field names them
 * at all. The problem is canonical (see `canonicalProblem`); a bias is not part of the syntax, so the caller says
 * whether there is one. Errors here that benchdnn lets pass: a field given twice with different values, an o without p
 * whose padding comes out negative (oneDNN refuses that layer later), and an axis of which only fields at their
 * defaults are given (benchdnn overwrites those). `batch` takes the place of the text's own.
 * @throws {UsageError} one line: the text, what is wrong in it and what would be right; a TooLargeError where all that
 * is wrong is the size of a tensor.
 * Source: oneDNN, tests/benchdnn/conv/conv_aux.cpp, `str2desc`, and tests/benchdnn/common.cpp, `sanitize_desc`.
 */
export function parseDescriptor(
  text: string,
  bias = true,
  batch?: number,
): { readonly problem: ConvProblem; readonly multiplicity: number } {
  const shown = plainText(text);
  const quoted = shown.length > QUOTED_LENGTH ? `${shown.slice(0, QUOTED_LENGTH)}…` : shown;
  const messageOf = (what: string): string => `descriptor "${quoted}": ${what}`;
  const fail = (what: string): never => {
    throw new UsageError(messageOf(what));
  };
  const { fields, tail } = splitFields(text.trim(), fail);
  const required = (name: string): number => fields.get(name) ?? fail(`${name} is missing`);
  const [inChannels, outChannels] = [required("ic"), required("oc")];
  const axes = readAxes(fields, fail);
  const { name, multiplicity } = splitName(tail, fail);
  const problem: ConvProblem = {
    batch: batch ?? fields.get("mb") ?? 2,
    inChannels,
    outChannels,
    groups: fields.get("g") ?? 1,
    input: axes.map((axis) => axis.input),
    kernel: axes.map((axis) => axis.kernel),
    stride: axes.map((axis) => axis.stride),
    dilation: axes.map((axis) => axis.dilation),
    padBegin: axes.map((axis) => axis.padBegin),
    padEnd: axes.map((axis) => axis.padEnd),
    bias,
    ...(name === "" ? {} : { name }),
  };
  const fault = problemFault(problem);
  if (fault !== undefined && fault === sizeFault(problem)) throw new TooLargeError(messageOf(fault));
  if (fault !== undefined) fail(fault);
  return { problem: canonicalProblem(problem), multiplicity };
}

/**
 * A problem in benchdnn's syntax with every field written out, so that two problems print alike only if they are the
 * same: `parseDescriptor(printDescriptor(problem), problem.bias)` gives `canonicalProblem(problem)` and multiplicity 1.
 * A problem that breaks a rule prints too, for error messages: without an o below 1, and as JSON where a list is too
 * short.
 */
export function printDescriptor(problem: ConvProblem): string {
  const { input, kernel, stride, dilation, padBegin, padEnd } = problem;
  const names = axisNames(input.length);
  const lists = [input, kernel, stride, dilation, padBegin, padEnd];
  if (names.length !== input.length || lists.some((list) => list.length !== input.length))
    return JSON.stringify(problem);
  const output = outputShape(problem);
  const axes = names.map((axis, index) => {
    const o = output[index]! >= 1 ? `o${axis}${output[index]}` : "";
    return (
      `_i${axis}${input[index]}${o}k${axis}${kernel[index]}` +
      `s${axis}${stride[index]}d${axis}${dilation[index]! - 1}p${axis}${padBegin[index]}`
    );
  });
  const channels = `ic${problem.inChannels}oc${problem.outChannels}`;
  return `g${problem.groups}mb${problem.batch}_${channels}${axes.join("")}${printName(problem.name)}`;
}

/**
 * The form of a problem that its descriptor carries: `padEnd` is the value nearest to zero that gives the same output
 * (with input 8, kernel 3, stride 2, padding 1 and 1, the last padded column is never read, and `padEnd` becomes 0),
 * and the name is one line of printable text, or absent. The layer computed is the same.
 */
export function canonicalProblem(problem: ConvProblem): ConvProblem {
  const { name, ...geometry } = problem;
  const plain = plainText(name ?? "");
  return { ...geometry, padEnd: leastPadEnd(problem), ...(plain === "" ? {} : { name: plain }) };
}

function printName(name = ""): string {
  const plain = plainText(name);
  if (plain === "") return "";
  // A name that ends like a multiplicity is followed by a real one, which is read in its place.
  return `_n"${plain}${MULTIPLICITY.test(plain) ? "*1" : ""}"`;
}

/** The fields by name, and what follows `n`. */
function splitFields(
  text: string,
  fail: (what: string) => never,
): { fields: ReadonlyMap<string, number>; tail: string } {
  const fields = new Map<string, number>();
  let at = 0;
  while (at < text.length && text[at] !== "n") {
    if (text[at] === "_") {
      at += 1;
      continue;
    }
    FIELD.lastIndex = at;
    const match = FIELD.exec(text);
    if (match === null) {
      return fail(
        `no field at character ${at + 1}, "${plainText(text.slice(at, at + 8))}"; ` +
          `fields are g, mb, ic, oc, then i, o, k, s, d or p with the axis d, h or w, and n for the name`,
      );
    }
    const [whole, name = "", digits] = match;
    if (digits === undefined) return fail(`${name} needs a whole number (character ${at + whole.length + 1})`);
    const value = readValue(name, digits, fail);
    if ((fields.get(name) ?? value) !== value)
      return fail(`${name} is given twice, as ${fields.get(name)} and as ${value}`);
    fields.set(name, value);
    at += whole.length;
  }
  return { fields, tail: text.slice(at + 1) };
}

function readValue(name: string, digits: string, fail: (what: string) => never): number {
  const value = Number(digits) + 0; // no −0
  const least = /^[dp]/.test(name) ? 0 : 1;
  if (value < least) return fail(`${name} must be at least ${least}, got ${name}${digits}`);
  return value <= MAX_EXTENT ? value : fail(`${name} must be at most ${MAX_EXTENT}, got ${name}${digits}`);
}

/** The name and the multiplicity in what follows `n`: quotes are optional, `*N` stands inside or after them. */
function splitName(tail: string, fail: (what: string) => never): { name: string; multiplicity: number } {
  const after = MULTIPLICITY.exec(tail);
  const text = after === null ? tail : tail.slice(0, after.index);
  if (text.startsWith('"') && !/^".*"$/s.test(text)) return fail(`the name ${plainText(text)} has no closing quote`);
  const name = text.startsWith('"') ? text.slice(1, -1) : text;
  const inside = after === null ? MULTIPLICITY.exec(name) : null;
  return {
    name: inside === null ? name : name.slice(0, inside.index),
    multiplicity: Number((after ?? inside)?.[1] ?? 1),
  };
}

/** The geometry of each axis, outermost first. */
function readAxes(fields: ReadonlyMap<string, number>, fail: (what: string) => never): readonly AxisGeometry[] {
  const named = (axis: string) => ["i", "o", "k", "s", "d", "p"].some((quantity) => fields.has(`${quantity}${axis}`));
  const [d, h, w] = [named("d"), named("h"), named("w")];
  if (d && h !== w) return fail(`with axis d, both h and w are given or neither, got only ${h ? "h" : "w"}`);
  const sources = d ? (h ? ["d", "h", "w"] : ["d", "d", "d"]) : h ? ["h", w ? "w" : "h"] : ["w"];
  if (!d && !h && !w) return fail("the input and the kernel are missing, such as ih13kh3 or iw16kw3");
  return sources.map((axis) => placeAxis(axis, fields, fail));
}

/**
 * One axis, from the fields that are given. Without o and p, p = 0; with p and no o, o follows from p on both ends;
 * with o and no p, p = ((o − 1)·s − i + (k − 1)(d + 1) + 1) / 2, truncated. `padEnd` is the value that then gives o.
 */
function placeAxis(axis: string, fields: ReadonlyMap<string, number>, fail: (what: string) => never): AxisGeometry {
  const required = (name: string): number => fields.get(name) ?? fail(`${name} is missing`);
  const [input, kernel] = [required(`i${axis}`), required(`k${axis}`)];
  const [stride, dilation] = [fields.get(`s${axis}`) ?? 1, (fields.get(`d${axis}`) ?? 0) + 1];
  const [output, pad] = [fields.get(`o${axis}`), fields.get(`p${axis}`)];
  const span = effectiveKernelSize(kernel, dilation);
  if (output === undefined) {
    const both = pad ?? 0;
    return { input, kernel, stride, dilation, padBegin: both, padEnd: both };
  }
  const missing = (output - 1) * stride + span - input;
  const padBegin = pad ?? Math.trunc(missing / 2) + 0; // no −0
  if (padBegin < 0) {
    return fail(
      `p${axis} must be at least 0, and o${axis}${output} of i${axis}${input} makes it ${padBegin}; ` +
        `give p${axis}0 to crop the input at its end`,
    );
  }
  return { input, kernel, stride, dilation, padBegin, padEnd: missing - padBegin };
}
