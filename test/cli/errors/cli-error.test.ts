import { expect, it } from "vitest";
import { CliError } from "../../../lib/cli/errors/cli-error";
import { isPlain } from "../../support/hostile-words";

it.each(["x", "\u001b", "\u2028", "\u202e"])(
  "GIVEN megabytes of %j in a message THEN it is short and plain, and ends with the code",
  (character) => {
    const words = character.repeat(2_000_000);
    const { message } = new CliError("CLI_OPTION", `--ports is ${words}.`, `Write ${words}.`);
    expect(message).toMatch(/^--ports is .*… Write .*… \[CLI_OPTION\]$/);
    expect(message.length).toBeLessThan(5000);
    expect(isPlain(message)).toBe(true);
  },
);
