import type { ImplEntry } from "../../core/record.ts";
import type { Implementation } from "./discovery.ts";

/** An implementation in the record: `passed` until a check says otherwise. */
export function implEntry({ name, description }: Pick<Implementation, "name" | "description">): ImplEntry {
  const { version, source, algorithm, precision, arithmetic, device, software, unavailable } = description;
  return {
    name,
    ...(version === undefined ? {} : { version }),
    algorithm,
    ...(description.description === undefined ? {} : { description: description.description }),
    ...(source === undefined ? {} : { source }),
    precision,
    arithmetic,
    ...(device === undefined ? {} : { device }),
    ...(software === undefined ? {} : { software }),
    ...(unavailable === undefined ? { status: "passed" } : { status: "unavailable", reason: unavailable }),
  };
}
