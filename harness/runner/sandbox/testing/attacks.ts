/** What a hostile plugin tries when it is loaded: pieces of JavaScript that give what they got, or throw. */

/** What is there to be attacked. */
export interface Targets {
  /** A TCP server on this machine. */
  readonly port: number;
  /** Unix sockets that somebody listens on: of the file system, and without a file. */
  readonly socket: string;
  readonly abstractSocket: string;
  /** A file in a folder of its own. */
  readonly file: string;
  /** A native addon. */
  readonly addon: string;
  /** A process that only waits. */
  readonly pid: number;
}

/** An attack, and the wall against it. */
export interface Attack {
  readonly what: string;
  readonly wall: string;
  readonly code: string;
}

export const TRACING = "tracing";

/** Attacks that do no harm where nothing refuses them. */
export function harmlessAttacks({ port, socket, abstractSocket, file, addon, pid }: Targets): readonly Attack[] {
  const [at, library] = [JSON.stringify(file), JSON.stringify(addon)];
  const attack = (wall: string, what: string, code: string): Attack => ({ wall, what, code });
  const connection = (to: object): string => `const { connect } = await import("node:net");
    await new Promise((resolve, reject) => connect(${JSON.stringify(to)}).on("connect", resolve).on("error", reject));`;
  return [
    attack("network", "uses the network", connection({ port, host: "127.0.0.1" })),
    attack("sockets", "connects to a unix socket", connection({ path: socket })),
    attack("network", "connects to an abstract socket", connection({ path: abstractSocket })),
    attack("reading", "reads a file elsewhere", `fs.readFileSync(${at}, "utf8");`),
    attack("reading", "lists a folder elsewhere", `fs.readdirSync(dirname(${at}));`),
    attack("writing", "writes a file elsewhere", `fs.writeFileSync(${at} + ".new", "x");`),
    attack("writing", "writes into its own folder", `fs.writeFileSync(import.meta.filename + ".new", "x");`),
    attack(
      "writing",
      "writes into the harness",
      `const file = join(dirname(process.argv[1]), "written-by-an-attack");
      fs.writeFileSync(file, "x"); fs.rmSync(file);`,
    ),
    attack("reading", "reads the environment of another process", `fs.readFileSync("/proc/${pid}/environ");`),
    // Some systems refuse it in any case.
    attack(TRACING, "opens the memory of another process, as a tracer", `fs.openSync("/proc/${pid}/mem", "r+");`),
    attack("processes", "signals another process", `process.kill(${pid}, "SIGCONT");`),
    attack("processes", "opens the debugger of another process", `process._debugProcess(${pid});`),
    attack(
      "environment",
      "finds a secret in its environment",
      `if (!process.env.MY_PET) throw new Error("nothing there");`,
    ),
    attack("addons", "loads a native addon", `process.dlopen({ exports: {} }, ${library});`),
  ];
}

/** Attacks that go on until something stops them, or until much is used up. */
export const GREEDY_ATTACKS: readonly Attack[] = [
  {
    wall: "process-count",
    what: "starts processes without end",
    code: `const { spawnSync } = await import("node:child_process");
      const { status } = spawnSync("sh", ["-c", "i=0; while [ $i -lt 2000 ]; do sleep 60 & i=$((i + 1)); done"], { stdio: "ignore" });
      if (status !== 0) throw new Error("no more");`,
  },
  {
    wall: "memory",
    what: "takes memory without end",
    code: "const kept = []; for (let i = 0; i < 16; i++) kept.push(new Uint8Array(2 ** 28).fill(1));",
  },
  ...["/tmp/large", "/dev/shm/large"].map((file) => ({
    wall: "writing",
    what: `fills ${file}`,
    code: `for (let i = 0; i < 16; i++) fs.appendFileSync("${file}", Buffer.alloc(2 ** 26, 1));`,
  })),
];

/** A plugin that attacks when it is loaded, with an implementation for each attack that says what came of it. */
export function attackingPlugin(attacks: readonly Attack[]): string {
  const functions = attacks.map(({ code }) => `async () => { ${code} },\n`);
  return `import fs from "node:fs"; import { dirname, join } from "node:path";
const impls = [];
for (const attack of [${functions.join("")}]) {
  const description = await attack().then(() => "done", (error) => "refused: " + (error.code ?? error.message));
  impls.push({ name: "attack-" + impls.length, description, forward() {} });
}
export default impls;
`;
}
