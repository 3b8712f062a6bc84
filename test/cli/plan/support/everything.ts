import { type PlanChanges, planChanges } from "../../../../lib/cli/plan/changes/plan-changes";
import {
  certificate,
  certificateAddress,
  change,
  domainFiles,
  file,
  goneCertificate,
  hostFiles,
  planned,
  reissued,
  rows,
  table,
  textFile,
} from "./plans";

/**
 * Changes of every kind, in which one text from outside stands wherever such a text can stand.
 *
 * @param text different texts make documents of the same form
 */
export function everything(text: string): PlanChanges {
  const values = hostFiles(
    text,
    { [text]: textFile() },
    { links: new Map([[`${text}1`, text]]), pending: text },
  );
  const other = hostFiles(
    text,
    { [`${text}2`]: file({ service: text, permissions: text, sha256: null }) },
    {
      directories: [text],
      placeholders: [text],
      names: [text],
    },
  );
  const stack = planned(
    [
      { ...reissued("a.tld", text, { before: [`${text}1`], after: [`${text}2`] }), address: text },
      change(certificateAddress("b.tld"), {
        action: "create",
        after: certificate("b.tld", { names: [text] }),
      }),
      domainFiles("c.tld", "mx1", {
        action: "update",
        before: values,
        after: other,
        changed: ["files", text],
      }),
      change("terraform_data.x", { action: "delete", address: `${text}3`, isOurs: false, reason: text }),
      change("mailsni_acme_account.x", { action: "update", address: `${text}4`, changed: [text] }),
      change("mailsni_host_job.x", {
        action: "update",
        address: `${text}8`,
        before: { kind: "host job", host: text, command: [text], pending: text },
        after: { kind: "host job", host: text, command: [text, text], pending: null },
        changed: ["pending"],
      }),
      change("mailsni_retired_renewers.x", {
        action: "update",
        address: `${text}9`,
        before: {
          kind: "retired renewers",
          host: text,
          plannedPlaces: [text],
          places: [text],
          pending: text,
        },
        after: {
          kind: "retired renewers",
          host: text,
          plannedPlaces: [`${text}a`],
          places: null,
          pending: null,
        },
        changed: ["planned_places"],
      }),
      change("mailsni_private_ca.x", { address: `${text}5`, movedFrom: text }),
    ],
    {
      stack: text,
      drift: [domainFiles("c.tld", "mx1", { action: "update", before: values, after: other })],
      outputs: [{ name: text, action: "update" }],
      diagnostics: [{ severity: "warning", summary: text, detail: `detail ${text}`, address: text }],
      findings: [text],
    },
  );
  const failed = { stack: `${text}6`, problem: text, diagnostics: [], findings: [] };
  return planChanges([stack, failed], {
    before: table({ [text]: { [text]: rows(text, text), [`${text}1`]: [] } }, text),
    after: table({ [text]: { [text]: [{ name: `${text}2`, file: text }], [`${text}3`]: [] } }, `${text}4`),
  });
}

/** A stack in which so many domains are renewed, and as many go. */
export function thousands(domains: number): PlanChanges {
  const names = Array.from({ length: domains }, (_, index) => `d${index}.tld`);
  const gone = names.map((name) => `gone-${name}`);
  const path = (domain: string) => `/etc/dovecot/mail-sni/${domain}.pem`;
  return planChanges(
    [
      planned([
        ...names.map((name) => reissued(name, "due")),
        ...names.map((name) =>
          domainFiles(name, "mx1", {
            action: "update",
            before: hostFiles("mx1", { [path(name)]: file() }),
            after: hostFiles("mx1", { [path(name)]: file({ sha256: null }) }),
            changed: ["files"],
          }),
        ),
        ...gone.map((name) => goneCertificate(name)),
        ...gone.map((name) =>
          domainFiles(name, "mx1", { action: "delete", before: hostFiles("mx1", { [path(name)]: file() }) }),
        ),
      ]),
    ],
    {
      before: table({ mx1: { dovecot: [...names, ...gone].flatMap((name) => rows(name, name)) } }),
      after: table({ mx1: { dovecot: names.flatMap((name) => rows(name, name)) } }),
    },
  );
}
