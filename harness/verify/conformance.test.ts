// As in a user's test file: every test that these register has to pass. What a user sees of one that fails is in
// scripts/package.test.ts, where the package is installed.
import { defineImpl } from "../../index.ts";
import naive from "../../impls/naive.ts";
import { conformance } from "./conformance.ts";

const { forward } = naive;
conformance(naive, { timeMs: 100, laws: ["agreement"] });
conformance(new URL("../../impls/naive.ts", import.meta.url), {
  timeMs: 100,
  laws: ["agreement"],
  passes: ["backwardData"],
});
conformance(defineImpl({ name: "forward-only", forward }), { cases: 4, laws: ["agreement"], passes: ["forward"] });
