import { writeFileSync } from "node:fs";
import { bundledScript, SCRIPT_FILE } from "../reports/page/bundle.ts";

/**
 * `npm run build:page`: renews the script of the report's page from its source in reports/page/client; a test holds the
 * two together.
 */
const script = await bundledScript();
writeFileSync(SCRIPT_FILE, script);
process.stdout.write(`wrote ${script.length} characters\n`);
