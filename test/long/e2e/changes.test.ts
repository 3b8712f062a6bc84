import { changeScenarios } from "../../e2e/lifecycle/change-scenarios";

/** What `npm test` does with a provider that runs already: here each run of the engine starts it. */
changeScenarios("vendored");
