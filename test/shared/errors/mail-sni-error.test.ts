import { inspect } from "node:util";
import { describe, expect, it } from "vitest";
import { HostNames } from "../../../lib/constructs/domain/host-names";
import { MailSniError, serviceErrors } from "../../../lib/shared/errors";

describe("An error that a user's program does not catch", () => {
  it("THEN shows what was refused once, and where that program asked for it", () => {
    let error: unknown;
    try {
      HostNames.of("mail,example.org");
    } catch (thrown) {
      error = thrown;
    }
    const shown = inspect(error);
    expect(error).toBeInstanceOf(MailSniError);
    expect(shown.split("\n")[0]).toBe(`MailSniError: ${(error as MailSniError).message}`);
    expect(shown.split("\n")[1]).toContain(__filename);
    expect(shown.match(/mail,example\.org/g)).toHaveLength(1);
  });
});

describe("An error that quotes what has any length", () => {
  it("THEN keeps the beginning of the problem, the remedy and the code", () => {
    const { message } = serviceErrors.doveconfUnreadable("mx1.txt", "a".repeat(100_000));
    expect(message.length).toBeLessThan(10_000);
    expect(message).toMatch(
      /^mx1\.txt cannot be read: a+… Run doveconf -n > FILE .* \[DOVECONF_UNREADABLE\]$/,
    );
  });
});
