import { expect, test } from "vitest";
import { neededAlone, withoutSecrets } from "./environment.ts";

const SECRETS = {
  GITHUB_TOKEN: "a",
  GITHUB_ENV: "/runner/env",
  AWS_ACCESS_KEY_ID: "b",
  npm_config_userconfig: "/home/me/.npmrc",
  "npm_config_//registry.example.org/:_authToken": "c",
  SSH_AUTH_SOCK: "/run/agent",
  OPENAI_API_KEY: "d",
  DB_PASSWORD: "e",
  HTTPS_PROXY: "http://me:word@proxy.example.org:3128",
  DBUS_SESSION_BUS_ADDRESS: "unix:path=/run/bus",
};
const NEEDED = { PATH: "/usr/bin", OMP_NUM_THREADS: "2", CUDA_VISIBLE_DEVICES: "0", BENCHCONV_THREADS: "1" };
const OTHER = { HOME: "/home/me", INIT_CWD: "/home/me/project", MY_TILE: "4", HTTP_PROXY: "http://proxy:3128" };

test("an implementation's environment has no secrets, and all else", () => {
  expect(withoutSecrets({ ...SECRETS, ...NEEDED, ...OTHER })).toEqual({ ...NEEDED, ...OTHER });
});

test("that of a sandbox has what kernels read alone", () => {
  expect(neededAlone({ ...SECRETS, ...NEEDED, ...OTHER })).toEqual(NEEDED);
});
