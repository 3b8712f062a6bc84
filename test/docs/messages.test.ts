import { readdirSync } from "node:fs";
import { resolve } from "node:path";
import { describe, expect, it } from "vitest";
import { LEDGER_VERBS } from "../../lib/provider/host/record/ledger-line";
import { ACME } from "../../lib/provider/messages/acme";
import { CERTIFICATE } from "../../lib/provider/messages/certificates";
import { CONFIGURATION, ENVIRONMENT } from "../../lib/provider/messages/configuration";
import { FILE } from "../../lib/provider/messages/files";
import { HOST } from "../../lib/provider/messages/hosts";
import { JOB } from "../../lib/provider/messages/jobs";
import { JOURNAL } from "../../lib/provider/messages/journal";
import { PENDING } from "../../lib/provider/messages/pending";
import { RENEWER } from "../../lib/provider/messages/renewers";
import { SERVICE } from "../../lib/provider/messages/services";
import { PROTOCOL, VALUE } from "../../lib/provider/protocol/messages";
import { CONNECTION, OTHER, SHELL } from "../../lib/shared/transport/ssh/problems";
import { textOf } from "./support/code-blocks";
import { type Messages, messagesOnPage } from "./support/messages";

const MESSAGES = resolve(__dirname, "../../lib/provider/messages");

/** The messages that each section of docs/messages.md lists. */
const SECTIONS: Readonly<Record<string, readonly Messages[]>> = {
  "About hosts": [HOST],
  "About SSH connections": [CONNECTION, SHELL, OTHER],
  "About jobs on a host": [JOB],
  "About renewers on a host": [RENEWER],
  "About files on a host": [FILE],
  "About mail servers": [SERVICE],
  "About certificates": [CERTIFICATE],
  "About certificates of an ACME CA": [ACME],
  "About the issuance journal": [JOURNAL],
  "About a configuration that is written by hand": [CONFIGURATION, VALUE],
  "About the engine and the provider": [PROTOCOL, ENVIRONMENT],
};

describe("docs/messages.md", () => {
  it.each(Object.entries(SECTIONS))("%s: THEN its messages are the provider's", (title, catalogues) => {
    expect(new Set(listed("docs/messages.md", title))).toEqual(messagesOnPage(catalogues));
  });

  it("THEN it has a section for each catalogue of messages", async () => {
    const modules = await Promise.all(readdirSync(MESSAGES).map((file) => import(resolve(MESSAGES, file))));
    const catalogues = modules.flatMap((each) => Object.values(each));
    const ofPage = [...Object.values(SECTIONS).flat(), PENDING];
    expect(catalogues.length).toBeGreaterThan(0);
    expect(catalogues.filter((each) => !ofPage.includes(each as Messages))).toEqual([]);
  });
});

describe("docs/operations.md", () => {
  it("Pending: THEN its messages are the provider's", () => {
    expect(new Set(listed("docs/operations.md", "Pending"))).toEqual(messagesOnPage([PENDING]));
  });

  it("THEN it explains each line of the ledger", () => {
    const verbs = listed("docs/operations.md", "The ledger").map((line) => line.split(" ")[0]);
    expect(verbs.sort()).toEqual([...LEDGER_VERBS].sort());
  });
});

/** What stands as code in the first column of the tables in a section of the page, its own sections included. */
function listed(page: string, title: string): string[] {
  const [, level = "", section = ""] =
    new RegExp(`^(#+) ${title}$(.*?)(?=^(?!\\1#)##* |(?![^]))`, "ms").exec(textOf(page)) ?? [];
  if (level === "") throw new Error(`${page} has no section "${title}"`);
  const cells = [...section.matchAll(/^\| ([^|]*) \|/gm)].map(([, cell]) => cell as string);
  return cells.flatMap((cell) => [...cell.matchAll(/`([^`]+)`/g)].map(([, message]) => message as string));
}
