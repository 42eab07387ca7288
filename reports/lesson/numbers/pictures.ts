/** Pictures made here: nothing is fetched. */

export interface Picture {
  readonly width: number;
  readonly height: number;
  /** Row by row, 0 to 255; of a colour picture three planes. */
  readonly values: Float64Array;
}

/** A house with a sun, in grey: upright, lying and slanting edges, and a round one. */
export function greyScene(size = 96): Picture {
  const unit = 96 / size;
  const shade = (x: number, y: number): number => {
    if (Math.hypot(x - 72, y - 22) < 12) return 245;
    if (x > 22 && x < 64 && y > 44 && y < 82) {
      if (x > 30 && x < 40 && y > 52 && y < 62) return 60;
      if (x > 46 && x < 56 && y > 58) return 90;
      return 205;
    }
    if (y > 22 && y <= 44 && Math.abs(x - 43) < (y - 22) * 1.2) return 120;
    return y > 82 ? 70 : 150 + 40 * (y / 96);
  };
  return {
    width: size,
    height: size,
    values: Float64Array.from({ length: size * size }, (_, at) =>
      shade((at % size) * unit, Math.floor(at / size) * unit),
    ),
  };
}

/** A red disc, a green square and a blue bar, 3 × size × size. */
export function colourScene(size = 32): Picture {
  const inside = [
    (x: number, y: number) => Math.hypot(x - 10, y - 10) < 7,
    (x: number, y: number) => x > 16 && x < 28 && y > 4 && y < 16,
    (x: number, y: number) => y > 20 && y < 26 && x > 3,
  ];
  return {
    width: size,
    height: size,
    values: Float64Array.from({ length: 3 * size * size }, (_, at) => {
      const [plane, x, y] = [Math.floor(at / (size * size)), at % size, Math.floor(at / size) % size];
      return inside[plane]?.(x, y) === true ? 230 : 40;
    }),
  };
}
