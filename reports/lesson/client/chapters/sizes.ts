import { SEVEN, SHRINKING } from "../../../../suites/lectures/sizes.ts";
import { layersThatFit, unreadRows } from "../../numbers/sizes.ts";
import { barList } from "../parts/charts.ts";
import { slider } from "../parts/controls.ts";
import { button, caption, controls, figure } from "../parts/figure.ts";
import { slidingFigure } from "../parts/sliding.ts";
import { drawn, numberState } from "../parts/state.ts";

const [seven] = SEVEN.sizes;
const grid = Array.from({ length: seven.input }, (_, r) =>
  Array.from({ length: seven.input }, (_value, c) => (r + c) % 3),
);

figure("sizes-figure", (host) => {
  const stride = numberState("stride", 1, 1, 4);
  const padding = numberState("padding", 0, 0, 3);
  const dilation = numberState("dilation", 1, 1, 3);
  const text = caption(true);
  drawn([stride, padding, dilation], () => {
    const { output, unread } = unreadRows({
      input: seven.input,
      kernel: seven.kernel,
      stride: stride.value,
      padding: padding.value,
      dilation: dilation.value,
    });
    const reach = dilation.value * (seven.kernel - 1) + 1;
    const formula = `⌊(7 + 2·${padding.value} − ${reach}) / ${stride.value}⌋ + 1 = ${output}`;
    text.textContent = `Output: ${formula}, so ${output} × ${output}. ${
      unread === 0 ? "Every row is read." : `${unread} ${unread === 1 ? "row is" : "rows are"} never read at the end.`
    }`;
  });
  const shown = [
    ["7 × 7 → 5 × 5", 1, 0],
    ["stride 2 → 3 × 3", 2, 0],
    ["padding 1 → 7 × 7", 1, 1],
  ] as const;
  host.append(
    controls(
      slider("stride", stride, { min: 1, max: 4 }),
      slider("padding", padding, { min: 0, max: 3 }),
      slider("dilation", dilation, { min: 1, max: 3 }),
    ),
    controls(
      ...shown.map(([label, by, pad]) =>
        button(label, () => {
          stride.set(by);
          padding.set(pad);
          dilation.reset();
        }),
      ),
    ),
    text,
  );
  slidingFigure(host, {
    key: "sizes",
    image: grid,
    kernel: [
      [1, 0, -1],
      [1, 0, -1],
      [1, 0, -1],
    ],
    flip: "never",
    isEditable: false,
    geometry: {
      states: [stride, padding, dilation],
      value: () => ({ stride: stride.value, padding: padding.value, dilation: dilation.value }),
    },
  });
});

figure("shrinking-figure", (host) => {
  const size = numberState("size", SHRINKING.input, 8, 64);
  const kernel = numberState("kernel", SHRINKING.kernel, 2, 7);
  const [bars, text] = [barList(), caption(true)];
  drawn([size, kernel], () => {
    const sizes = layersThatFit(size.value, kernel.value);
    bars.show(
      [size.value, ...sizes].map((value, layer) => ({
        name: layer === 0 ? "input" : `layer ${layer}`,
        value,
        text: `${value} × ${value}`,
        colour: layer === 0 ? 1 : 3,
      })),
    );
    text.textContent =
      `${sizes.length} layers fit; the last output is ${sizes.at(-1) ?? size.value} × ` +
      `${sizes.at(-1) ?? size.value}.`;
  });
  host.append(
    controls(
      slider("input", size, { min: 8, max: 64, text: (value) => `${value} × ${value}` }),
      slider("kernel", kernel, { min: 2, max: 7, text: (value) => `${value} × ${value}` }),
    ),
    text,
    bars,
  );
});
