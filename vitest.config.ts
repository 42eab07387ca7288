import { defineConfig } from "vitest/config";
import { CountsReporter } from "./.ci/counts-reporter.ts";

export default defineConfig({
  test: {
    environment: "node",
    include: ["**/*.test.ts"],
    exclude: ["**/node_modules/**", "benchconv-out/**", "dist/**"],
    // Tests of the harness start processes of their own, so a busy machine needs room.
    testTimeout: 120_000,
    hookTimeout: 240_000,
    // A process per file: native libraries and captured clocks do not survive sharing one.
    pool: "forks",
    maxWorkers: 3,
    reporters: ["default", new CountsReporter()],
  },
});
