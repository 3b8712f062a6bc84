import { type Engine, findEngines } from "./engine";
import { engine, type Requirement, terraform, tofu } from "./machine";

/** `terraform` or `tofu`: which one suites are to run that run one engine only. */
const WANTED = process.env.MAIL_SNI_TEST_ENGINE;

const found = findEngines().find(({ name }) => WANTED === undefined || name === WANTED);

/** For suites that run one engine: Terraform where it is there, else OpenTofu. */
export const engineUnderTest: Requirement =
  WANTED === "terraform" ? terraform : WANTED === "tofu" ? tofu : engine;

/** @throws Error where `engineUnderTest` is not there */
export function requireEngine(): Engine {
  if (!found) throw new Error(`${engineUnderTest.missing}`);
  return found;
}
