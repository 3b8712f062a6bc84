import { describe, expect, it } from "vitest";
import { plainLine } from "../../../../lib/cli/output/line";
import { planChanges } from "../../../../lib/cli/plan/changes/plan-changes";
import type { PlannedStack } from "../../../../lib/cli/plan/changes/planned-stack";
import type { PlannedChange } from "../../../../lib/cli/planned/planned-change";
import { PENDING } from "../../../../lib/provider/messages/pending";
import {
  certificate,
  certificateAddress,
  change,
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
  snippetPath,
  textFile,
} from "../support/plans";

const of = (...stacks: readonly PlannedStack[]) => planChanges(stacks, null);
const reasonsOf = (...stacks: readonly PlannedStack[]) =>
  of(...stacks).reasons.map(({ risk, text }) => `${risk}: ${plainLine(text)}`);

const PEM = pemPath("a.tld");
const CONF = snippetPath("a.tld");

describe("planChanges", () => {
  it("GIVEN resources that stay as they are THEN there is no risk, and the stack needs no review", () => {
    const { risk, reasons, stacks, domains, hosts } = of(
      planned([
        change(certificateAddress("a.tld"), { before: certificate("a.tld"), after: certificate("a.tld") }),
      ]),
    );
    expect({ risk, reasons, domains, hosts }).toEqual({ risk: "none", reasons: [], domains: [], hosts: [] });
    expect(stacks).toEqual([
      {
        stack: "mail",
        status: "planned",
        risk: "none",
        changes: 0,
        needsReview: false,
        engineVersion: "1.11.4",
        problem: null,
      },
    ]);
  });

  it("GIVEN a first deploy THEN domains and the host are new, and that is additions", () => {
    const changes = of(
      planned([
        change("mailsni_acme_account.acme_letsencrypt", { action: "create" }),
        newCertificate("a.tld"),
        change("mailsni_host_files.base__mx1", {
          action: "create",
          after: hostFiles("mx1", {}, { role: "base", directories: ["/etc/dovecot/mail-sni"] }),
        }),
        domainFiles("a.tld", "mx1", {
          action: "create",
          after: hostFiles("mx1", { [PEM]: file({ sha256: null }) }, { names: ["a.tld"] }),
        }),
      ]),
    );
    expect(changes.risk).toBe("additions");
    expect(changes.domains).toEqual([
      expect.objectContaining({ domain: "a.tld", change: "new", namesAdded: ["a.tld", "imap.a.tld"] }),
    ]);
    expect(changes.hosts).toEqual([
      expect.objectContaining({
        host: "mx1",
        change: "new",
        directories: [{ path: "/etc/dovecot/mail-sni", change: "added" }],
        files: [expect.objectContaining({ path: PEM, change: "added", domain: "a.tld" })],
        reloads: ["dovecot"],
      }),
    ]);
  });

  it("GIVEN a renewal that is due THEN it is routine, and its files get a certificate", () => {
    const changes = of(planned([reissued("a.tld", "due"), renewedFiles("a.tld", "mx1")]));
    expect(changes.risk).toBe("routine");
    expect(changes.stacks[0]?.needsReview).toBe(false);
    expect(changes.domains).toEqual([
      expect.objectContaining({
        change: "renewed",
        reason: "due",
        notAfter: new Date("2026-12-20T10:00:00Z"),
      }),
    ]);
    expect(changes.hosts[0]?.files.map((one) => one.change)).toEqual(["certificate"]);
    expect(changes.hosts[0]?.reloads).toEqual(["dovecot"]);
  });

  it("GIVEN a certificate that is reissued for another reason THEN that needs attention", () => {
    expect(reasonsOf(planned([reissued("a.tld", "key")]))).toEqual([
      "attention: Certificates reissued before they are due: a.tld.",
    ]);
  });

  it("GIVEN a name more THEN it is an addition, and the server's text is explained by it", () => {
    const update = domainFiles("a.tld", "mx1", {
      action: "update",
      before: hostFiles("mx1", { [PEM]: file(), [CONF]: textFile() }, { names: ["a.tld"] }),
      after: hostFiles("mx1", { [PEM]: file({ sha256: null }), [CONF]: textFile({ sha256: HASH.new }) }),
      changed: ["files", "names"],
    });
    const added = reissued("a.tld", "names", { before: ["a.tld"], after: ["a.tld", "pop.a.tld"] });
    expect(reasonsOf(planned([added, update]))).toEqual([
      "additions: Names added to certificates: pop.a.tld.",
      "additions: mx1: 1 file rewritten for other names.",
      "routine: mx1: 1 file with another certificate.",
    ]);
  });

  it("GIVEN a name fewer THEN that needs attention", () => {
    const fewer = reissued("a.tld", "names", { before: ["a.tld", "pop.a.tld"], after: ["a.tld"] });
    expect(of(planned([fewer])).domains[0]?.namesRemoved).toEqual(["pop.a.tld"]);
    expect(reasonsOf(planned([fewer]))).toEqual(["attention: Names removed from certificates: pop.a.tld."]);
  });

  it("GIVEN a domain that goes THEN its files are named, kept ones apart, and links too", () => {
    const link = qmailPath("imap.a.tld");
    const { hosts, domains, risk } = of(
      planned([
        goneCertificate("a.tld"),
        domainFiles("a.tld", "mx1", {
          action: "delete",
          before: hostFiles(
            "mx1",
            { [PEM]: file(), [CONF]: textFile({ isKept: true, service: "qmail" }) },
            { links: new Map([[link, "../a.tld/servercert.pem"]]) },
          ),
        }),
      ]),
    );
    expect(risk).toBe("attention");
    expect(domains[0]?.change).toBe("gone");
    expect(hosts[0]?.files.map(({ path, change }) => [path, change])).toEqual([
      [CONF, "kept"],
      [PEM, "removed"],
    ]);
    expect(hosts[0]?.links).toEqual([
      { path: link, change: "removed", before: "../a.tld/servercert.pem", after: null, service: null },
    ]);
    expect(hosts[0]?.reloads).toEqual(["dovecot"]);
  });

  it("GIVEN a path that goes from one domain to another THEN it is one change, not a removal", () => {
    const { hosts } = of(
      planned([
        domainFiles("a.tld", "mx1", { action: "delete", before: hostFiles("mx1", { [PEM]: file() }) }),
        domainFiles("b.tld", "mx1", {
          action: "create",
          after: hostFiles("mx1", { [PEM]: file({ sha256: null }) }),
        }),
      ]),
    );
    expect(hosts[0]?.files).toEqual([
      expect.objectContaining({ path: PEM, change: "certificate", domain: "b.tld" }),
    ]);
  });

  it("GIVEN a file that becomes a link THEN the link is listed, with the service of its target", () => {
    const target = "/q/b/servercert.pem";
    const { hosts } = of(
      planned([
        domainFiles("a.tld", "mx1", {
          action: "update",
          before: hostFiles("mx1", { "/q/a/servercert.pem": file(), [target]: file() }),
          after: hostFiles(
            "mx1",
            { [target]: file({ service: "qmail" }) },
            { links: new Map([["/q/a/servercert.pem", "../b/servercert.pem"]]) },
          ),
          changed: ["files", "links"],
        }),
      ]),
    );
    expect(hosts[0]?.links).toEqual([expect.objectContaining({ change: "added", service: "qmail" })]);
    expect(hosts[0]?.files.map(({ path }) => path)).toEqual([target]);
  });

  it("GIVEN other permissions, and another mode of a directory THEN both need attention", () => {
    const base = { role: "base", directories: ["/etc/dovecot/mail-sni"] } as const;
    expect(
      reasonsOf(
        planned([
          change("mailsni_host_files.base__mx1", {
            action: "update",
            before: hostFiles("mx1", {}, base),
            after: hostFiles("mx1", {}, base),
            changed: ["directories"],
          }),
          domainFiles("a.tld", "mx1", {
            action: "update",
            before: hostFiles("mx1", { [PEM]: file() }),
            after: hostFiles("mx1", { [PEM]: file({ permissions: "0644 root root" }) }),
            changed: ["files"],
          }),
        ]),
      ),
    ).toEqual(["attention: mx1: 1 file with other permissions.", "attention: mx1: directories changed."]);
  });

  it("GIVEN a file that the host has lost, and one that was edited there THEN both are restored, and drift", () => {
    const before = hostFiles("mx1", { [PEM]: file(), [CONF]: textFile() });
    const drifted = hostFiles(
      "mx1",
      { [PEM]: file(), [CONF]: textFile({ sha256: HASH.new }) },
      { missing: new Set([PEM]) },
    );
    const address = "mailsni_host_files.d_a_tld__mx1";
    const { drift, hosts, risk } = of(
      planned([change(address, { action: "update", before: drifted, after: before, changed: ["files"] })], {
        drift: [change(address, { action: "update", before, after: drifted, changed: ["files"] })],
      }),
    );
    expect(risk).toBe("attention");
    expect(drift[0]?.paths).toEqual([
      { path: CONF, drift: "changed" },
      { path: PEM, drift: "missing" },
    ]);
    expect(hosts[0]?.files.map((one) => one.change)).toEqual(["restored", "restored"]);
  });

  it("GIVEN paths that an apply which failed has found missing THEN they are added or restored, and no drift", () => {
    const [link, directory] = ["/etc/link.pem", "/etc/dovecot/mail-sni"];
    const after = hostFiles(
      "mx1",
      { [PEM]: file(), [CONF]: textFile() },
      { links: new Map([[link, "dovecot.pem"]]), directories: [directory] },
    );
    const before = { ...after, missing: new Set([PEM, link, directory]) };
    const { drift, hosts, risk } = of(
      planned([
        change("mailsni_host_files.d_a_tld__mx1", {
          action: "update",
          before,
          after,
          changed: ["missing", "pending"],
        }),
      ]),
    );
    expect({ drift, risk }).toEqual({ drift: [], risk: "attention" });
    expect(hosts[0]).toMatchObject({
      files: [{ path: PEM, change: "restored" }],
      links: [{ path: link, change: "added" }],
      directories: [{ path: directory, change: "added" }],
      otherAttributes: [],
    });
  });

  it("GIVEN only what time changes THEN there is no drift", () => {
    const values = certificate("a.tld");
    const { drift, risk } = of(
      planned([], {
        drift: [
          change(certificateAddress("a.tld"), {
            action: "update",
            before: values,
            after: values,
            changed: ["renewal_due", "renew_at"],
          }),
        ],
      }),
    );
    expect({ drift, risk }).toEqual({ drift: [], risk: "none" });
  });

  it.each([
    PENDING.nameShownOther("a.tld", "the certificate in /etc/own.pem", PEM),
    PENDING.defaultShownOther("the certificate in /etc/own.pem", PEM),
  ])("GIVEN what the server's own configuration overrides (%s) THEN it needs attention", (pending) => {
    const values = hostFiles("mx1", { [PEM]: file() });
    const reasons = reasonsOf(
      planned([
        domainFiles("a.tld", "mx1", {
          action: "update",
          before: { ...values, pending },
          after: values,
          changed: ["pending"],
        }),
      ]),
    );
    expect(reasons).toEqual([
      "attention: mx1: 1 pending activation overridden by the server's own configuration: unless that or the name is removed, the apply fails.",
    ]);
  });

  it("GIVEN something pending THEN it is routine, and its text is there", () => {
    const values = hostFiles("mx1", { [PEM]: file() });
    const { hosts, risk } = of(
      planned([
        domainFiles("a.tld", "mx1", {
          action: "update",
          before: { ...values, pending: "dovecot has not loaded a.tld.pem" },
          after: values,
          changed: ["pending"],
        }),
      ]),
    );
    expect(hosts[0]?.pending).toEqual(["dovecot has not loaded a.tld.pem"]);
    expect(risk).toBe("routine");
  });

  it("GIVEN what cannot be had back THEN that is a danger, each of its own", () => {
    const gone = change("mailsni_host_files.base__mx2", {
      action: "delete",
      before: hostFiles("mx2", {}, { role: "base" }),
    });
    expect(
      reasonsOf(
        planned([
          gone,
          change("mailsni_acme_account.acme_letsencrypt", { action: "delete" }),
          change("mailsni_private_ca.ca_ca", { action: "replace" }),
          change("terraform_data.hook", { action: "replace" }),
          change("aws_route53_record.mx", { action: "delete" }),
        ]),
        planned([], {
          stack: "web",
          isComplete: false,
          actions: ["action.x_notify.admin"],
          changedHosts: ["mx3"],
        }),
      ),
    ).toEqual([
      "danger: mx2: host removed.",
      "danger: Resources that certificates depend on destroyed: mailsni_acme_account.acme_letsencrypt.",
      "danger: Resources that certificates depend on destroyed and created again: mailsni_private_ca.ca_ca.",
      "danger: Resources of other providers, whose contents are not shown here, destroyed and created again: terraform_data.hook.",
      "danger: Resources of other providers, whose contents are not shown here, destroyed: aws_route53_record.mx.",
      "danger: Planning stopped, and changes are missing from this report: web.",
      "attention: Actions that the apply runs: action.x_notify.admin.",
      "attention: Other settings of hosts, such as the address, the commands or the default domain: mx3.",
    ]);
  });

  it("GIVEN a stack that could not be planned THEN the others are there, and it is a danger", () => {
    const failed = {
      stack: "web",
      problem: "terraform is missing. [CLI_ENGINE_MISSING]",
      diagnostics: [],
      findings: [],
    };
    const { stacks, risk } = planChanges([planned([reissued("a.tld", "due")]), failed], null);
    expect(risk).toBe("danger");
    expect(stacks.map(({ stack, status, needsReview }) => ({ stack, status, needsReview }))).toEqual([
      { stack: "mail", status: "planned", needsReview: false },
      { stack: "web", status: "failed", needsReview: true },
    ]);
  });

  describe("a job on a host", () => {
    const values = { kind: "host job", host: "mx1", command: ["renewal", "run"], pending: null } as const;
    const job = (fields: Partial<PlannedChange>) =>
      change("mailsni_host_job.dehydrated__mx1", {
        action: "update",
        before: values,
        after: values,
        ...fields,
      });
    const RESULTS = ["exit_status", "finished_at", "pending", "results"];

    it.each([
      ["new", { action: "create", before: null, changed: ["command", ...RESULTS] }, "additions", true],
      ["with another trigger", { changed: ["trigger", ...RESULTS] }, "attention", true],
      ["that has failed", { before: { ...values, pending: "it failed" }, changed: RESULTS }, "routine", true],
      ["of a renamed host", { changed: ["host"] }, "attention", false],
      ["that is removed", { action: "delete", after: null }, "attention", false],
    ] as [string, Partial<PlannedChange>, string, boolean][])(
      "GIVEN one %s THEN it says whether it runs",
      (_, fields, risk, runs) => {
        const found = of(planned([job(fields)]));
        expect(found.risk).toBe(risk);
        const pending = fields.before?.kind === "host job" ? fields.before.pending : null;
        const expected = runs ? { host: "mx1", command: ["renewal", "run"], pending } : null;
        expect(found.others).toMatchObject([{ kind: "job", job: expected }]);
      },
    );

    it("GIVEN runs that its host has started itself THEN they are no drift, but a missing job is", () => {
      const ran = job({ changed: ["results", "finished_at"] });
      expect(of(planned([], { drift: [ran] })).drift).toEqual([]);
      expect(of(planned([], { drift: [job({ action: "delete", after: null })] })).drift).toMatchObject([
        { change: "missing" },
      ]);
    });
  });

  describe("old renewers on a host", () => {
    const values = (plannedPlaces: readonly string[] | null, pending: string | null = null) =>
      ({ kind: "retired renewers", host: "mx1", plannedPlaces, places: null, pending }) as const;
    const renewers = (fields: Partial<PlannedChange>) =>
      change("mailsni_retired_renewers.retired__mx1", fields);

    it.each([
      ["that are switched off", "create", null, values(["a", "b"]), { off: ["a", "b"], on: [], again: null }],
      ["of a host that cannot be asked", "create", null, values(null), { off: null, on: [], again: null }],
      [
        "that are others",
        "update",
        values(["a", "b"]),
        values(["b", "c"]),
        { off: ["c"], on: ["a"], again: null },
      ],
      ["that are switched on again", "delete", values(["a"]), null, { off: [], on: ["a"], again: null }],
    ] as const)("GIVEN those %s THEN it says what is switched how", (_, action, before, after, switched) => {
      const found = of(planned([renewers({ action, before, after, changed: ["planned_places"] })]));
      expect(found.risk).toBe("attention");
      expect(found.others).toMatchObject([{ kind: "renewers", renewers: { host: "mx1", ...switched } }]);
    });

    it("GIVEN one that runs again THEN it is routine, with why", () => {
      const found = of(
        planned([renewers({ action: "update", before: values(["a"], "a runs"), after: values(["a"]) })]),
      );
      expect([found.risk, found.others[0]?.renewers]).toEqual([
        "routine",
        { host: "mx1", off: [], on: [], again: "a runs" },
      ]);
    });

    it("GIVEN those that are only removed from the state THEN nothing is switched", () => {
      const found = of(planned([renewers({ action: "forget", before: values(["a"]) })]));
      expect(found.others).toMatchObject([{ kind: "renewers", renewers: null }]);
    });
  });

  it("GIVEN files of a staging tree THEN a renewal of one is routine, and a removal needs attention", () => {
    const staged = "local_sensitive_file.f_tree__etc__a_pem";
    expect(of(planned([change(staged, { action: "replace" })])).risk).toBe("routine");
    expect(of(planned([change(staged, { action: "delete" })])).risk).toBe("attention");
    expect(of(planned([change("local_file.other", { action: "replace" })])).risk).toBe("danger");
  });
});
