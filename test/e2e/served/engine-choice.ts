import { type Engine, findEngines } from "../../support/engine";
import { engineUnderTest, requireEngine } from "../../support/engine-under-test";
import { type Requirement, tofu } from "../../support/machine";
import type { Reach } from "./reach";

/** An engine that a suite is run with, and what is missing where it is not there. */
export interface EngineChoice {
  readonly requirement: Requirement;
  /** Where nothing is missing. */
  readonly get: () => Engine;
}

/** What the same scenarios are run with; the usual engine and this machine, where they do not say. */
export interface Circumstances {
  readonly engine?: EngineChoice;
  readonly reach?: Reach;
  /** False tries one scenario of each kind, and leaves out those that vary it. @default true */
  readonly variants?: boolean;
}

/** The one that all suites run with. */
export const engineOfSuites: EngineChoice = { requirement: engineUnderTest, get: requireEngine };

export const openTofu: EngineChoice = {
  requirement: tofu,
  get: () => findEngines().find(({ name }) => name === "tofu") as Engine,
};
