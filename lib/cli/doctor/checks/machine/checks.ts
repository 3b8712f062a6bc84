import type { Check } from "../../examination/check";
import { cliArguments } from "./cli-arguments";
import { engineVersion } from "./engine";
import { engineVariables } from "./engine-variables";
import type { Machine } from "./machine";
import { node } from "./node";
import { nodeOptions } from "./node-options";

/** The checks of the machine that deploys, in the order of reports. */
export const MACHINE_CHECKS: readonly Check<Machine>[] = [
  engineVersion,
  node,
  nodeOptions,
  cliArguments,
  engineVariables,
];
