import { plainText } from "../../core/plain-text.ts";
import { UsageError } from "../../core/usage-error.ts";
import { renderLayerTable, renderNetworkTable } from "../../reports/network-table.ts";
import { textOptions } from "../../reports/text-table.ts";
import { findNetwork, NETWORKS } from "../../suites/networks/index.ts";
import { isOnnxFile, onnxNetwork } from "../cli/onnx-file.ts";
import type { ParsedOptions } from "../cli/options.ts";

/**
 * The layers of a network for `--table`: of a model that is not wholly known, those of its nodes that are.
 * @throws UsageError for a suite that is no network.
 */
export function networkTable(parsed: ParsedOptions): string {
  const name = parsed.text("suite") ?? "alexnet";
  const [batch = 1] = parsed.integers("mb", { min: 1, max: 1e6 }) ?? [];
  const { isTTY } = process.stdout;
  const terminal = textOptions(process.stdout);
  const options = isTTY ? terminal : { ...terminal, columns: Infinity };
  if (isOnnxFile(name)) {
    const { network, layers, gaps } = onnxNetwork(name, parsed);
    if (network !== undefined) return renderNetworkTable(network, options, batch);
    for (const gap of gaps) process.stderr.write(`${plainText(name)}: no whole network: ${plainText(gap)}\n`);
    return renderLayerTable(layers, options);
  }
  const network = findNetwork(name);
  if (network !== undefined) return renderNetworkTable(network, options, batch);
  const known = NETWORKS.map((one) => one.name).join(", ");
  throw new UsageError(`--table draws a network; ${plainText(name)} is none of ${known}, and no ONNX file`);
}
