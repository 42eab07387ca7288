import { randomUUID } from "node:crypto";
import { once } from "node:events";
import { readFileSync, statSync } from "node:fs";
import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import { dirname, extname, join, relative, isAbsolute } from "node:path";
import { text } from "node:stream/consumers";
import { fileURLToPath, pathToFileURL } from "node:url";
import { plainText } from "../../../core/plain-text.ts";
import { readFrames, type Frame } from "../frames.ts";
import { Mailbox } from "./mailbox.ts";
import { moduleText, servedFile, type Resolved } from "./module-text.ts";
import { packageFolder } from "./package-file.ts";

const ROOT = fileURLToPath(new URL("../../../", import.meta.url));
const CHILD = new URL("./child.ts", import.meta.url);
const FILES = "/file";
/** The path of a module that a browser cannot have. */
export const MISSING = "/not-in-a-browser";
/** A browser gives up on an answer that does not come; it is told to ask again before that. */
const HELD_MS = 30_000;

const MIME: Readonly<Record<string, string>> = {
  ".ts": "text/javascript",
  ".js": "text/javascript",
  ".mjs": "text/javascript",
  ".json": "application/json",
  ".wasm": "application/wasm",
};

/** Cross-origin isolation: without it there is no SharedArrayBuffer, and the clock is twenty times as coarse. */
const ISOLATION = {
  "Cross-Origin-Opener-Policy": "same-origin",
  "Cross-Origin-Embedder-Policy": "require-corp",
  "Cross-Origin-Resource-Policy": "same-origin",
  "Cache-Control": "no-store",
};

/** A page for one implementation. */
export interface ImplementationPage {
  readonly url: string;
  /** A page without a worker. */
  readonly blankUrl: string;
  readonly mailbox: Mailbox;
  close(): void;
}

interface Site {
  readonly mailbox: Mailbox;
  readonly plugin: string;
  readonly threads: number;
}

/**
 * Serves this repository and the plugin files of a run to a browser on this machine. Each page has a secret path of its own, under which are its worker's
 * letters (`next`, `answer`), and every file at its path on the disk (`file/…`), so that modules find each other as they do in Node.
 */
export class SuiteServer {
  readonly #server: Server;
  readonly #sites = new Map<string, Site>();
  readonly #roots = new Set<string>([ROOT]);
  /** Texts of modules, ready but for the path of the page: by file. */
  readonly #texts = new Map<string, { readonly text: string; readonly missing: readonly string[] }>();

  private constructor(server: Server) {
    this.#server = server;
    server.on("request", (request: IncomingMessage, response: ServerResponse) => {
      this.#answer(request, response).catch(() => response.destroy());
    });
  }

  /** Begins to listen on a free port of the loopback interface. */
  static async start(): Promise<SuiteServer> {
    // Operands may be gigabytes, and an implementation may take its time.
    const server = createServer({ requestTimeout: 0 });
    const suite = new SuiteServer(server);
    server.listen(0, "127.0.0.1");
    await once(server, "listening");
    return suite;
  }

  /** A page whose worker loads a plugin file. */
  open(pluginUrl: string, threads: number): ImplementationPage {
    const id = randomUUID();
    const mailbox = new Mailbox();
    const plugin = new URL(pluginUrl);
    this.#roots.add(dirname(fileURLToPath(plugin)));
    this.#sites.set(id, { mailbox, plugin: plugin.pathname, threads });
    const address = this.#server.address();
    if (address === null || typeof address === "string") throw new Error("the server does not listen");
    const url = `http://127.0.0.1:${address.port}/${id}/`;
    return {
      url,
      blankUrl: `${url}blank`,
      mailbox,
      close: () => {
        this.#sites.delete(id);
      },
    };
  }

  stop(): void {
    this.#server.close();
    this.#server.closeAllConnections();
  }

