import type { Static } from "typebox";
import type { check, failure } from "./record/check.ts";
import type { status } from "./record/common.ts";
import type { environment, impl } from "./record/environment.ts";
import type { ceilings, comparison, run } from "./record/run.ts";
import type { launch, timing } from "./record/timing.ts";

// The types of a record, from its schema in core/record/, which says what each field means.
// Only types are imported: no command loads the schema.

/** A value of which no part can be changed. */
type Frozen<Value> = { readonly [Key in keyof Value]: Frozen<Value[Key]> };

export type Status = Static<typeof status.schema>;
export type Environment = Frozen<Static<typeof environment.schema>>;
/** What a sandbox enforced in a run. */
export type SandboxEntry = NonNullable<Environment["sandbox"]>;
export type ImplEntry = Frozen<Static<typeof impl.schema>>;
export type Failure = Frozen<Static<typeof failure.schema>>;
export type CheckEntry = Frozen<Static<typeof check.schema>>;
export type Launch = Frozen<Static<typeof launch.schema>>;
export type TimingEntry = Frozen<Static<typeof timing.schema>>;
export type TimingFlag = NonNullable<TimingEntry["flags"]>[number];
export type LayerOf = NonNullable<TimingEntry["layerOf"]>;
export type Ceilings = Frozen<Static<typeof ceilings.schema>>;
export type ComparisonEntry = Frozen<Static<typeof comparison.schema>>;
/** One run of verify or bench. */
export type RunRecord = Frozen<Static<typeof run>>;

export const RECORD_SCHEMA: RunRecord["schema"] = "benchconv/1";

/**
 * A `roundingRatio` above this is flagged as imprecise: independent roundings do not leave twice their bound by chance.
 */
export const IMPRECISE_RATIO = 2;
