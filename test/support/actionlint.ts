import { existsSync, mkdirSync } from "node:fs";
import { dirname, join } from "node:path";
import { cachePath } from "./cache";
import { mustRun } from "./commands";

const VERSION = "1.7.12";
const MODULE = "github.com/rhysd/actionlint/cmd/actionlint";

/** The linter for GitHub's workflows, as it was built before; null where it was not. */
export function findActionlint(): string | null {
  const program = join(directory(), "actionlint");
  return existsSync(program) ? program : null;
}

/** Builds it from its Go module, in some ten seconds. Needs Go. */
export async function buildActionlint(): Promise<void> {
  mkdirSync(dirname(directory()), { recursive: true });
  await mustRun(["go", "install", `${MODULE}@v${VERSION}`], {
    env: { GOBIN: directory() },
    timeoutMs: 5 * 60_000,
  });
}

function directory(): string {
  return cachePath(`actionlint-${VERSION}`);
}
