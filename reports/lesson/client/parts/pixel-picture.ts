import { el } from "./figure.ts";

export interface PictureModel {
  readonly label: string;
  readonly width: number;
  readonly height: number;
  /** Row by row; of a colour picture three planes, one after another. */
  readonly values: ArrayLike<number>;
  /** The values that are black and white. `signed` shows −high in one colour, 0 as paper, +high in another. */
  readonly low?: number;
  readonly high: number;
  readonly kind?: "grey" | "signed" | "colour";
  /** In CSS rem. */
  readonly size?: number;
}

/** `<pixel-picture>`: numbers as a picture. */
export class PixelPicture extends HTMLElement {
  readonly #canvas = el("canvas", { role: "img" });
  readonly #name = el("span", { class: "name" });

  show({ label, width, height, values, low = 0, high, kind = "grey", size = 14 }: PictureModel): this {
    if (this.childElementCount === 0) this.append(this.#name, el("br"), this.#canvas);
    this.#name.textContent = label;
    this.#canvas.setAttribute("aria-label", `${label}: a picture of ${width} × ${height}`);
    this.#canvas.width = width;
    this.#canvas.height = height;
    this.#canvas.style.setProperty("--width", `${size}rem`);
    const context = this.#canvas.getContext("2d");
    if (context === null) return this;
    const pixels = context.createImageData(width, height);
    const count = width * height;
    for (let at = 0; at < count; at++) {
      const level = (plane: number): number => ((values[plane * count + at] ?? 0) - low) / (high - low);
      const colour =
        kind === "signed"
          ? signedColour((values[at] ?? 0) / high)
          : kind === "colour"
            ? [0, 1, 2].map((plane) => 255 * level(plane))
            : [255 * level(0), 255 * level(0), 255 * level(0)];
      pixels.data.set([...colour, 255], 4 * at);
    }
    context.putImageData(pixels, 0, 0);
    return this;
  }
}
customElements.define("pixel-picture", PixelPicture);

/** Orange below 0, white at 0, blue above. */
function signedColour(value: number): readonly number[] {
  const strength = Math.min(1, Math.abs(value));
  const end = value < 0 ? [196, 78, 0] : [0, 88, 150];
  return end.map((channel) => 255 + (channel - 255) * strength);
}

export function pixelPicture(): PixelPicture {
  return new PixelPicture();
}

/** The size to which a picture of the reader is brought. */
const LARGEST = 128;
/** A kernel of 3 × 3 leaves something to see. */
const LEAST_SIDE = 5;

/** The picture of a file, drawings among them. @throws DOMException where it is none */
async function decoded(file: Blob): Promise<HTMLImageElement> {
  const picture = new Image();
  const address = URL.createObjectURL(file);
  try {
    picture.src = address;
    await picture.decode();
    return picture;
  } finally {
    URL.revokeObjectURL(address);
  }
}

/** A place where a picture may be dropped, or chosen; it never leaves the browser. */
export function pictureDrop(
  take: (picture: { readonly values: Float64Array; readonly width: number; readonly height: number }) => void,
): HTMLElement {
  const read = async (file: Blob | undefined): Promise<void> => {
    if (file === undefined) return;
    try {
      const picture = await decoded(file);
      // A drawing without a size of its own has the largest.
      const sides = [picture.naturalWidth, picture.naturalHeight].map((side) => (side === 0 ? LARGEST : side));
      const scale = Math.min(1, LARGEST / Math.max(...sides));
      const [width, height] = sides.map((side) => Math.max(1, Math.round(side * scale)));
      if (width === undefined || height === undefined) return;
      if (Math.min(width, height) < LEAST_SIDE) {
        said.textContent = `${sides.join(" × ")}: brought to ${width} × ${height}, it is too thin for a kernel`;
        return;
      }
      const context = new OffscreenCanvas(width, height).getContext("2d");
      if (context === null) return;
      context.drawImage(picture, 0, 0, width, height);
      const { data } = context.getImageData(0, 0, width, height);
      const values = Float64Array.from(
        { length: width * height },
        (_, at) =>
          // Luma of ITU-R BT.601.
          0.299 * (data[4 * at] ?? 0) + 0.587 * (data[4 * at + 1] ?? 0) + 0.114 * (data[4 * at + 2] ?? 0),
      );
      said.textContent = `a picture of ${width} × ${height}`;
      take({ values, width, height });
    } catch {
      said.textContent = "that is no picture that this browser reads";
    }
  };
  const input = el("input", { type: "file", accept: "image/*", change: () => void read(input.files?.[0]) });
  const said = el("span", { "aria-live": "polite" });
  const stop = (event: Event): void => event.preventDefault();
  const box = el(
    "div",
    {
      class: "drop",
      dragover: (event) => {
        stop(event);
        box.classList.add("over");
      },
      dragleave: () => box.classList.remove("over"),
      drop: (event) => {
        stop(event);
        box.classList.remove("over");
        if (event instanceof DragEvent) void read(event.dataTransfer?.files[0]);
      },
    },
    el("label", {}, "your own picture (it stays in this browser): ", input),
    " ",
    said,
  );
  return box;
}
