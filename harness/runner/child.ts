/**
 * The process that an implementation runs in: it reads the harness's requests from one descriptor and writes its
 * answers to another, so that a request that can no longer be sent loses no answer. Usage: node child.ts PLUGIN-URL
 * This file and the plugin share a realm; what the harness does here it does in another (request-loop.ts), with what is
 * captured below.
 */
import fs from "node:fs";
import { importInNewRealm } from "./realm-loader.ts";
import { thisRealm } from "./node-realm.ts";
import type { Wire } from "./request-loop.ts";
import { moduleUrl } from "../../core/module-url.ts";

const ANSWERS = 3;
const REQUESTS = 4;
const REQUEST_LOOP = moduleUrl("./request-loop.ts", import.meta.url).href;
const { read, writeSync } = fs;
const kill = process.kill.bind(process);
const { pid } = process;
// A promise that never settles must not end the process for want of work: the harness's watchdog ends it.
setInterval(() => {}, 2 ** 30);

const wire: Wire = {
  read: (bytes, onRead) =>
    read(REQUESTS, bytes, 0, bytes.length, null, (error, count) => onRead(error === null ? count : 0)),
  write: (bytes, offset) => writeSync(ANSWERS, bytes, offset),
  // Neither handlers nor patches of the plugin keep the process from ending.
  end: () => kill(pid, "SIGKILL"),
};
// oxlint-disable-next-line typescript/no-unsafe-type-assertion -- the module of that very file
const { serve } = (await importInNewRealm(REQUEST_LOOP)) as typeof import("./request-loop.ts");
await serve(wire, process.argv[2] ?? "", thisRealm());
