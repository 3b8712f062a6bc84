import { readFileSync } from "node:fs";

// Prints what failed, and how many tests passed, failed and were skipped, according to the results that
// `results-reporter.mjs` wrote. What failed outside of a test (a file that did not load, a hook) counts as a failed
// test, and so do results that were never written. This comes last, because of a long log often only the end is kept.

/** As many lines of a failure's message as tell what it is; the whole of it stands in vitest's own output. */
const MESSAGE_LINES = 12;

const runs = process.argv.slice(2).map((path) => {
  try {
    return JSON.parse(readFileSync(path, "utf8"));
  } catch (error) {
    return { passed: 0, skipped: 0, failures: [{ where: "no results", message: error.message }] };
  }
});

const failures = runs.flatMap((run) => run.failures);
for (const { where, message } of failures) {
  const lines = message
    .split("\n")
    .filter((line) => !line.includes("/node_modules/"))
    .slice(0, MESSAGE_LINES);
  console.log([`FAILED ${where}`, ...lines.map((line) => `    ${line}`)].join("\n"));
}

const sum = (what) => runs.reduce((total, run) => total + run[what], 0);
console.log(`${sum("passed")} passed, ${failures.length} failed, ${sum("skipped")} skipped`);
process.exitCode = failures.length > 0 || sum("passed") === 0 ? 1 : 0;
