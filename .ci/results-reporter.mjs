import { writeFileSync } from "node:fs";

/**
 * A vitest reporter that writes what `sum-up.mjs` reads, to the path in `TEST_RESULTS`: the counts, and where and
 * why something failed, hooks included (vitest's own JSON has no word of those).
 */
export default class ResultsReporter {
  onTestRunEnd(modules, unhandled) {
    const results = {
      passed: count(modules, "passed"),
      skipped: count(modules, "skipped"),
      failures: [
        ...modules.flatMap(failuresOf),
        ...unhandled.map((error) => failure("outside of every file", [error])),
      ],
    };
    writeFileSync(process.env.TEST_RESULTS, JSON.stringify(results));
  }
}

function count(modules, state) {
  return modules.reduce((total, module) => total + [...module.children.allTests(state)].length, 0);
}

function failuresOf(module) {
  const path = module.relativeModuleId;
  const suites = [...module.children.allSuites()].map((suite) => [
    `${path}: ${suite.fullName} (a hook)`,
    suite.errors(),
  ]);
  const tests = [...module.children.allTests("failed")].map((test) => [
    `${path}: ${test.fullName}`,
    test.result().errors,
  ]);
  return [[path, module.errors()], ...suites, ...tests].flatMap(([where, errors]) =>
    errors.length > 0 ? [failure(where, errors)] : [],
  );
}

function failure(where, errors) {
  return { where, message: errors.map(({ message, stack }) => stack ?? message).join("\n") };
}
