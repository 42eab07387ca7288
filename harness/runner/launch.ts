/** How the process of an implementation is started. */
import { fileURLToPath } from "node:url";
import { moduleUrl } from "../../core/module-url.ts";
import { environmentFor } from "./foreign/compile.ts";
import type { ProcessReaper, ProcessStart } from "./process-reaper.ts";
import { withoutSecrets } from "./sandbox/environment.ts";
import { sandboxedStart, type Sandbox } from "./sandbox/sandbox.ts";
import { strippedTypesFlags } from "./stripped-types.ts";

const CHILD = fileURLToPath(moduleUrl("./child.ts", import.meta.url));
const FLAGS = [
  "--experimental-vm-modules",
  "--disable-warning=ExperimentalWarning",
  // Nobody opens a debugger in it with a signal.
  "--disable-sigusr1",
];
const PACKAGE = new URL("../../", import.meta.url).href;
/** Node's cache of compiled code is the harness's: an implementation would be given, and could leave, any code there. */
const NO_COMPILE_CACHE = { NODE_DISABLE_COMPILE_CACHE: "1" };

/** What an implementation's process is given. */
export interface LaunchSettings {
  readonly pluginUrl: string;
  readonly threads: number;
  readonly limitBytes: number;
  /** What its environment has besides the harness's. */
  readonly environment: Readonly<Record<string, string>>;
  readonly sandbox: Sandbox | undefined;
}

/** A process to start, and the control groups that were made for it. */
export interface Launch extends ProcessStart {
  readonly environment: NodeJS.ProcessEnv;
  readonly groups: readonly string[];
}

/** The start of a plugin's process; what it starts bears the reaper's marks. */
export function launchOf(settings: LaunchSettings, reaper: ProcessReaper): Launch {
  const { pluginUrl, threads, limitBytes, sandbox } = settings;
  const environment = {
    ...withoutSecrets(process.env),
    BENCHCONV_THREADS: String(threads),
    ...settings.environment,
    ...NO_COMPILE_CACHE,
    ...environmentFor(pluginUrl),
    ...reaper.environment,
  };
  // What is installed is JavaScript.
  const flags = CHILD.endsWith(".ts") ? [...FLAGS, ...strippedTypesFlags(PACKAGE)] : FLAGS;
  const script = [CHILD, pluginUrl];
  if (sandbox === undefined) {
    const start = { command: process.execPath, args: [...flags, ...script] };
    return { ...reaper.marked(start), environment, groups: [] };
  }
  const start = sandboxedStart(sandbox, { flags, script, pluginUrl }, environment, limitBytes);
  return { ...reaper.marked(start), environment: { ...start.environment, ...NO_COMPILE_CACHE }, groups: start.groups };
}
