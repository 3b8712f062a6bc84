import { existsSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { type NotifyOptions, notify } from "../../../lib/cli/renew/notify";
import { HOSTILE_WORDS, isPlain } from "../../support/hostile-words";

describe("notify", () => {
  let directory: string;
  beforeEach(() => {
    directory = mkdtempSync(join(tmpdir(), "mail-sni-notify-"));
  });
  afterEach(() => rmSync(directory, { recursive: true }));

  const file = (name: string) => join(directory, name);
  const told = (command: string, more: Partial<NotifyOptions> = {}) =>
    notify({ command, report: "mail: …\n", exitCode: 4, environment: process.env, ...more });

  it("GIVEN a command THEN it gets the report on standard input, and the exit status, and null is returned", async () => {
    const command = `cat > ${file("report")}; echo "$MAIL_SNI_EXIT_STATUS" > ${file("status")}`;
    expect(await told(command)).toBeNull();
    expect(readFileSync(file("report"), "utf8")).toBe("mail: …\n");
    expect(readFileSync(file("status"), "utf8")).toBe("4\n");
  });

  it("GIVEN passphrases in the environment THEN the command does not get them, and gets the rest", async () => {
    const environment = {
      ...process.env,
      MAIL_SNI_KEY_PASSPHRASE: "marker",
      MAIL_SNI_OWN_KEY_PASSPHRASE: "marker",
      SMARTHOST: "relay",
    };
    expect(await told(`env > ${file("environment")}`, { environment })).toBeNull();
    const passed = readFileSync(file("environment"), "utf8");
    expect(passed).not.toContain("marker");
    expect(passed).toContain("SMARTHOST=relay");
  });

  it("GIVEN a command that reads nothing, and a report of megabytes THEN it succeeds", async () => {
    expect(await told("exit 0", { report: "x".repeat(8 << 20) })).toBeNull();
  });

  it("GIVEN a command that fails THEN its last line is in the problem, in plain text", async () => {
    const problem = await told("echo one >&2; printf '%s' \"$WORDS\" >&2; exit 3", {
      environment: { PATH: process.env.PATH, WORDS: HOSTILE_WORDS },
    });
    expect(problem).toMatch(/^ended with status 3: /);
    expect(problem).toContain("Apply complete!");
    expect(isPlain(String(problem))).toBe(true);
  });

  it("GIVEN a command that is not there THEN the shell's message is in the problem", async () => {
    expect(await told("/no/such/notifier")).toMatch(/^ended with status 127: .*\/no\/such\/notifier/);
  });

  it("GIVEN a command that hangs, with a child THEN both are ended, and the problem says so", async () => {
    const command = `(sleep 2; echo > ${file("late")}) & cat >/dev/null; sleep 60`;
    expect(await told(command, { deadlineMs: 200 })).toBe("did not end within 0.2 seconds");
    await new Promise((done) => setTimeout(done, 2300));
    expect(existsSync(file("late"))).toBe(false);
  });

  it("GIVEN a command that a signal ends THEN the problem names it", async () => {
    expect(await told("kill -TERM $$")).toBe("was ended by SIGTERM");
  });
});