  async #answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const { pathname } = new URL(request.url ?? "/", "http://127.0.0.1");
    const [, id = "", ...rest] = pathname.split("/");
    const site = this.#sites.get(id);
    if (site === undefined) return end(response, 404);
    const path = `/${rest.join("/")}`;
    if (path === "/") return end(response, 200, "text/html", pageHtml(id, site));
    if (path === "/blank") return end(response, 200, "text/html", "<!doctype html>\n<title>benchconv</title>\n");
    if (path === "/next") return sendNext(site.mailbox, response);
    if (path === "/answer") {
      site.mailbox.receive(await firstFrame(request));
      return end(response, 204);
    }
    if (path === "/gone") {
      site.mailbox.end(`the worker ended with an error (${plainText((await text(request)).slice(0, 200))})`);
      return end(response, 204);
    }
    if (path.startsWith("/package/")) return this.#sendPackage(path.slice("/package/".length), id, response);
    if (path.startsWith(`${FILES}/`)) return this.#sendFile(path.slice(FILES.length), id, site, response);
    return end(response, 404);
  }

  /** Where a package is, for libraries that fetch files of their own. */
  #sendPackage(name: string, id: string, response: ServerResponse): void {
    const folder = packageFolder(decodeURIComponent(name), join(ROOT, "index.ts"));
    if (folder === undefined) return end(response, 404);
    end(response, 200, "application/json", JSON.stringify(this.#urlOf(id, folder)));
  }

  #sendFile(path: string, id: string, site: Site, response: ServerResponse): void {
    const file = fileURLToPath(`file://${path}`);
    const type = MIME[extname(file)] ?? "application/octet-stream";
    const isInside = [...this.#roots].some((root) => {
      const inside = relative(root, file);
      return !inside.startsWith("..") && !isAbsolute(inside);
    });
    if (!isInside || !statSync(servedFile(file), { throwIfNoEntry: false })?.isFile()) return end(response, 404);
    if (type !== "text/javascript") return end(response, 200, type, readFileSync(file));
    const { text: module, missing } = this.#moduleOf(file);
    for (const reason of missing) site.mailbox.missing.add(reason);
    end(response, 200, type, module.replaceAll(ID_MARK, id));
  }

  #moduleOf(file: string): { readonly text: string; readonly missing: readonly string[] } {
    const known = this.#texts.get(file);
    if (known !== undefined) return known;
    const missing: string[] = [];
    const rewrite = (resolved: Resolved): string => {
      if ("isEmpty" in resolved) return "data:text/javascript,export default {}";
      if ("reason" in resolved) {
        missing.push(resolved.reason);
        return `/${ID_MARK}${MISSING}`;
      }
      return this.#urlOf(ID_MARK, resolved.file);
    };
    const made = { text: moduleText(file, rewrite), missing };
    this.#texts.set(file, made);
    return made;
  }

  #urlOf(id: string, path: string): string {
    // Packages may lie outside the repository, for a plugin from elsewhere.
    const [outside] = /^.*[\\/]node_modules(?=[\\/])/.exec(path) ?? [];
    if (outside !== undefined) this.#roots.add(outside);
    return `/${id}${FILES}${pathToFileURL(path).pathname}`;
  }
}

/** Stands for the path of a page in the text of a module that is kept for all of them. */
const ID_MARK = "benchconv-page";

async function sendNext(mailbox: Mailbox, response: ServerResponse): Promise<void> {
  const again = Promise.withResolvers<undefined>();
  const timer = setTimeout(() => again.resolve(undefined), HELD_MS);
  const letter = await Promise.race([mailbox.next(), again.promise]);
  clearTimeout(timer);
  if (letter === undefined) {
    mailbox.letGo();
    return end(response, 204);
  }
  const bytes = letter.reduce((sum, { byteLength }) => sum + byteLength, 0);
  response.writeHead(200, { ...ISOLATION, "Content-Type": "application/octet-stream", "Content-Length": bytes });
  for (const part of letter) response.write(part);
  response.end();
}

async function firstFrame(request: IncomingMessage): Promise<Frame<unknown>> {
  try {
    for await (const frame of readFrames(request)) {
      request.resume();
      return frame;
    }
  } catch {
    request.resume();
  }
  return { message: {}, tensors: {} };
}

function end(response: ServerResponse, status: number, type?: string, body?: string | Uint8Array): void {
  response.writeHead(status, { ...ISOLATION, ...(type === undefined ? {} : { "Content-Type": type }) });
  response.end(body);
}

/** An uncaught error ends the implementation, as it does in Node. */
function pageHtml(id: string, { plugin, threads }: Site): string {
  const worker = `/${id}${FILES}${CHILD.pathname}?${new URLSearchParams({ plugin, threads: String(threads) }).toString()}`;
  return `<!doctype html>
<title>benchconv</title>
<script type="module">
const worker = new Worker(${JSON.stringify(worker)}, { type: "module" });
worker.addEventListener("error", (event) => fetch("gone", { method: "POST", body: event.message ?? "it did not load" }));
</script>
`;
}
