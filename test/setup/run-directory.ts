import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { JOURNAL_VARIABLE } from "../../lib/shared/journal/place";
import { RUN_DIRECTORY } from "../support/run-directory";

/** A directory for what all test files of one run share, such as the bundled provider; gone afterwards. */
export default function makeRunDirectory(): () => void {
  const directory = mkdtempSync(join(tmpdir(), "mail-sni-run-"));
  process.env[RUN_DIRECTORY] = directory;
  // Not the journal of the user who runs the tests.
  process.env[JOURNAL_VARIABLE] = join(directory, "journal");
  return () => rmSync(directory, { recursive: true, force: true });
}
