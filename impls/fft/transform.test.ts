import { expect, test } from "vitest";
import { complexArray, FourierTransform, transformLength, type ComplexArray } from "./transform.ts";

const LENGTHS = [1, 2, 3, 4, 5, 6, 8, 9, 10, 15, 16, 20, 25, 27, 30, 36, 60, 64, 120, 240];

/** The sum of the definition, for one signal. */
function definition(data: ComplexArray, f: number, length: number, first: number, hop: number): [number, number] {
  let [re, im] = [0, 0];
  for (let t = 0; t < length; t++) {
    const angle = (-2 * Math.PI * ((f * t) % length)) / length;
    const [x, y] = [data.re[first + t * hop]!, data.im[first + t * hop]!];
    re += x * Math.cos(angle) - y * Math.sin(angle);
    im += x * Math.sin(angle) + y * Math.cos(angle);
  }
  return [re, im];
}

function integers(length: number): ComplexArray {
  const data = complexArray(length);
  for (let i = 0; i < length; i++) {
    data.re[i] = ((i * 7) % 11) - 5;
    data.im[i] = ((i * 5) % 13) - 6;
  }
  return data;
}

test.each(LENGTHS)("transforms of length %i equal the definition, and touch nothing else", (length) => {
  const [start, signals] = [4, 3];
  const data = integers(start + length * signals + 2);
  const before = { re: data.re.slice(), im: data.im.slice() };
  new FourierTransform(length).run(data, start, signals, complexArray(length * signals));
  for (let signal = 0; signal < signals; signal++)
    for (let f = 0; f < length; f++) {
      const [re, im] = definition(before, f, length, start + signal, signals);
      expect(data.re[start + f * signals + signal]).toBeCloseTo(re, 9);
      expect(data.im[start + f * signals + signal]).toBeCloseTo(im, 9);
    }
  for (const i of [0, start - 1, start + length * signals, start + length * signals + 1])
    expect([data.re[i], data.im[i]]).toEqual([before.re[i], before.im[i]]);
});

test.each(LENGTHS)("with re and im exchanged, transforms of length %i are inverted but for the scale", (length) => {
  const data = integers(length * 2);
  const before = { re: data.re.slice(), im: data.im.slice() };
  const transform = new FourierTransform(length);
  transform.run(data, 0, 2, complexArray(length * 2));
  transform.run({ re: data.im, im: data.re }, 0, 2, complexArray(length * 2));
  for (let i = 0; i < length * 2; i++) {
    expect(data.re[i]! / length).toBeCloseTo(before.re[i]!, 9);
    expect(data.im[i]! / length).toBeCloseTo(before.im[i]!, 9);
  }
});

test("lengths are the next products of 2, 3 and 5", () => {
  expect([1, 7, 14, 29, 31, 61, 227, 241].map(transformLength)).toEqual([1, 8, 15, 30, 32, 64, 240, 243]);
  expect(() => new FourierTransform(14)).toThrow("transform length 14 has a prime factor above 5");
});
