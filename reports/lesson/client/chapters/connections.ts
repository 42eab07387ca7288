import { CONNECTIONS } from "../../../../suites/lectures/connections.ts";
import { weightCounts } from "../../numbers/connections.ts";
import { barList } from "../parts/charts.ts";
import { slider } from "../parts/controls.ts";
import { button, caption, controls, count, figure, shown } from "../parts/figure.ts";
import { drawn, numberState } from "../parts/state.ts";

figure("connections-figure", (host) => {
  const size = numberState("size", CONNECTIONS.size, 8, 400);
  const units = numberState("units", CONNECTIONS.units, 1000, 100_000);
  const kernel = numberState("kernel", CONNECTIONS.kernel, 1, 32);
  const filters = numberState("filters", CONNECTIONS.filters, 1, 512);
  const states = [size, units, kernel, filters];
  const [bars, text] = [barList(), caption(true)];
  const bytes = (weights: number): string => `${count(4 * weights)}B`;
  drawn(states, () => {
    // A window is no larger than its image.
    const window = Math.min(kernel.value, size.value);
    const { fullyConnected, locallyConnected, convolution } = weightCounts({
      size: size.value,
      units: units.value,
      kernel: window,
      filters: filters.value,
    });
    bars.show(
      [
        { name: "fully connected", value: fullyConnected, text: count(fullyConnected), colour: 2 },
        { name: "locally connected", value: locallyConnected, text: count(locallyConnected), colour: 1 },
        { name: "convolutional", value: convolution, text: count(convolution), colour: 3 },
      ],
      true,
    );
    text.textContent =
      `${size.value}² · ${shown(units.value)} = ${shown(fullyConnected)} weights (${bytes(fullyConnected)} ` +
      `as float32); ` +
      `${shown(units.value)} · ${window}² = ${shown(locallyConnected)}; ` +
      `${filters.value} · ${window}² = ${shown(convolution)}. ` +
      `The bars are logarithmic: windows divide by ${shown(fullyConnected / locallyConnected, 0)}, sharing by ` +
      `another ${shown(locallyConnected / convolution, 0)}.`;
  });
  host.append(
    controls(
      slider("image", size, { min: 8, max: 400, text: (value) => `${value} × ${value}` }),
      slider("hidden units", units, { min: 1000, max: 100_000, step: 1000, text: (value) => shown(value) }),
      slider("window", kernel, { min: 1, max: 32, text: (value) => `${value} × ${value}` }),
      slider("filters", filters, { min: 1, max: 512 }),
      button("the slide's numbers", () => states.forEach((state) => state.reset())),
    ),
    bars,
    text,
  );
});
