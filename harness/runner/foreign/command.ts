/** A program that computes convolutions, asked by frames on its standard input and output, as a plugin. */
import type { Plan, PlanOptions } from "../../../core/plugin.ts";
import type { ConvProblem, Pass } from "../../../core/problem.ts";
import { elementCount } from "../../../core/shape.ts";
import { operandNames, outputNames, shapeOf } from "../../../core/tensors.ts";
import { nameOfFile, readDescription } from "./description.ts";
import type { ProgramPlan } from "./program-plan.ts";
import { Program } from "./program.ts";

/** The program of a command line as a plugin. @throws Error where it does not say what it is */
export async function commandPlugin(command: string): Promise<object> {
  let program = new Program(command);
  let plans = 0;
  const { metadata } = await program.request({ request: "describe" });
  const described = readDescription(metadata["describe"] ?? "{}", "the command");
  const { unavailable, shared } = metadata;
  return {
    name: nameOfFile(command.split(/\s+/).at(-1) ?? command),
    ...described,
    unavailable: () => unavailable,
    async plan(problem: ConvProblem, pass: Pass, { threads }: PlanOptions): Promise<Plan | { unsupported: string }> {
      // One that has died of an earlier problem gets another chance.
      if (program.hasFailed) program = new Program(command);
      const plan = String(plans++);
      const settings = { pass, problem: JSON.stringify(problem), threads: String(threads) };
      const answer = await program.request({ request: "plan", plan, ...settings });
      const { unsupported } = answer.metadata;
      return unsupported === undefined ? planOf(program, plan, problem, pass, shared !== undefined) : { unsupported };
    },
  };
}

function planOf(program: Program, plan: string, problem: ConvProblem, pass: Pass, isShared: boolean): ProgramPlan {
  let ownMs: number | undefined;
  let isLoaded = false;
  const outputs = outputNames(problem, pass).map((name) => ({ name, elements: elementCount(shapeOf(problem, name)) }));
  return {
    async load(operands, changed) {
      const tensors = operandNames(problem, pass).flatMap((name) => {
        const elements = operands[name];
        const isKept = isShared && isLoaded && changed?.includes(name) === false;
        return elements === undefined || isKept ? [] : [{ name, shape: shapeOf(problem, name), elements }];
      });
      isLoaded = true;
      const request = { request: "load", plan };
      await (isShared ? program.requestWithFile(request, tensors) : program.request(request, tensors));
    },
    async run() {
      const { metadata } = await program.request({ request: "run", plan });
      ownMs = metadata["ms"] === undefined ? undefined : Number(metadata["ms"]);
    },
    async read(wanted) {
      const request = { request: "read", plan };
      const elements = outputs.reduce((sum, output) => sum + output.elements, 0);
      const { tensors } = isShared ? await program.requestFile(request, elements) : await program.request(request);
      for (const output of outputs) {
        const given = tensors.get(output.name);
        if (given === undefined) throw new Error(`the command gave no ${output.name}`);
        if (given.length !== output.elements)
          throw new Error(
            `the command gave ${given.length} elements of ${output.name}, ${output.elements} were expected`,
          );
        wanted[output.name]?.set(given);
      }
    },
    deviceMs: () => ownMs,
    roundTripMs: () => program.roundTripMs(),
    async dispose() {
      if (!program.hasFailed) await program.request({ request: "dispose", plan });
    },
  };
}
