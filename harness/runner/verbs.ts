import type { Verb } from "./messages.ts";

const ALL: Readonly<Record<Verb, true>> = {
  describe: true,
  open: true,
  "open-layer": true,
  "open-model": true,
  "open-sequence": true,
  store: true,
  load: true,
  run: true,
  sample: true,
  read: true,
  fresh: true,
  "fresh-outputs": true,
  copy: true,
  repeat: true,
  settle: true,
  close: true,
  "start-coverage": true,
  "take-coverage": true,
};

/** Every verb of a request. */
// oxlint-disable-next-line typescript/no-unsafe-type-assertion -- the keys of a record of all verbs
export const VERBS = Object.keys(ALL) as readonly Verb[];
