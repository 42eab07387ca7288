import {
  accuracy,
  CLASSES,
  fantasy,
  filtersOf,
  KERNEL,
  madeImages,
  predictions,
  sgdStep,
  SIZE,
  startParameters,
} from "../../numbers/training.ts";
import { seededUniforms } from "../../../../reference/testing/uniforms.ts";
import { linePlot } from "../parts/charts.ts";
import { slider } from "../parts/controls.ts";
import { button, caption, controls, el, figure, row, shown } from "../parts/figure.ts";
import { pixelPicture } from "../parts/pixel-picture.ts";
import { numberState } from "../parts/state.ts";

const DATA = madeImages(400, 1);
const TEST = madeImages(200, 2);
const FANTASY_STEPS = 60;

const picture = (label: string, values: ArrayLike<number>, size = 4.2) =>
  pixelPicture().show({ label, width: SIZE, height: SIZE, values, high: 1, size });

figure("data-figure", (host) => {
  const images = DATA.images
    .slice(0, 8)
    .map((values, index) => picture(CLASSES[DATA.labels[index] ?? 0] ?? "", values));
  host.append(
    row(...images),
    el("p", { class: "hint" }, "Eight of 400 images to learn from; 200 others are kept to test with."),
  );
});

figure("training-figure", (host) => {
  const rate = numberState("rate", 0.3, 0.01, 2);
  const batch = numberState("batch", 20, 1, 100);
  const seed = numberState("seed", 1, 1, 99);
  let parameters = startParameters(seed.value);
  let losses: number[] = [];
  let accuracies: (readonly [number, number])[] = [];
  let order = seededUniforms(seed.value);
  let isRunning = false;
  const [plot, text, filters, dreams, errors] = [linePlot(), caption(true), row(), row(), row()];

  const draw = (): void => {
    const steps = losses.length;
    const last = accuracies.at(-1)?.[1] ?? accuracy(parameters, TEST);
    plot.show({
      label: "Loss of each batch, and the share of test images that are right",
      x: [0, Math.max(100, steps)],
      y: [0, 1.6],
      xName: "step",
      series: [
        { name: "loss (nats)", points: losses.map((loss, step) => [step, Math.min(1.6, loss)] as const), colour: 2 },
        { name: "accuracy on the test images", points: accuracies, colour: 3 },
      ],
    });
    text.textContent =
      `${steps} steps, ${shown((steps * batch.value) / DATA.images.length, 1)} epochs: ` +
      `loss ${shown(losses.at(-1) ?? Math.log(CLASSES.length), 3)}, ${shown(100 * last, 1)} % of the test ` +
      `images right ` +
      `(guessing: ${shown(100 / CLASSES.length)} %).`;
    filters.replaceChildren(
      ...filtersOf(parameters).map((values, index) => {
        const high = values.reduce((most, value) => Math.max(most, Math.abs(value)), 1e-9);
        return pixelPicture().show({
          label: `filter ${index + 1}`,
          width: KERNEL,
          height: KERNEL,
          values,
          high,
          kind: "signed",
          size: 4.2,
        });
      }),
    );
  };
  const look = (): void => {
    dreams.replaceChildren(...CLASSES.map((name, label) => picture(name, fantasy(parameters, label, FANTASY_STEPS))));
    const guesses = predictions(parameters, TEST);
    const wrong = guesses.flatMap((guess, index) => (guess === TEST.labels[index] ? [] : [index])).slice(0, 6);
    errors.replaceChildren(
      ...(wrong.length === 0
        ? ["None is wrong."]
        : wrong.map((index) =>
            picture(
              `${CLASSES[TEST.labels[index] ?? 0]}, taken for ${CLASSES[guesses[index] ?? 0]}`,
              TEST.images[index] ?? [],
              5,
            ),
          )),
    );
  };
  const train = (steps: number): void => {
    for (let step = 0; step < steps; step++) {
      const indices = Array.from({ length: batch.value }, () => Math.floor(order() * DATA.images.length));
      const result = sgdStep(parameters, DATA, indices, rate.value);
      parameters = result.parameters;
      losses.push(result.loss);
      if (losses.length % 10 === 0) accuracies.push([losses.length, accuracy(parameters, TEST)]);
    }
    draw();
  };
  const run = (): void => {
    if (!isRunning) return;
    train(5);
    if (losses.length >= 400) return stop();
    requestAnimationFrame(run);
  };
  const stop = (): void => {
    isRunning = false;
    go.textContent = "▶ train";
    look();
  };
  const go = button("▶ train", () => {
    if (isRunning) return stop();
    isRunning = true;
    go.textContent = "❚❚ stop";
    run();
  });
  const restart = (): void => {
    parameters = startParameters(seed.value);
    order = seededUniforms(seed.value);
    losses = [];
    accuracies = [[0, accuracy(parameters, TEST)]];
    draw();
    for (const place of [dreams, errors]) place.replaceChildren("They are drawn when training stops.");
  };
  seed.onChange(restart);
  host.append(
    controls(
      go,
      button("one step", () => train(1)),
      button("start again", restart),
    ),
    controls(
      slider("learning rate α", rate, { min: 0.01, max: 2, step: 0.01, text: (value) => shown(value, 2) }),
      slider("batch size", batch, { min: 1, max: 100 }),
      slider("seed", seed, { min: 1, max: 99 }),
    ),
    plot,
    text,
    el("h3", {}, "The filters, as they are now"),
    filters,
    el("h3", {}, "Images of most score for each class"),
    dreams,
    el("h3", {}, "Test images that it gets wrong"),
    errors,
  );
  restart();
});
