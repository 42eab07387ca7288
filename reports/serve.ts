import { createHash } from "node:crypto";
import { once } from "node:events";
import { unwatchFile, watchFile, type Stats } from "node:fs";
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import { UsageError } from "../core/usage-error.ts";
import { PRIVATE_HEADERS } from "../core/private-headers.ts";

/** What is served: a page that is drawn anew at each request, and told to reload when a file changes. */
export interface Served {
  /** The page as HTML; undefined while there is nothing to draw yet. */
  readonly draw: () => string | undefined;
  /** Files or folders; the page is told when one of them appears, changes or is replaced. */
  readonly watched: readonly string[];
  /** 0 picks a free one. */
  readonly port: number;
}

export interface ReportServer {
  readonly url: string;
  readonly close: () => Promise<void>;
}

/**
 * Records are written after every layer, some seconds apart: a look at the file's status four times a second disturbs
 * no measurement.
 */
const LOOK_EVERY_MS = 250;
const HOSTS = /^(localhost|127\.0\.0\.1)(:\d+)?$/i;

/**
 * Serves one page on 127.0.0.1 and, at /events, a stream of server-sent events with the message "changed" at every
 * change. It answers GET alone, reads no file that the request names, and refuses other hosts' names, with which a
 * foreign page could read it (DNS rebinding). Changes are found by looking at the paths, not at open files: a record is
 * replaced as a whole, which ends a watch on the file itself.
 * @throws UsageError when the port cannot be had.
 */
export async function serveReport({ draw, watched, port }: Served): Promise<ReportServer> {
  const listeners = new Set<ServerResponse>();
  // Times order the states across a restart of the server, too.
  let changedAt = Date.now();
  let drawnAt = changedAt;
  const onChange = (current: Stats, previous: Stats): void => {
    // A file that does not exist is reported once, too.
    if (current.mtimeMs === 0 && previous.mtimeMs === 0) return;
    changedAt = Math.max(changedAt + 1, Date.now());
    for (const response of listeners) sendChanged(response, changedAt);
  };
  for (const path of watched) watchFile(path, { interval: LOOK_EVERY_MS }, onChange);

  const server = createServer((request, response) => {
    const refusal = refusalOf(request);
    if (refusal !== undefined) {
      answer(response, refusal.status, "text/plain; charset=utf-8", `${refusal.reason}\n`);
      return;
    }
    switch (pathOf(request)) {
      case "/":
        drawnAt = changedAt;
        answer(response, 200, "text/html; charset=utf-8", pageOf(draw));
        return;
      case "/events": {
        response.writeHead(200, { ...PRIVATE_HEADERS, "Content-Type": "text/event-stream" }).write("retry: 1000\n\n");
        // What changed between the drawing of the page and this request would be missed.
        if (changedAt > Number(request.headers["last-event-id"] ?? drawnAt)) sendChanged(response, changedAt);
        listeners.add(response);
        response.on("close", () => listeners.delete(response));
        return;
      }
      default:
        answer(response, 404, "text/plain; charset=utf-8", "there is one page here: /\n");
    }
  });

  const close = async (): Promise<void> => {
    for (const path of watched) unwatchFile(path, onChange);
    server.close();
    server.closeAllConnections();
    await once(server, "close");
  };
  try {
    server.listen(port, "127.0.0.1");
    await once(server, "listening");
  } catch (error) {
    for (const path of watched) unwatchFile(path, onChange);
    throw new UsageError(`cannot serve on 127.0.0.1:${port}: ${whyNot(error)}; --port 0 picks a free one`);
  }
  const address = server.address();
  const chosen = typeof address === "object" && address !== null ? address.port : port;
  return { url: `http://127.0.0.1:${chosen}/`, close };
}

function answer(response: ServerResponse, status: number, type: string, body: string): void {
  const allow = status === 405 ? { Allow: "GET" } : {};
  response.writeHead(status, { ...PRIVATE_HEADERS, ...allow, "Content-Type": type }).end(body);
}

function refusalOf({
  method,
  headers,
}: IncomingMessage): { readonly status: number; readonly reason: string } | undefined {
  if (!HOSTS.test(headers.host ?? "")) return { status: 403, reason: "only for localhost" };
  if (method !== "GET") return { status: 405, reason: "GET alone" };
  return undefined;
}

function pathOf({ url = "/" }: IncomingMessage): string {
  return url.replace(/\?.*$/s, "");
}

function sendChanged(response: ServerResponse, id: number): void {
  response.write(`id: ${id}\ndata: changed\n\n`);
}

/** The page; where there is none yet, or the file is not a record, a page that says so and goes on listening. */
function pageOf(draw: () => string | undefined): string {
  try {
    return draw() ?? waitingPage("Waiting for the first cell.");
  } catch (error) {
    if (error instanceof UsageError) return waitingPage(error.message);
    throw error;
  }
}

const RELOAD = 'new EventSource("events").onmessage = () => location.reload();';
const STYLE =
  ":root{color-scheme:light dark;font:1.1rem/1.5 system-ui,sans-serif}body{margin:20vh " +
  "auto;max-width:40rem;padding:0 1rem}";

function waitingPage(message: string): string {
  const text = message.replace(/[<>&]/g, (character) => `&#${character.charCodeAt(0)};`);
  const policy = `default-src 'none'; script-src ${sha256(RELOAD)}; style-src ${sha256(STYLE)}; connect-src 'self'`;
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="${policy}">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>benchconv</title>
<style>${STYLE}</style>
</head>
<body>
<main><h1>benchconv</h1><p role="status">${text}</p></main>
<script>${RELOAD}</script>
</body>
</html>
`;
}

function sha256(text: string): string {
  return `'sha256-${createHash("sha256").update(text).digest("base64")}'`;
}

function whyNot(error: unknown): string {
  switch (error instanceof Error && "code" in error ? error.code : undefined) {
    case "EADDRINUSE":
      return "the port is in use";
    case "EACCES":
      return "permission denied";
    default:
      return error instanceof Error ? error.message : String(error);
  }
}
