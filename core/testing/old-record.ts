import { join } from "node:path";

/**
 * A record that version 0.1 wrote (commit 8fb8b07: bench --whole, some layers of LeNet-5), cut to four samples a round.
 * It stays as it is: what was kept then must be read for good.
 */
export const OLD_RECORD = join(import.meta.dirname, "old-record.json");
