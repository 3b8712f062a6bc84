import { readFileSync } from "node:fs";

// Prints how many tests passed, failed and were skipped according to vitest's JSON reports. A file of tests that did
// not even load counts as a failed test, and so does a report that was never written.

const reports = process.argv.slice(2).map((path) => {
  try {
    return JSON.parse(readFileSync(path, "utf8"));
  } catch {
    return { numPassedTests: 0, numFailedTests: 1, testResults: [] };
  }
});

const sum = (count) => reports.map(count).reduce((total, number) => total + number, 0);
const passed = sum((report) => report.numPassedTests);
const failed = sum((report) => report.numFailedTests + report.testResults.filter(failedToLoad).length);
const skipped = sum((report) => (report.numPendingTests ?? 0) + (report.numTodoTests ?? 0));

function failedToLoad({ status, assertionResults }) {
  return status === "failed" && assertionResults.every((test) => test.status !== "failed");
}

console.log(`${passed} passed, ${failed} failed, ${skipped} skipped`);
process.exitCode = failed > 0 || passed === 0 ? 1 : 0;
