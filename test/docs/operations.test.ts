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

const PAGE = "docs/operations.md";
const MESSAGES = resolve(__dirname, "../../lib/provider/messages");

type Messages = Readonly<Record<string, string | ((...values: string[]) => string)>>;

/** The messages that each section of the page lists. */
const SECTIONS: Readonly<Record<string, readonly Messages[]>> = {
  Pending: [PENDING],
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

describe(PAGE, () => {
  it.each(Object.entries(SECTIONS))("%s: THEN its messages are the provider's", (title, catalogues) => {
    const messages = catalogues.flatMap((each) => Object.values(each).map(onPage));
    expect(new Set(listed(title))).toEqual(new Set(messages));
  });

  it("THEN it has a section for each catalogue of messages", async () => {
    const modules = await Promise.all(readdirSync(MESSAGES).map((file) => import(resolve(MESSAGES, file))));
    const catalogues = modules.flatMap((each) => Object.values(each));
    const ofPage = Object.values(SECTIONS).flat();
    expect(catalogues.length).toBeGreaterThan(0);
    expect(catalogues.filter((each) => !ofPage.includes(each as Messages))).toEqual([]);
  });

  it("THEN it explains each line of the ledger", () => {
    const verbs = listed("The ledger").map((line) => line.split(" ")[0]);
    expect(verbs.sort()).toEqual([...LEDGER_VERBS].sort());
  });
});

/** The message with `…` for each value, and without backticks, which code in a page cannot contain. */
function onPage(message: Messages[string]): string {
  if (typeof message === "string") return message;
  return message(...Array<string>(message.length).fill("…"))
    .replaceAll(/…+/g, "…")
    .replaceAll("`", "");
}

/** What stands as code in the first column of the tables in a section of the page, its own sections included. */
function listed(title: string): string[] {
  const [, level = "", section = ""] =
    new RegExp(`^(#+) ${title}$(.*?)(?=^(?!\\1#)##* |(?![^]))`, "ms").exec(textOf(PAGE)) ?? [];
  if (level === "") throw new Error(`${PAGE} has no section "${title}"`);
  const cells = [...section.matchAll(/^\| ([^|]*) \|/gm)].map(([, cell]) => cell as string);
  return cells.flatMap((cell) => [...cell.matchAll(/`([^`]+)`/g)].map(([, message]) => message as string));
}
