/** The module of the layers that stand in where a contender has none: loaded in the contender's own process. */
export const PLAIN_LAYERS_URL = new URL("../../impls/plain-layers/layers.ts", import.meta.url).href;
