import type { Reporter, TestModule } from "vitest/node";
import { NOT_RUN } from "../support/not-run";

/** Says behind the results, in plain words, which suites this machine could not run and why. */
export default class NotRunReporter implements Reporter {
  onTestRunEnd(modules: readonly TestModule[]): void {
    const titles = modules.flatMap((module) =>
      [...module.children.allSuites()].flatMap(({ name }) =>
        name.includes(`[${NOT_RUN}`) ? [`  ${module.relativeModuleId}: ${name}`] : [],
      ),
    );
    if (titles.length > 0) process.stdout.write(`\nSuites that did not run:\n${titles.join("\n")}\n`);
  }
}
