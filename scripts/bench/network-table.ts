import { writeAtomically } from "../../core/atomic-file.ts";
import type { Network } from "../../core/network.ts";
import { userPath } from "../../core/paths.ts";
import { plainText } from "../../core/plain-text.ts";
import { UsageError } from "../../core/usage-error.ts";
import { networksCsv, networksMarkdown } from "../../reports/network-rows.ts";
import { renderLayerTable, renderNetworksTable, renderNetworkTable } from "../../reports/network-table.ts";
import { textOptions } from "../../reports/text-table.ts";
import { findNetwork, NETWORKS } from "../../suites/networks/index.ts";
import { isOnnxFile, onnxNetwork, refuseShape } from "../cli/onnx-file.ts";
import type { ParsedOptions } from "../cli/options.ts";

/** The word in `--suite` for every network, side by side. */
const ALL = "all";
const STDOUT = "-";

/**
 * The layers of a network for `--table`, or all networks side by side: to stdout, or as CSV and Markdown where these
 * were asked for. Of a model that is not wholly known, those of its nodes that are.
 * @throws UsageError for a suite that is no network, for a shape that no file leaves open, and for a file that cannot be written
 */
export function showNetworkTable(parsed: ParsedOptions): void {
  if (!isOnnxFile(parsed.text("suite") ?? "alexnet")) refuseShape(parsed, "--suite FILE.onnx");
  const [batch = 1] = parsed.integers("mb", { min: 1, max: 1e6 }) ?? [];
  const documents = [
    { path: parsed.text("csv"), render: networksCsv },
    { path: parsed.text("markdown"), render: networksMarkdown },
  ].flatMap(({ path, render }) => (path === undefined ? [] : [{ path, render }]));
  if (documents.length === 0) {
    process.stdout.write(tableText(parsed, batch));
    return;
  }
  if (documents.length > 1 && documents[0]?.path === documents[1]?.path)
    throw new UsageError(`--csv and --markdown name the same file: ${plainText(documents[0]?.path ?? "")}`);
  const networks = networksOf(parsed);
  for (const { path, render } of documents) {
    const text = render(networks, batch);
    if (path === STDOUT) process.stdout.write(text);
    else writeAtomically(userPath(path), text);
  }
}

function tableText(parsed: ParsedOptions, batch: number): string {
  const name = parsed.text("suite") ?? "alexnet";
  const { isTTY } = process.stdout;
  const terminal = textOptions(process.stdout);
  const options = isTTY ? terminal : { ...terminal, columns: Infinity };
  if (isOnnxFile(name)) {
    const { network, layers, gaps } = onnxNetwork(name, parsed);
    if (network !== undefined) return renderNetworkTable(network, options, batch);
    for (const gap of gaps) process.stderr.write(`${plainText(name)}: no whole network: ${plainText(gap)}\n`);
    return renderLayerTable(layers, options);
  }
  const networks = networksOf(parsed);
  const [network] = networks;
  return network === undefined || networks.length > 1
    ? renderNetworksTable(networks, options, batch)
    : renderNetworkTable(network, options, batch);
}

function networksOf(parsed: ParsedOptions): readonly Network[] {
  const name = parsed.text("suite") ?? "alexnet";
  if (name === ALL) return NETWORKS;
  const network = isOnnxFile(name) ? onnxNetwork(name, parsed).network : findNetwork(name);
  if (network !== undefined) return [network];
  if (isOnnxFile(name)) throw new UsageError(`${plainText(name)} is no whole network: --table alone shows its layers`);
  const known = [ALL, ...NETWORKS.map((one) => one.name)].join(", ");
  throw new UsageError(`--table draws a network; ${plainText(name)} is none of ${known}, and no ONNX file`);
}
