import { resolve } from "node:path";
import { describe, expect, it } from "vitest";
import { renewalProgram } from "../../build/host-programs";
import { textOf } from "./support/code-blocks";

const PAGE = "docs/dehydrated.md";
const PROGRAM = renewalProgram(resolve(__dirname, "../..")).replaceAll('\\"', '"');

describe(`the messages in ${PAGE}`, () => {
  const page = textOf(PAGE);
  const section = page.slice(
    page.indexOf("### Messages of the renewal program"),
    page.indexOf("## Change the issuer"),
  );
  const messages = [...section.matchAll(/^\| (?!message|---)(.*?) \|/gm)].map(
    ([, message]) => message as string,
  );

  it("THEN the program has the words of each", () => {
    expect(messages.length).toBeGreaterThan(20);
    const words = messages.flatMap((message) =>
      message.split(/…|\d/).map((part) => [message, part.replace(/^[:", ]+|[:", ]+$/g, "")] as const),
    );
    expect(words.filter(([, part]) => part !== "" && !PROGRAM.includes(part))).toEqual([]);
  });
});
