import { randomBytes } from "node:crypto";
import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { dirname } from "node:path";
import { statusOf } from "../../core/file-status.ts";
import { userPath } from "../../core/paths.ts";
import { plainText } from "../../core/plain-text.ts";
import { UsageError } from "../../core/usage-error.ts";
import { FleetClient } from "../../harness/fleet/client.ts";
import type { ParsedOptions } from "../cli/options.ts";

/** In the environment it is not in the list of processes, as an option would be. */
const TOKEN_VARIABLE = "BENCHCONV_FLEET_TOKEN";
const TOKEN_FILE = ".benchconv/fleet-token";
export const DEFAULT_PORT = 7480;

export const SERVER_OPTIONS = {
  server: { value: "URL", help: `of the server (default http://127.0.0.1:${DEFAULT_PORT}/)` },
} as const;

export const TOKEN_TEXT = `The token is in ${TOKEN_VARIABLE}, or in ${TOKEN_FILE}, which serve writes.`;

/** The server that a command asks. @throws UsageError for a URL that is none, and without a token */
export function clientOf(parsed: ParsedOptions): FleetClient {
  const given = parsed.text("server") ?? `http://127.0.0.1:${DEFAULT_PORT}/`;
  const url = URL.parse(given.endsWith("/") ? given : `${given}/`);
  if (url === null || !/^https?:$/.test(url.protocol))
    throw new UsageError(`--server must be an http or https URL, got "${plainText(given)}"`);
  const token = knownToken();
  if (token === undefined) throw new UsageError(`the token is missing: set ${TOKEN_VARIABLE}, or write ${TOKEN_FILE}`);
  return new FleetClient(url, token);
}

/** The token of a server; the first one of a folder is made, for its user's eyes only. */
export function serverToken(): { readonly token: string; readonly from: string } {
  const token = knownToken();
  if (token !== undefined)
    return { token, from: process.env[TOKEN_VARIABLE] === undefined ? TOKEN_FILE : TOKEN_VARIABLE };
  const made = randomBytes(24).toString("base64url");
  mkdirSync(dirname(userPath(TOKEN_FILE)), { recursive: true });
  writeFileSync(userPath(TOKEN_FILE), `${made}\n`, { mode: 0o600 });
  return { token: made, from: TOKEN_FILE };
}

function knownToken(): string | undefined {
  const given = process.env[TOKEN_VARIABLE]?.trim();
  const found =
    given ?? (statusOf(userPath(TOKEN_FILE))?.isFile() ? readFileSync(userPath(TOKEN_FILE), "utf8").trim() : undefined);
  if (found !== undefined && !/^[\w-]{16,200}$/.test(found))
    throw new UsageError("the token must be 16 to 200 letters, digits, dashes and underscores");
  return found;
}
