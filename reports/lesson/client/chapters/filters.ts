import { VOLUME } from "../../../../suites/lectures/connections.ts";
import { outputShape } from "../../../../core/shape.ts";
import { activationMaps, filterWeights, FILTERS, parameterCount, volumeProblem } from "../../numbers/filters.ts";
import { colourScene } from "../../numbers/pictures.ts";
import { slider } from "../parts/controls.ts";
import { caption, controls, el, figure, row, shown } from "../parts/figure.ts";
import { pixelPicture } from "../parts/pixel-picture.ts";
import { drawn, numberState } from "../parts/state.ts";

figure("volume-figure", (host) => {
  const kernel = numberState("kernel", VOLUME.kernel, 1, 9);
  const filters = numberState("filters", VOLUME.filters, 1, FILTERS.length);
  const picture = colourScene();
  const input = pixelPicture().show({ label: "input 3 × 32 × 32", ...picture, high: 255, kind: "colour", size: 11 });
  const [maps, text] = [row(), caption(true)];
  drawn([kernel, filters], () => {
    const problem = volumeProblem(picture, kernel.value, filters.value);
    const [height = 1, width = 1] = outputShape(problem);
    const y = activationMaps(picture, kernel.value, filters.value);
    const pictures = FILTERS.slice(0, filters.value).map((filter, index) => {
      const values = y.subarray(index * width * height, (index + 1) * width * height);
      const weights = filterWeights(filter, kernel.value);
      const most = Math.max(...weights.map(Math.abs));
      const plane = kernel.value ** 2;
      return el(
        "div",
        {},
        row(
          ...["R", "G", "B"].map((name, channel) =>
            pixelPicture().show({
              label: name,
              width: kernel.value,
              height: kernel.value,
              values: weights.slice(channel * plane, (channel + 1) * plane),
              high: most,
              kind: "signed",
              size: 2.6,
            }),
          ),
        ),
        pixelPicture().show({ label: filter.name, width, height, values, high: 255, kind: "signed", size: 10 }),
      );
    });
    maps.replaceChildren(...pictures);
    const products = 3 * kernel.value ** 2;
    text.textContent =
      `Each value is a product of 3·${kernel.value}·${kernel.value} = ${products} numbers, plus a bias. ` +
      `${filters.value === 1 ? "One activation map" : `${filters.value} activation maps`} of ${height} × ${width} ` +
      `${filters.value === 1 ? "makes" : "stack up to"} ${filters.value} × ${height} × ${width}. ` +
      `Parameters: ${filters.value} · (${products} + 1) = ${shown(parameterCount(problem))}.`;
  });
  host.append(
    controls(
      slider("kernel", kernel, { min: 1, max: 9, text: (value) => `3 × ${value} × ${value}` }),
      slider("filters", filters, { min: 1, max: FILTERS.length }),
    ),
    text,
    input,
    maps,
    el("p", { class: "hint" }, "Above each map its filter, a square a channel: blue adds, orange subtracts."),
  );
});
