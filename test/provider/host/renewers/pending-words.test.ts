import { expect, it } from "vitest";
import { pendingWords } from "../../../../lib/provider/host/renewers/pending-words";
import { renewerFacts } from "../../../../lib/provider/host/renewers/retirement";

const WANTED = { programs: ["lego"], hooks: [] };
const wordsFor = (...lines: string[]) =>
  pendingWords(
    WANTED,
    "mail",
    renewerFacts(lines, (path) => path),
  );

it("GIVEN clients that run THEN the words say which, and where", () => {
  expect(wordsFor("R\t1\tlego\t/etc/crontab", "R\t1\tcertbot\t/etc/cron.d/b")).toBe(
    "lego is not switched off: /etc/crontab:1 runs it",
  );
  expect(wordsFor()).toBeNull();
});

it("GIVEN paths as long as paths can be THEN the words are short, since a state keeps them", () => {
  const lines = Array.from(
    { length: 50 },
    (_, index) => `R\t1\tlego\t/etc/cron.d/${index}${"a".repeat(4000)}`,
  );
  expect(wordsFor(...lines)).toMatch(/^lego is not switched off: .{1,2000}…$/);
});
