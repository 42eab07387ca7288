import { connectionsOf, INPUTS, KINDS, moved, OUTPUTS, responses, TAPS } from "../../numbers/sharing.ts";
import { chooser, slider } from "../parts/controls.ts";
import { caption, controls, el, figure } from "../parts/figure.ts";
import { matrixView } from "../parts/matrix-view.ts";
import { nodeGraph } from "../parts/node-graph.ts";
import { drawn, numberState, wordState } from "../parts/state.ts";

const LETTERS = "abc";

figure("graph-figure", (host) => {
  const kind = wordState("kind", "convolution", KINDS);
  const chosen = wordState("node", "y2", [
    ...Array.from({ length: INPUTS }, (_, at) => `x${at}`),
    ...Array.from({ length: OUTPUTS }, (_, at) => `y${at}`),
  ]);
  const [graph, text] = [nodeGraph(), caption(true)];
  drawn([kind, chosen], () => {
    const connections = connectionsOf(kind.value);
    const edges = connections.map(({ input, output, weight }) => ({
      from: `x${input}`,
      to: `y${output}`,
      ...(kind.value === "convolution" ? { text: LETTERS[weight] ?? "" } : {}),
    }));
    const isEdgeOn = ({ from, to }: { readonly from: string; readonly to: string }): boolean =>
      from === chosen.value || to === chosen.value;
    const lit = new Set(edges.filter(isEdgeOn).flatMap(({ from, to }) => [from, to]));
    graph.show({
      label: "Inputs below, outputs above, a line for each connection",
      width: 560,
      height: 190,
      nodes: [
        ...Array.from({ length: INPUTS }, (_, at) => ({ name: `x${at}`, text: `x${at}`, x: 40 + 80 * at, y: 160 })),
        ...Array.from({ length: OUTPUTS }, (_, at) => ({ name: `y${at}`, text: `y${at}`, x: 120 + 80 * at, y: 30 })),
      ],
      edges,
      chosen: chosen.value,
      isOn: (name) => lit.has(name),
      isEdgeOn,
      choose: (name) => {
        const known = [...lit, ...edges.flatMap(({ from, to }) => [from, to])].find((each) => each === name);
        if (known !== undefined) chosen.set(known);
      },
    });
    const weights = new Set(connections.map(({ weight }) => weight)).size;
    const partners = lit.size - 1;
    text.textContent =
      `${connections.length} connections and ${weights} different weights. ` +
      (chosen.value.startsWith("y")
        ? `${chosen.value} reads ${partners} inputs: its receptive field.`
        : `${chosen.value} reaches ${partners === 1 ? "one output" : `${partners} outputs`}: a change of it changes no other.`);
  });
  host.append(
    controls(
      chooser("kind of layer", kind, [
        ["full", `fully connected: m × n = ${INPUTS} × ${OUTPUTS}`],
        ["local", `locally connected: k × n = ${TAPS} × ${OUTPUTS}`],
        ["convolution", `convolution: k = ${TAPS}`],
      ]),
    ),
    graph,
    text,
  );
});

figure("equivariance-figure", (host) => {
  const by = numberState("shift", 1, 0, 4);
  const stride = numberState("by", 1, 1, 2);
  const image = [0, 0, 1, 3, 2, 0, 0, 1, 0, 0];
  const kernel = [1, 2, 1];
  const [input, shifted, first, second] = [matrixView(), matrixView(), matrixView(), matrixView()];
  const text = caption(true);
  drawn([by, stride], () => {
    const after = moved(image, by.value);
    const filtered = responses(image, kernel, stride.value);
    const ofMoved = responses(after, kernel, stride.value);
    const step = by.value / stride.value;
    const expected = Number.isInteger(step) ? moved(filtered, step) : undefined;
    // What came in at the left is seen by the first outputs alone.
    const isInside = (column: number): boolean => column >= step;
    input.show({ label: "x", rows: [image] });
    shifted.show({ label: `x moved right by ${by.value}`, rows: [after] });
    first.show({
      label: expected === undefined ? "x ⋆ w" : `x ⋆ w, then moved by ${step}`,
      rows: [expected ?? filtered],
      mark: (_, column) => (expected !== undefined && isInside(column) ? "result" : undefined),
    });
    second.show({
      label: "x moved first, then ⋆ w",
      rows: [ofMoved],
      mark: (_, column) => (expected?.[column] === ofMoved[column] && isInside(column) ? "result" : undefined),
    });
    const agree = expected?.every((value, column) => !isInside(column) || value === ofMoved[column]);
    text.textContent =
      agree === undefined
        ? "A step of 1 is half a step of the stride: no shift of the output gives these numbers. The layer " +
          "is not equivariant to it."
        : agree
          ? "Both ways the same (green), but for what came in at the left: the layer is equivariant to this shift."
          : "The two differ.";
  });
  host.append(
    controls(slider("shift by", by, { min: 0, max: 4 }), slider("stride", stride, { min: 1, max: 2 })),
    el("div", { class: "stack" }, input, shifted, first, second),
    text,
  );
});
