/**
 * The process that a contender runs in: it answers the harness's requests over descriptor 3. Usage: node child.ts PLUGIN-URL
 */
import { Socket } from "node:net";
import { readFrames, writeFrame } from "./frames.ts";
import type { Request } from "./messages.ts";
import { PluginHost } from "./plugin-host.ts";

// Captured before the plugin is imported, so that it cannot change what the times mean.
const host = new PluginHost(process.argv[2] ?? "", performance.now.bind(performance));
const channel = new Socket({ fd: 3 });
channel.on("error", () => process.exit(0)); // the harness is gone
for await (const { message, tensors } of readFrames(channel)) {
  const { reply, outputs } = await host.answer(message as Request, tensors); // oxlint-disable-line typescript/no-unsafe-type-assertion -- both ends are this version's own code
  await writeFrame(channel, reply, outputs);
}
process.exit(0);
