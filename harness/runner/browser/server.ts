import { randomUUID } from "node:crypto";
import { once } from "node:events";
import { existsSync, readFileSync, realpathSync, statSync } from "node:fs";
import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import { dirname, extname, isAbsolute, join, relative } from "node:path";
import { text } from "node:stream/consumers";
import { fileURLToPath, pathToFileURL } from "node:url";
import { plainText } from "../../../core/plain-text.ts";
import { readFrames, type Frame } from "../frames.ts";
import { bundled } from "./bundle.ts";
import { Mailbox } from "./mailbox.ts";
import { browserFile, isInPackage, packageFolder } from "./packages.ts";
import { moduleUrl } from "../../../core/module-url.ts";

const ROOT = fileURLToPath(new URL("../../../", import.meta.url));
const CHILD = moduleUrl("./child.ts", import.meta.url);
const FILES = "/file";
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
 * Serves this repository and the plugin files of a run to a browser on this machine. Each page has a secret path of its
 * own, under which are its worker's messages (`next`, `answer`), and every file at its path on the disk (`file/…`), so
 * that modules find each other and their data as they do in Node. A module comes with all that it imports, bundled.
 */
export class SuiteServer {
  readonly #server: Server;
  readonly #sites = new Map<string, Site>();
  readonly #roots = new Set<string>([ROOT]);
  /** What a browser is sent for a module, by file. */
  readonly #modules = new Map<string, Promise<string>>();

  private constructor(server: Server) {
    this.#server = server;
    server.on("request", (request: IncomingMessage, response: ServerResponse) => {
      this.#answer(request, response).catch(() => response.destroy());
    });
  }

  /** Begins to listen on a free port of the loopback interface. */
  static async start(): Promise<SuiteServer> {
    // Operands may be gigabytes, and an implementation may be slow.
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
    if (path.startsWith(`${FILES}/`)) return this.#sendFile(path.slice(FILES.length), site, response);
    return end(response, 404);
  }

  /** Where a package is, for libraries that fetch files of their own. */
  #sendPackage(name: string, id: string, response: ServerResponse): void {
    const folder = packageFolder(decodeURIComponent(name), join(ROOT, "index.ts"));
    if (folder === undefined) return end(response, 404);
    this.#allow(join(folder, "package.json"));
    end(response, 200, "application/json", JSON.stringify(`/${id}${FILES}${pathToFileURL(folder).pathname}`));
  }

  async #sendFile(path: string, site: Site, response: ServerResponse): Promise<void> {
    const file = fileURLToPath(`file://${path}`);
    const type = MIME[extname(file)] ?? "application/octet-stream";
    if (!isWithin(this.#roots, file) || !statSync(browserFile(file), { throwIfNoEntry: false })?.isFile())
      return end(response, 404);
    // A link leads out of the folders to what nobody gave to the browser; packages may be a link themselves.
    const folders = [...this.#roots, join(ROOT, "node_modules")].filter((root) => existsSync(root));
    if (
      !isWithin(
        folders.map((root) => realpathSync(root)),
        realpathSync(browserFile(file)),
      )
    )
      return end(response, 404);
    // A file that a library fetches of its own package, such as a worker's, is made for browsers as it is.
    const isReady = type !== "text/javascript" || (isInPackage(file) && path !== site.plugin);
    end(response, 200, type, isReady ? readFileSync(file) : await this.#moduleOf(file));
  }

  #moduleOf(file: string): Promise<string> {
    const known = this.#modules.get(file);
    if (known !== undefined) return known;
    const made = bundled(file).then(
      ({ code, files }) => {
        for (const each of files) this.#allow(each);
        return code;
      },
      (error: unknown) => `throw new Error(${JSON.stringify(error instanceof Error ? error.message : String(error))});`,
    );
    this.#modules.set(file, made);
    return made;
  }

  /** Lets pages fetch what lies beside a module, or in the packages where it is. */
  #allow(module: string): void {
    const [packages = dirname(module)] = /^.*[\\/]node_modules(?=[\\/])/.exec(module) ?? [];
    this.#roots.add(packages);
  }
}

function isWithin(roots: Iterable<string>, file: string): boolean {
  return [...roots].some((root) => {
    const inside = relative(root, file);
    return !inside.startsWith("..") && !isAbsolute(inside);
  });
}

async function sendNext(mailbox: Mailbox, response: ServerResponse): Promise<void> {
  const again = Promise.withResolvers<undefined>();
  const timer = setTimeout(() => again.resolve(undefined), HELD_MS);
  const message = await Promise.race([mailbox.next(), again.promise]);
  clearTimeout(timer);
  if (message === undefined) {
    mailbox.letGo();
    return end(response, 204);
  }
  const bytes = message.reduce((sum, { byteLength }) => sum + byteLength, 0);
  response.writeHead(200, { ...ISOLATION, "Content-Type": "application/octet-stream", "Content-Length": bytes });
  for (const part of message) response.write(part);
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
