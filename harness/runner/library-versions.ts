/** `onnxruntime@1.29.0`: an implementation with another version of its library, which npm installs aside. */
import { execFile } from "node:child_process";
import { existsSync, mkdirSync, mkdtempSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { homedir } from "node:os";
import { dirname, join } from "node:path";
import { plainText } from "../../core/plain-text.ts";
import { UsageError } from "../../core/usage-error.ts";

/** The packages that an implementation's version is of, installed together. */
const TFJS = "@tensorflow/tfjs";
const PACKAGES: ReadonlyMap<string, readonly string[]> = new Map([
  ["onnxruntime", ["onnxruntime-node"]],
  ["onnxruntime-webgpu", ["onnxruntime-node"]],
  ["onnxruntime-web", ["onnxruntime-web"]],
  ["tfjs-cpu", [TFJS]],
  ["tfjs-wasm", [TFJS, `${TFJS}-backend-wasm`]],
  ["tfjs-webgpu", [TFJS, `${TFJS}-backend-webgpu`]],
]);
/** npm may fetch 300 MB. */
const LIMIT_MS = 600_000;

/** An implementation at a version of its library. */
export interface VersionedName {
  readonly name: string;
  readonly version: string;
  readonly packages: readonly string[];
}

/** What a selector names, where it has a version. @throws UsageError for a version that is no whole one */
export function versionedName(selector: string): VersionedName | undefined {
  const [, name, version] = /^([\w:-]+)@(.*)$/s.exec(selector) ?? [];
  if (name === undefined || version === undefined) return undefined;
  const shown = plainText(selector);
  const packages = PACKAGES.get(name.split(":")[0] ?? "");
  if (packages === undefined)
    throw new UsageError(
      `${shown}: there are versions of ${[...PACKAGES.keys()].join(", ")}, of no other implementation`,
    );
  if (!/^\d+\.\d+\.\d+(?:-[\w.-]+)?$/.test(version))
    throw new UsageError(`${shown}: "${plainText(version)}" is no whole version, such as ${name}@1.22.0`);
  return { name, version, packages };
}

/** The folder with the libraries of that version, in the user's cache; installed by npm where they are not there yet. */
export async function installedAside({ packages, version }: VersionedName): Promise<string> {
  const [first = ""] = packages;
  const folder = join(cacheFolder(), "libraries", `${first.replaceAll("/", "+")}@${version}`);
  if (existsSync(folder)) return folder;
  process.stderr.write(`npm installs ${packages.map((name) => `${name}@${version}`).join(" ")}, once, in ${folder}\n`);
  let made: string | undefined;
  try {
    mkdirSync(dirname(folder), { recursive: true });
    // Made elsewhere and then renamed: what is there is whole.
    made = mkdtempSync(`${folder}-`);
    writeFileSync(join(made, "package.json"), "{}\n");
    await install(packages, version, made);
    renameSync(made, folder);
  } catch (error) {
    if (made !== undefined) rmSync(made, { recursive: true, force: true });
    if (existsSync(folder)) return folder;
    if (error instanceof UsageError || !(error instanceof Error)) throw error;
    throw new UsageError(`cannot install ${first}@${version}: ${plainText(error.message)}`);
  }
  return folder;
}

function cacheFolder(): string {
  const { XDG_CACHE_HOME, LOCALAPPDATA } = process.env;
  return join(XDG_CACHE_HOME ?? LOCALAPPDATA ?? join(homedir(), ".cache"), "benchconv");
}

const OPTIONS = "--no-save --no-package-lock --ignore-scripts --no-audit --no-fund --prefer-offline --fetch-retries=1";

function install(packages: readonly string[], version: string, folder: string): Promise<void> {
  const words = ["install", ...OPTIONS.split(" "), ...packages.map((name) => `${name}@${version}`)];
  // What `npm run` says of the package that it runs in is not said of this one.
  const isOfRun = (name: string): boolean =>
    /^npm_(?!config_)|^INIT_CWD$|^npm_config_(?:local_)?prefix$|^NODE_OPTIONS$/i.test(name);
  const env = Object.fromEntries(Object.entries(process.env).filter(([name]) => !isOfRun(name)));
  const options = { cwd: folder, env, timeout: LIMIT_MS, shell: process.platform === "win32" };
  return new Promise((resolve, reject) => {
    execFile("npm", words, options, (error, _stdout, stderr) => {
      if (error === null) resolve();
      else reject(new UsageError(reasonOf(stderr, error.code, `${packages[0]}@${version}`)));
    });
  });
}

/** What npm says, in a sentence. */
function reasonOf(stderr: string, code: unknown, what: string): string {
  if (code === "ENOENT") return `cannot install ${what}: npm is not found`;
  const kind = /npm (?:error|ERR!) code (\w+)/.exec(stderr)?.[1] ?? "";
  if (/^(?:ENOTFOUND|EAI_AGAIN|ECONN\w+|ETIMEDOUT|ENETUNREACH|EHOSTUNREACH|ERR_SOCKET_TIMEOUT|FETCH_ERROR)$/.test(kind))
    return `cannot install ${what}: npm does not reach its registry (${kind}); it is needed once`;
  if (kind === "ETARGET" || kind === "E404") return `there is no ${what}: npm's registry has no such version`;
  const line = stderr.split("\n").find((each) => /^npm (?:error|ERR!) (?!code)/.test(each)) ?? stderr;
  return `cannot install ${what}: ${plainText(line.replace(/^npm (?:error|ERR!) /, "")).slice(0, 300)}`;
}
