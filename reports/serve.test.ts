import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { request } from "node:http";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { writeAtomically } from "../core/atomic-file.ts";
import { UsageError } from "../core/usage-error.ts";
import { serveReport, type ReportServer } from "./serve.ts";

let folder = "";
let server: ReportServer;
let content: () => string | undefined;
beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), "benchconv-serve-"));
  content = () => undefined;
  server = await serveReport({ draw: () => content(), watched: [join(folder, "r.json")], port: 0 });
});
afterEach(async () => {
  await server.close();
  rmSync(folder, { recursive: true, force: true });
});

interface Answer {
  readonly status: number | undefined;
  readonly headers: Readonly<Record<string, string | string[] | undefined>>;
  readonly body: string;
}

/** Plain HTTP, which sends the path and the Host header as they are given. */
function ask(path: string, options: { readonly method?: string; readonly host?: string } = {}): Promise<Answer> {
  const { method = "GET", host } = options;
  const { hostname, port } = new URL(server.url);
  return new Promise((resolve, reject) => {
    const headers = host === undefined ? {} : { Host: host };
    const call = request({ hostname, port, path, method, headers }, (response) => {
      let body = "";
      response.setEncoding("utf8").on("data", (chunk: string) => (body += chunk));
      response.on("end", () => resolve({ status: response.statusCode, headers: response.headers, body }));
    });
    call.once("error", reject).end();
  });
}

/** An event stream: `next` gives the data and the id of its next event. */
async function listen(lastEventId?: string) {
  const headers = lastEventId === undefined ? {} : { "Last-Event-ID": lastEventId };
  const response = await fetch(new URL("events", server.url), { headers });
  const reader = (response.body ?? new ReadableStream<Uint8Array>()).pipeThrough(new TextDecoderStream()).getReader();
  let text = "";
  return {
    type: response.headers.get("content-type"),
    cancel: () => reader.cancel(),
    next: async (): Promise<{ readonly id: string; readonly data: string }> => {
      for (;;) {
        const event = /id: (\d+)\ndata: (\w+)\n\n/.exec(text);
        if (event !== null) {
          text = text.slice(event.index + event[0].length);
          return { id: event[1] ?? "", data: event[2] ?? "" };
        }
        const { value, done } = await reader.read();
        if (done) throw new Error("the stream ended");
        text += value;
      }
    },
  };
}

test("the page is drawn anew at each request and never kept", async () => {
  let drawn = 0;
  content = () => `<!doctype html>page ${++drawn}`;
  expect(await ask("/")).toMatchObject({ status: 200, body: "<!doctype html>page 1" });
  const { body, headers } = await ask("/?x=1");
  expect(body).toBe("<!doctype html>page 2");
  expect(headers).toMatchObject({ "content-type": "text/html; charset=utf-8", "cache-control": "no-store" });
});

test("before the first cell there is a page that waits, and says why", async () => {
  expect((await ask("/")).body).toContain("Waiting for the first cell.");
  content = () => {
    throw new UsageError("r.json is not <whole>");
  };
  const { status, body } = await ask("/");
  expect(status).toBe(200);
  expect(body).toContain("r.json is not &#60;whole&#62;");
  expect(body).toContain('new EventSource("events")');
});

test("the page is told when the record appears and whenever it is replaced", async () => {
  const events = await listen();
  expect(events.type).toBe("text/event-stream");
  writeAtomically(join(folder, "r.json"), "1");
  expect(await events.next()).toMatchObject({ data: "changed" });
  // A rename over the file: another inode under the same name.
  writeAtomically(join(folder, "r.json"), "22");
  expect(await events.next()).toMatchObject({ data: "changed" });
  await events.cancel();
});

test("a change between the drawing of the page and its listening is not missed, and told once", async () => {
  await ask("/");
  const first = await listen();
  writeFileSync(join(folder, "r.json"), "1");
  const { id } = await first.next();
  await first.cancel();
  const late = await listen();
  expect(await late.next()).toEqual({ id, data: "changed" });
  await late.cancel();
  // A browser that connects again says what it knows: the next event that it gets is a new one.
  const again = await listen(id);
  writeFileSync(join(folder, "r.json"), "22");
  expect(Number((await again.next()).id)).toBeGreaterThan(Number(id));
  await again.cancel();
});

test("only GET, only for localhost, and no file", async () => {
  writeFileSync(join(folder, "r.json"), "secret");
  content = () => "page";
  for (const method of ["POST", "PUT", "DELETE", "HEAD", "OPTIONS"]) {
    expect(await ask("/", { method })).toMatchObject({ status: 405, headers: { allow: "GET" } });
  }
  for (const host of [
    "evil.example",
    "evil.example:80",
    "localhost.evil.example",
    "127.0.0.1.evil.example",
    "x@localhost",
  ]) {
    expect(await ask("/", { host })).toMatchObject({ status: 403, body: "only for localhost\n" });
    expect(await ask("/events", { host })).toMatchObject({ status: 403 });
  }
  for (const host of ["localhost", "LOCALHOST:8080", "127.0.0.1:1"]) {
    expect(await ask("/", { host })).toMatchObject({ status: 200 });
  }
  for (const path of ["/r.json", "/../r.json", "/%2e%2e/r.json", join(folder, "r.json"), "//", "/events/", "*"]) {
    const { status, body } = await ask(path);
    expect([path, status]).toEqual([path, 404]);
    expect(body).not.toContain("secret");
  }
});

test("a port that is taken is one line", async () => {
  const port = Number(new URL(server.url).port);
  await expect(serveReport({ draw: () => "", watched: [], port })).rejects.toThrow(
    `cannot serve on 127.0.0.1:${port}: the port is in use; --port 0 picks a free one`,
  );
});
