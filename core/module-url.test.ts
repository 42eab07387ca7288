import { expect, test } from "vitest";
import { isBuilt, moduleUrl } from "./module-url.ts";

test("a module beside a source is a source, beside a built module a built one", () => {
  expect(moduleUrl("./child.ts", "file:///a/runner/process.ts").href).toBe("file:///a/runner/child.ts");
  expect(moduleUrl("./child.ts", "file:///a/runner/process.js").href).toBe("file:///a/runner/child.js");
  expect(moduleUrl("../impls/auto.ts.ts", "http://host/x/y.js").href).toBe("http://host/impls/auto.ts.js");
  expect(isBuilt("file:///a/b.js")).toBe(true);
  expect(isBuilt("file:///a/b.ts")).toBe(false);
});
