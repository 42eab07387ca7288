import { Type } from "typebox";
import { status, time } from "./common.ts";
import { amount, closed, part, positive, text } from "./part.ts";

function walls(title: string, description: string) {
  return Type.Array(Type.String(), { title, description });
}

export const environment = part(
  "environment",
  closed("Environment", "What a run met, where, and when.", {
    startedAt: time.ref({ title: "Start of the run" }),
    machine: Type.Optional(text("Machine", "What its user calls it.")),
    benchconv: text("benchconv's version"),
    node: text("Node.js version"),
    v8: text("V8 version"),
    browser: Type.Optional(
      text(
        "Browser",
        "Of implementations that ran in a browser: its name, its version, and what draws for it. Node.js is the " +
          "harness's then.",
      ),
    ),
    os: text("Operating system", "Name, release and architecture."),
    cpu: text("Processor model"),
    cores: positive("Logical processors", "How many this process may use."),
    memoryBytes: Type.Integer({ title: "Memory", description: "Bytes of main memory.", minimum: 0 }),
    memoryLimitBytes: Type.Optional(
      Type.Integer({ title: "Memory limit", description: "Bytes that the run might have, where less.", minimum: 0 }),
    ),
    commit: Type.Optional(text("Commit", "Of the Git repository where the run was started.")),
    hasChanges: Type.Optional(
      Type.Boolean({ title: "Has changes", description: "Tracked files were changed since that commit." }),
    ),
    loadAverage: amount("Load average", "Over one minute, when the run began; 0 on Windows, which has none."),
    sandbox: Type.Optional(
      closed("Sandbox", "What `--sandbox` kept implementations from; the words are those of docs/threat-model.md.", {
        tool: text("Tool"),
        enforced: walls("Enforced", "For whatever an implementation does."),
        inJavaScript: Type.Optional(walls("In JavaScript alone", "Native code and commands are not held.")),
        open: walls("Open", "What this machine could not enforce."),
      }),
    ),
  }),
);

export const impl = part(
  "impl",
  closed("Implementation", "One implementation.", {
    name: Type.String({ title: "Name", description: "Unique in the record.", minLength: 1 }),
    version: Type.Optional(text("Version")),
    algorithm: text(
      "Algorithm",
      "The error bound that it is held to: `direct`, `gemm`, `fft`, `winograd(m,r)` or `per problem`.",
    ),
    description: Type.Optional(text("Description")),
    source: Type.Optional(text("Source", "Paper or URL.")),
    precision: Type.Optional(text("Precision of the products", "`float32` when left out.")),
    arithmetic: Type.Optional(text("Arithmetic", "`ieee` when left out.")),
    device: Type.Optional(
      Type.Enum(["cpu", "gpu"], {
        title: "Device",
        description: "What it computes on; `cpu` when left out. The record's ceilings are the processor's.",
      }),
    ),
    software: Type.Optional(
      text("Software driver", "What it computed on in place of a GPU: its times are not a GPU's."),
    ),
    knownDefects: Type.Optional(
      Type.Array(Type.String(), {
        title: "Known defects",
        description:
          "Ids of the expected failures that speak of it at its version, in a run that does not look for them.",
      }),
    ),
    status: status.ref(),
    reason: Type.Optional(text("Reason", "Why the status is not `passed`.")),
  }),
);
