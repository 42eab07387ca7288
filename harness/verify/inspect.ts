import { OpenPlan } from "../contender/open-plan.ts";
import { implsOfModule } from "../contender/plugin-check.ts";
import { generateOperands } from "../data/operands.ts";
import type { Contender } from "../discovery.ts";
import { judge, type Verdict } from "../judge/index.ts";
import type { ConvCase } from "../../suites/laws/law.ts";

/**
 * One case in this very process, without a watchdog, so that a debugger stops in the plugin's code. Undefined when the contender does
 * not do the problem. What the plugin throws is thrown.
 */
export async function inspectCase(contender: Contender, convCase: ConvCase, threads: number): Promise<Verdict | undefined> {
  const module: unknown = await import(contender.url);
  const impl = implsOfModule(Object(module)).find(({ name }) => name === contender.name);
  if (impl === undefined) throw new Error(`${contender.url} no longer exports ${contender.name}`);
  const { problem, pass, data, seed } = convCase;
  const operands = generateOperands(problem, pass, data, seed);
  const plan = await OpenPlan.open(impl, problem, pass, threads);
  if ("unsupported" in plan) return undefined;
  plan.store(0, operands, undefined);
  await plan.load(0, "nan", () => performance.now());
  await plan.run();
  const { outputs } = await plan.read("nan");
  await plan.close();
  const { precision, arithmetic } = contender.description;
  return judge(problem, pass, operands, outputs, { algorithm: plan.algorithm, precision, arithmetic }, seed);
}
