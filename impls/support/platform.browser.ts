/**
 * What kernels and adapters need from the system, in a worker served by harness/runner/browser/server.ts. A worker may
 * make synchronous requests.
 */

interface SynchronousRequest {
  readonly status: number;
  readonly response: unknown;
  responseType: "arraybuffer" | "text";
  open(method: string, url: string, asynchronous: false): void;
  send(): void;
}

declare const XMLHttpRequest: new () => SynchronousRequest;

/** The page's own path, before the path of this module on the disk. */
const PAGE = import.meta.url.slice(0, import.meta.url.indexOf("/file/"));

function fetched(url: string, responseType: "arraybuffer" | "text"): unknown {
  const request = new XMLHttpRequest();
  request.open("GET", url, false);
  request.responseType = responseType;
  request.send();
  if (request.status !== 200) throw new Error(`${url} cannot be fetched: status ${request.status}`);
  return request.response;
}

export function readBytes(url: URL): Uint8Array<ArrayBuffer> {
  const bytes = fetched(url.href, "arraybuffer");
  if (!(bytes instanceof ArrayBuffer)) throw new Error(`${url.href} has no bytes`);
  return new Uint8Array(bytes);
}

export function packageFolder(name: string): string {
  const path: unknown = JSON.parse(readText(`${PAGE}/package/${encodeURIComponent(name)}`));
  return `${new URL(String(path), PAGE).href}/`;
}

export function readText(path: string): string {
  return String(fetched(path, "text"));
}
