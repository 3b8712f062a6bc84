import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, it } from "vitest";
import { readJournalDirectory } from "../../../lib/shared/journal/read-directory";

it("GIVEN more entries than can be read THEN that is said, for one of them may be what a run needs", () => {
  const directory = mkdtempSync(join(tmpdir(), "mail-sni-journal-"));
  try {
    for (let index = 0; index < 20_003; index++) {
      writeFileSync(join(directory, `${index.toString(16).padStart(16, "0")}.1-1`), "");
    }
    const { ignored } = readJournalDirectory(directory);
    expect(ignored).toContain(`${directory}: 3 entries more than can be read`);
  } finally {
    rmSync(directory, { recursive: true });
  }
});
