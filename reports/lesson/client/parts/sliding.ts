/** A kernel that slides over an image, step by step: both can be edited, and every product is shown. */
import { el } from "../../../page/client/dom.ts";
import type { Rows } from "../../../../suites/lectures/example.ts";
import { correlate, fits, flipped, PLAIN, type Geometry } from "../../numbers/layers.ts";
import { chooser, stepper } from "./controls.ts";
import { button, caption, controls, row, shown, sign, times } from "./figure.ts";
import { matrixView, type Mark } from "./matrix-view.ts";
import { drawn, numberState, rowsState, wordState, type State } from "./state.ts";

interface Sliding {
  /** The prefix of its states in the address. */
  readonly key: string;
  readonly image: Rows;
  readonly kernel: Rows;
  /** Whether the reader may flip the kernel, or it stays as it is. */
  readonly flip: "choose" | "never";
  readonly geometry?: { readonly states: readonly State<number>[]; readonly value: () => Geometry };
  readonly isEditable?: boolean;
}

const WAYS = ["convolution", "correlation"] as const;

export function slidingFigure(
  host: HTMLElement,
  { key, flip, geometry, isEditable = true, ...example }: Sliding,
): void {
  const image = rowsState(`${key}.x`, example.image);
  const kernel = rowsState(`${key}.w`, example.kernel);
  const way = wordState(`${key}.way`, flip === "never" ? "correlation" : "convolution", WAYS);
  const step = numberState(`${key}.step`, 0, 0, 10_000);
  const geometryNow = (): Geometry => geometry?.value() ?? PLAIN;
  const used = (): Rows => (way.value === "convolution" ? flipped(kernel.value) : kernel.value);
  const output = (): number[][] =>
    fits(image.value, kernel.value, geometryNow()) ? correlate(image.value, used(), geometryNow()) : [];
  const steps = (): number => Math.max(1, output().flat().length);
  const [input, weights, turned, result, text] = [
    matrixView(),
    matrixView(),
    matrixView(),
    matrixView(),
    caption(true),
  ];

  const operator = sign("");

  const draw = (): void => {
    operator.textContent = way.value === "convolution" ? "∗" : "⋆";
    const y = output();
    const width = y[0]?.length ?? 1;
    const at = Math.min(step.value, steps() - 1);
    const [oy, ox] = [Math.floor(at / width), at % width];
    const { stride, padding, dilation } = geometryNow();
    /** The tap that lies on a cell of the padded image. */
    const tapAt = (r: number, c: number): { readonly value: number } | undefined => {
      const [ty, tx] = [(r - oy * stride) / dilation, (c - ox * stride) / dilation];
      const value = used()[ty]?.[tx];
      return value === undefined || y.length === 0 ? undefined : { value };
    };
    const padded = paddedRows(image.value, padding);
    const isPadding = (r: number, c: number): boolean =>
      r < padding || c < padding || r >= padded.length - padding || c >= (padded[0]?.length ?? 0) - padding;
    input.show({
      label: padding > 0 ? "input x, padded" : "input x",
      rows: padded,
      mark: (r, c): Mark | undefined => (tapAt(r, c) ? "window" : isPadding(r, c) ? "padding" : undefined),
      note: (r, c) => {
        const tap = tapAt(r, c);
        return tap === undefined ? undefined : `×${shown(tap.value)}`;
      },
      edit: isEditable && padding === 0 ? (rows) => image.set(rows) : undefined,
    });
    weights.show({
      label: "kernel w",
      rows: kernel.value,
      mark: () => "second",
      edit: isEditable ? (rows) => kernel.set(rows) : undefined,
    });
    turned.hidden = way.value === "correlation";
    turned.show({ label: "w as it lies on x: flipped", rows: used(), mark: () => "second" });
    result.show({
      label: way.value === "convolution" ? "x * w" : "x ⋆ w",
      rows: y.map((values, r) => values.map((value, c) => (r * width + c <= at ? value : undefined))),
      mark: (r, c): Mark | undefined => (r === oy && c === ox ? "result" : undefined),
    });
    const products = used().flatMap((taps, r) =>
      taps.map((tap, c) => {
        const value = padded[oy * stride + r * dilation]?.[ox * stride + c * dilation] ?? 0;
        return times(tap, value);
      }),
    );
    text.textContent =
      y.length === 0
        ? "The kernel is larger than the padded input: there is no output."
        : `y[${oy}, ${ox}] = ${products.join(" + ")} = ${shown(y[oy]?.[ox] ?? 0)}`;
  };
  drawn([image, kernel, way, step, ...(geometry?.states ?? [])], draw);
  const reset = button("reset the numbers", () => {
    for (const state of [image, kernel]) state.reset();
  });
  host.append(
    controls(
      flip === "choose"
        ? chooser("which product", way, [
            ["convolution", "convolution: kernel flipped"],
            ["correlation", "correlation: as it is"],
          ])
        : null,
      stepper("steps of the kernel", step, steps),
      isEditable ? reset : null,
    ),
    row(input, operator, weights, turned, sign("="), result),
    text,
    isEditable ? el("p", { class: "hint" }, "Every number of x and w can be changed.") : "",
  );
}

/** An image with zeros around it. */
export function paddedRows(image: Rows, padding: number): number[][] {
  const width = (image[0]?.length ?? 0) + 2 * padding;
  const zeros = (): number[] => Array.from({ length: width }, () => 0);
  const side = Array.from({ length: padding }, () => 0);
  return [
    ...Array.from({ length: padding }, zeros),
    ...image.map((values) => [...side, ...values, ...side]),
    ...Array.from({ length: padding }, zeros),
  ];
}
