/** How many weights connect a square image to hidden units, biases left out. */
export interface Connections {
  readonly size: number;
  readonly units: number;
  readonly kernel: number;
  readonly filters: number;
}

/** Every pixel to every unit; a window for each unit; and filters that all positions share. */
export function weightCounts({ size, units, kernel, filters }: Connections) {
  return {
    fullyConnected: size ** 2 * units,
    locallyConnected: units * kernel ** 2,
    convolution: filters * kernel ** 2,
  };
}
