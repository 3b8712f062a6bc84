import { type PlanChanges, planChanges } from "../../../../lib/cli/plan/changes/plan-changes";
import type { PlannedChange } from "../../../../lib/cli/planned/planned-change";
import type { SniTableName } from "../../../../lib/shared/sni-table/document";
import {
  domainFiles,
  file,
  goneCertificate,
  HASH,
  hostFiles,
  newCertificate,
  pemPath,
  planned,
  qmailPath,
  reissued,
  renewedFiles,
  rows,
  snippetPath,
  table,
  textFile,
} from "./plans";

const HOSTS = ["mx1", "mx2"];
const REACHED = "mail clients that look for it get the default certificate, and warn their users";

/** The change of a pull request: a domain goes, one comes, one gets a name; two renewals are due, and a file was edited on a host. */
export function samplePlan(): PlanChanges {
  const stack = planned(
    [
      ...["domain1.tld", "domain2.tld"].flatMap((domain) => [
        reissued(domain, "due"),
        ...HOSTS.map((host) => renewedFiles(domain, host)),
      ]),
      reissued("domain3.tld", "names", {
        before: namesOf("domain3.tld"),
        after: [...namesOf("domain3.tld"), "pop.domain3.tld"],
      }),
      ...HOSTS.map((host) => renamedFiles("domain3.tld", host)),
      goneCertificate("domain4.tld"),
      ...HOSTS.map((host) => goneFiles("domain4.tld", host)),
      newCertificate("domain5.tld"),
      ...HOSTS.map((host) => newFiles("domain5.tld", host)),
      restoredFiles("domain6.tld", "mx2"),
    ],
    {
      drift: [editedFiles("domain6.tld", "mx2")],
      findings: [`smtp.domain5.tld is not declared: ${REACHED}. [SNI006]`],
    },
  );
  const before = ["domain1.tld", "domain2.tld", "domain3.tld", "domain4.tld", "domain6.tld"];
  const after = ["domain1.tld", "domain2.tld", "domain3.tld", "domain5.tld", "domain6.tld"];
  return planChanges([stack], {
    before: tableOf(before.flatMap((domain) => rows(domain, ...namesOf(domain)))),
    after: tableOf([
      ...after.flatMap((domain) => rows(domain, ...namesOf(domain))),
      ...rows("domain3.tld", "pop.domain3.tld"),
    ]),
  });
}

function namesOf(domain: string): string[] {
  return [domain, `imap.${domain}`];
}

function tableOf(names: readonly SniTableName[]) {
  const services = { dovecot: names, qmail: names };
  return table(Object.fromEntries(HOSTS.map((host) => [host, services])), "domain1.tld");
}

function filesOf(domain: string, host: string, text = HASH.old) {
  return hostFiles(
    host,
    {
      [pemPath(domain)]: file(),
      [snippetPath(domain)]: textFile({ sha256: text }),
      [qmailPath(domain)]: file({ service: "qmail", permissions: "0640 root vchkpw" }),
    },
    {
      names: namesOf(domain),
      links: new Map([[qmailPath(`imap.${domain}`), `../${domain}/servercert.pem`]]),
    },
  );
}

function newFiles(domain: string, host: string): PlannedChange {
  return domainFiles(domain, host, { action: "create", after: filesOf(domain, host) });
}

function goneFiles(domain: string, host: string): PlannedChange {
  return domainFiles(domain, host, { action: "delete", before: filesOf(domain, host) });
}

function renamedFiles(domain: string, host: string): PlannedChange {
  const after = filesOf(domain, host, HASH.new);
  const link = [qmailPath(`pop.${domain}`), `../${domain}/servercert.pem`] as const;
  return domainFiles(domain, host, {
    action: "update",
    before: filesOf(domain, host),
    after: {
      ...after,
      names: [...after.names, `pop.${domain}`],
      files: new Map([...after.files, [pemPath(domain), file({ sha256: null })]]),
      links: new Map([...after.links, link]),
    },
    changed: ["files", "links", "names"],
  });
}

function editedFiles(domain: string, host: string): PlannedChange {
  return domainFiles(domain, host, {
    action: "update",
    before: filesOf(domain, host),
    after: filesOf(domain, host, HASH.new),
    changed: ["files"],
  });
}

function restoredFiles(domain: string, host: string): PlannedChange {
  return domainFiles(domain, host, {
    action: "update",
    before: filesOf(domain, host, HASH.new),
    after: filesOf(domain, host),
    changed: ["files"],
  });
}
