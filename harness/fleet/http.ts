/** The HTTP side of the fleet's server: who may ask, how much, and how it is answered. */
import { createHash, timingSafeEqual } from "node:crypto";
import { once } from "node:events";
import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import { UsageError } from "../../core/usage-error.ts";
import { PRIVATE_HEADERS } from "../../core/private-headers.ts";

/** An answer that is no success, with what is wrong in one line. */
export class Refusal extends Error {
  override readonly name = "Refusal";
  readonly status: number;

  constructor(status: number, message: string) {
    super(message);
    this.status = status;
  }
}

export interface Answer {
  readonly status?: number;
  readonly type:
    "application/json" | "application/octet-stream" | "text/plain; charset=utf-8" | "text/html; charset=utf-8";
  readonly body: string | Uint8Array;
  readonly policy?: string;
}

/** One path of the server. */
export interface Route {
  readonly method: "GET" | "POST" | "PUT";
  /** Its groups are handed over. */
  readonly path: RegExp;
  readonly isOpen?: boolean;
  readonly mostBytes?: number;
  readonly answer: (request: { readonly params: readonly string[]; readonly body: Uint8Array }) => Promise<Answer>;
}

export type Log = (event: string, details: Readonly<Record<string, unknown>>) => void;

export interface Listening {
  readonly url: string;
  readonly close: () => Promise<void>;
}

const HEADERS_MS = 10_000;
const REQUEST_MS = 60_000;
const MOST_CONNECTIONS = 4_000;
/** So many refusals of one address in a minute, and more are answered without a look. */
const MOST_REFUSALS = 200;
const MINUTE_MS = 60_000;
/** Serves the routes to whoever has the token. @throws UsageError when the port cannot be had. */
export async function listen(
  routes: readonly Route[],
  {
    host,
    port,
    token,
    log,
  }: { readonly host: string; readonly port: number; readonly token: string; readonly log: Log },
): Promise<Listening> {
  const refusals = new Map<string, { readonly count: number; readonly until: number }>();
  const server: Server = createServer(
    { headersTimeout: HEADERS_MS, requestTimeout: REQUEST_MS, connectionsCheckingInterval: 5_000 },
    (request, response) => void handle(request, response),
  );
  server.maxConnections = MOST_CONNECTIONS;

  const handle = async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
    const address = request.socket.remoteAddress ?? "";
    try {
      const { pathname, searchParams } = new URL(request.url ?? "/", "http://fleet.invalid");
      const found = routes.filter((route) => route.path.test(pathname));
      const route = found.find(({ method }) => method === request.method);
      const typed = searchParams.get("token");
      const given = /^Bearer (\S+)$/.exec(request.headers.authorization ?? "")?.[1] ?? typed ?? cookieOf(request) ?? "";
      if (route?.isOpen !== true && !isSame(given, token)) {
        const before = refusals.get(address);
        const isRecent = before !== undefined && before.until > performance.now();
        if (isRecent && before.count >= MOST_REFUSALS)
          throw new Refusal(429, "too many refused requests: wait a minute");
        if (refusals.size > MOST_CONNECTIONS) refusals.clear();
        const until = isRecent ? before.until : performance.now() + MINUTE_MS;
        refusals.set(address, { count: (isRecent ? before.count : 0) + 1, until });
        throw new Refusal(401, "the token is missing or wrong");
      }
      // So that the links of a page need not carry the token.
      if (typed !== null) response.setHeader("Set-Cookie", cookieWith(typed));
      if (route === undefined) throw new Refusal(found.length === 0 ? 404 : 405, "there is no such request");
      const body = await bodyOf(request, route.mostBytes ?? 0);
      const params = (route.path.exec(pathname) ?? []).slice(1);
      send(response, await route.answer({ params, body }));
    } catch (error) {
      const refusal = refusalOf(error);
      if (refusal.status >= 500) log("error", { path: request.url, status: refusal.status, reason: String(error) });
      if (response.headersSent || response.destroyed) return;
      response.setHeader("Connection", "close");
      send(response, { status: refusal.status, type: "text/plain; charset=utf-8", body: `${refusal.message}\n` });
      // What is left of a body that nobody wants is not read.
      if (!request.complete) response.once("finish", () => request.destroy());
    }
  };

  try {
    server.listen(port, host);
    await once(server, "listening");
  } catch (error) {
    throw new UsageError(`cannot listen on ${host}:${port}: ${error instanceof Error ? error.message : String(error)}`);
  }
  const bound = server.address();
  const shown = host.includes(":") ? `[${host}]` : host;
  return {
    url: `http://${shown}:${typeof bound === "object" && bound !== null ? bound.port : port}/`,
    close: async () => {
      server.close();
      server.closeAllConnections();
      await once(server, "close");
    },
  };
}

const COOKIE = "benchconv-fleet";

/** A browser keeps it for this server's own pages, and scripts do not see it. */
function cookieWith(token: string): string {
  return `${COOKIE}=${encodeURIComponent(token)}; HttpOnly; SameSite=Strict; Path=/`;
}

/** The token that a browser was given; to look alone: what changes something says its token itself. */
function cookieOf({ method, headers }: IncomingMessage): string | undefined {
  if (method !== "GET") return undefined;
  const cookies = (headers.cookie ?? "").split(";").map((pair) => pair.trim().split("="));
  const value = cookies.find(([name]) => name === COOKIE)?.[1];
  try {
    return value === undefined ? undefined : decodeURIComponent(value);
  } catch {
    return undefined;
  }
}

/** As long as the digests of both are compared, the time tells nothing of the token. */
function isSame(given: string, token: string): boolean {
  const digest = (text: string): Buffer => createHash("sha256").update(text).digest();
  return timingSafeEqual(digest(given), digest(token));
}

async function bodyOf(request: IncomingMessage, mostBytes: number): Promise<Uint8Array> {
  const tooLarge = new Refusal(413, `the body may have at most ${mostBytes} bytes`);
  if (Number(request.headers["content-length"] ?? 0) > mostBytes) throw tooLarge;
  const parts: Uint8Array[] = [];
  let bytes = 0;
  for await (const part of request) {
    if (!(part instanceof Uint8Array)) continue;
    bytes += part.length;
    if (bytes > mostBytes) throw tooLarge;
    parts.push(part);
  }
  return Buffer.concat(parts);
}

function refusalOf(error: unknown): Refusal {
  if (error instanceof Refusal) return error;
  if (error instanceof UsageError) return new Refusal(400, error.message);
  if (isAway(error)) return new Refusal(503, "the database is away");
  if (error instanceof TypeError && error.message === "Invalid URL") return new Refusal(400, "the path is wrong");
  return new Refusal(500, "a defect of the server: its log has it");
}

/** Codes of sockets, and PostgreSQL's of classes 08 and 57: no connection, shutting down, starting up. */
function isAway(error: unknown): boolean {
  if (!(error instanceof Error)) return false;
  const code = "code" in error && typeof error.code === "string" ? error.code : "";
  return /^(?:08|57P)/.test(code) || /^E(?:CONNREFUSED|PIPE|CONNRESET)$/.test(code) || AWAY.test(error.message);
}

const AWAY = /Connection terminated|timeout exceeded when trying to connect|not queryable|Client has encountered/;

function send(response: ServerResponse, { status = 200, type, body, policy }: Answer): void {
  const security = { "Content-Security-Policy": policy ?? "default-src 'none'" };
  response.writeHead(status, { ...PRIVATE_HEADERS, ...security, "Content-Type": type }).end(body);
}
