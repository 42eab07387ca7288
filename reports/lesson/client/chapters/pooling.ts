import { MAX_POOL, SHIFTED } from "../../../../suites/lectures/pooling.ts";
import { applied, gradientOf } from "../../numbers/layers.ts";
import { NEIGHBOURS, POOLINGS, pooledSize, poolingLayer } from "../../numbers/pooling.ts";
import { moved } from "../../numbers/sharing.ts";
import { chooser, slider, stepper } from "../parts/controls.ts";
import { button, caption, controls, el, figure, row, shown, sign } from "../parts/figure.ts";
import { matrixView } from "../parts/matrix-view.ts";
import { drawn, numberState, rowsState, wordState } from "../parts/state.ts";

figure("pooling-figure", (host) => {
  const image = rowsState("x", MAX_POOL.image);
  const pooling = wordState("pooling", "maximum", POOLINGS);
  const stride = numberState("stride", 2, 1, 2);
  const dy = rowsState("dy", [
    [1, 2],
    [3, 4],
  ]);
  const step = numberState("step", 0, 0, 8);
  const [input, output, slope, gradient, text] = [
    matrixView(),
    matrixView(),
    matrixView(),
    matrixView(),
    caption(true),
  ];
  const steps = (): number => pooledSize(4, 2, stride.value) ** 2;
  drawn([image, pooling, stride, dy, step], () => {
    const layer = poolingLayer(pooling.value, 2, stride.value);
    const y = applied(layer, image.value);
    const width = y[0]?.length ?? 1;
    const at = Math.min(step.value, steps() - 1);
    const [oy, ox] = [Math.floor(at / width), at % width];
    const [top, left] = [oy * stride.value, ox * stride.value];
    const isIn = (r: number, c: number): boolean => r >= top && r < top + 2 && c >= left && c < left + 2;
    const slopes = y.map((values, r) => values.map((_, c) => dy.value[r]?.[c] ?? 1));
    const dx = gradientOf(layer, image.value, slopes);
    input.show({
      label: "x",
      rows: image.value,
      mark: (r, c) => (isIn(r, c) ? "window" : undefined),
      edit: (rows) => image.set(rows),
    });
    output.show({
      label: `the ${pooling.value} of each window`,
      rows: y,
      mark: (r, c) => (r === oy && c === ox ? "result" : undefined),
    });
    slope.show({ label: "dy: the slope by y", rows: slopes, edit: (rows) => dy.set(rows), mark: () => "second" });
    gradient.show({ label: "dx: the slope by x", rows: dx, mark: (r, c) => (dx[r]?.[c] === 0 ? "pale" : "second") });
    const values = [0, 1, 2, 3].map((tap) => image.value[top + Math.floor(tap / 2)]?.[left + (tap % 2)] ?? 0);
    const listed = values.map((value) => shown(value)).join(", ");
    const isTie = values.filter((value) => value === y[oy]?.[ox]).length > 1;
    text.textContent =
      pooling.value === "maximum"
        ? `max(${listed}) = ${shown(y[oy]?.[ox] ?? 0)}. Only the winner gets the gradient` +
          (isTie
            ? ": of equals the first, since one has to be chosen. (At a tie the maximum has no derivative.)"
            : "; the others could move a little and nothing would change.")
        : `(${listed.replaceAll(", ", " + ")}) / 4 = ${shown(y[oy]?.[ox] ?? 0)}. Each of the four gets a ` +
          `quarter of the gradient.`;
  });
  host.append(
    controls(
      chooser("kind of pooling", pooling, [
        ["maximum", "maximum"],
        ["average", "average"],
      ]),
      slider("stride", stride, { min: 1, max: 2 }),
      stepper("windows", step, steps),
      button("reset the numbers", () => [image, dy].forEach((state) => state.reset())),
    ),
    row(input, sign("→"), output),
    row(slope, sign("→"), gradient),
    text,
    el("p", { class: "hint" }, "Every number of x and dy can be changed."),
  );
});

figure("invariance-figure", (host) => {
  const shift = numberState("shift", 1, 0, 2);
  const before = [...SHIFTED.before];
  const [input, output, text] = [matrixView(), matrixView(), caption(true)];
  drawn([shift], () => {
    const after = shift.value === 1 ? [...SHIFTED.after] : [...moved(before, shift.value)];
    const [pooledBefore, pooledAfter] = [before, after].map((values) => applied(NEIGHBOURS, [values])[0] ?? []);
    const changed = (one: readonly number[] = [], other: readonly number[] = []): number =>
      one.filter((value, at) => value !== other[at]).length;
    const isNew = (one: readonly number[] | undefined, other: readonly number[] | undefined, column: number): boolean =>
      one?.[column] !== other?.[column];
    input.show({
      label: "x, before and after the move",
      rows: [before, after],
      mark: (r, c) => (r === 1 && isNew(before, after, c) ? "window" : undefined),
    });
    output.show({
      label: "the maximum of three neighbours, before and after",
      rows: [pooledBefore ?? [], pooledAfter ?? []],
      mark: (r, c) => (r === 1 && isNew(pooledBefore, pooledAfter, c) ? "window" : undefined),
    });
    const [inputs, maxima] = [changed(before, after), changed(pooledBefore, pooledAfter)];
    text.textContent = `${inputs} of 4 inputs changed, and ${maxima} of 4 maxima.`;
  });
  host.append(
    controls(slider("move to the right by", shift, { min: 0, max: 2 })),
    el("div", { class: "stack" }, input, output),
    text,
  );
});

figure("place-figure", (host) => {
  const down = numberState("down", 1, 0, 7);
  const right = numberState("right", 1, 0, 7);
  const [input, output, text] = [matrixView(), matrixView(), caption(true)];
  input.classList.add("small");
  drawn([down, right], () => {
    const image = Array.from({ length: 8 }, (_, r) =>
      Array.from({ length: 8 }, (_value, c) => (r === down.value && c === right.value ? 9 : 0)),
    );
    const y = applied(poolingLayer("maximum", 4, 4), image);
    input.show({
      label: "a feature was found here",
      rows: image,
      mark: (r, c) =>
        image[r]?.[c] === 9 ? "result" : Math.floor(r / 4) % 2 === Math.floor(c / 4) % 2 ? "window" : undefined,
    });
    output.show({ label: "pooled 4 × 4", rows: y, mark: (r, c) => (y[r]?.[c] === 9 ? "result" : undefined) });
    text.textContent = "As long as it stays in its window, the pooled map does not change.";
  });
  host.append(
    controls(slider("down", down, { min: 0, max: 7 }), slider("right", right, { min: 0, max: 7 })),
    row(input, sign("→"), output),
    text,
  );
});
