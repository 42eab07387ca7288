import { expect, test } from "vitest";
import { onEnd } from "./on-end.ts";

test("a listener hears the end, one that was taken away does not, and is not kept", async () => {
  const { promise, resolve } = Promise.withResolvers<string>();
  const heard: string[] = [];
  onEnd(promise, () => heard.push("first"));
  const forget = onEnd(promise, () => heard.push("second"));
  onEnd(promise, () => heard.push("third"));
  forget();
  resolve("it died");
  await promise;
  expect(heard).toEqual(["first", "third"]);
});

test("a promise that has resolved is heard too", async () => {
  const ended = Promise.resolve("gone");
  await ended;
  const heard = await new Promise<string>((resolve) => onEnd(ended, () => resolve("heard")));
  expect(heard).toBe("heard");
});
