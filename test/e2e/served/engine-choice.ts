import { type Engine, findEngines } from "../../support/engine";
import { engineUnderTest, requireEngine } from "../../support/engine-under-test";
import { type Requirement, tofu } from "../../support/machine";

/** An engine that a suite is run with, and what is missing where it is not there. */
export interface EngineChoice {
  readonly requirement: Requirement;
  /** Where nothing is missing. */
  readonly get: () => Engine;
}

/** The one that all suites run with. */
export const engineOfSuites: EngineChoice = { requirement: engineUnderTest, get: requireEngine };

export const openTofu: EngineChoice = {
  requirement: tofu,
  get: () => findEngines().find(({ name }) => name === "tofu") as Engine,
};
