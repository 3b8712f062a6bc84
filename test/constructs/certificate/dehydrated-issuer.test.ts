import { type TerraformStack, TerraformVariable } from "cdktf";
import { afterEach, describe, expect, it, vi } from "vitest";
import {
  AcmeIssuer,
  Challenge,
  DehydratedChallenge,
  DehydratedIssuer,
  type DehydratedIssuerProps,
  Dovecot,
  HostNames,
  IpVersion,
  KeyAlgorithm,
  MailHost,
  type MailHostProps,
  MailSni,
  OnDestroy,
  PrivateCa,
  Qmail,
  RenewalTimer,
  Service,
} from "../../../lib";
import { type Json, synthesized, testStack } from "../../support/synthesized";

const challenge = DehydratedChallenge.httpWebroot("/var/www/html");
const DIRECTORY = "/etc/mail-sni/dehydrated";
const IMAP = HostNames.subdomains("imap", "smtp");

function hostOf(stack: TerraformStack, id = "mx1", props: Partial<MailHostProps> = {}): MailHost {
  const address = `root@${id}.a.tld`;
  return MailHost.ssh(stack, id, { address, services: [Qmail.standard(), Dovecot.v23()], ...props });
}

function issuerOf(stack: TerraformStack, host: MailHost, props: Partial<DehydratedIssuerProps> = {}) {
  return DehydratedIssuer.letsEncrypt(stack, `dehydrated-${host.name}`, { host, challenge, ...props });
}

/** A host that issues the certificates of `d.de`, the default, and `b.de` itself. */
function declared(props: Partial<DehydratedIssuerProps> = {}) {
  const stack = testStack();
  const mx1 = hostOf(stack);
  const issuer = issuerOf(stack, mx1, props);
  const sni = new MailSni(stack, "sni", { hosts: [mx1], issuer, defaultDomain: "d.de", names: IMAP });
  sni.addDomain("b.de");
  sni.addDomain("d.de");
  return { stack, mx1, issuer, sni };
}

function text(stack: Json, path: string): string {
  return stack.resource.mailsni_host_files.dehydrated__mx1.files[path].text;
}

describe("DehydratedIssuer", () => {
  afterEach(() => {
    vi.useRealTimers();
  });

  it("THEN the host has the program, its rules and a timer as text, and no resource has a certificate", () => {
    const { resource } = synthesized(declared().stack);
    expect(Object.keys(resource).sort()).toEqual([
      "mailsni_host_files",
      "mailsni_host_job",
      "mailsni_state_identity",
    ]);
    expect(Object.keys(resource.mailsni_host_files).sort()).toEqual(["base__mx1", "dehydrated__mx1"]);
    const { files, links, directories, secrets, claims_on_host, depends_on } =
      resource.mailsni_host_files.dehydrated__mx1;
    expect(Object.keys(files).sort()).toEqual([
      `${DIRECTORY}/config`,
      `${DIRECTORY}/domains.txt`,
      `${DIRECTORY}/renewal`,
      `${DIRECTORY}/snippets/dovecot/b.de`,
      `${DIRECTORY}/snippets/dovecot/d.de`,
      `${DIRECTORY}/snippets/dovecot/default/d.de`,
      `${DIRECTORY}/table`,
      "/etc/systemd/system/mail-sni-dehydrated.service",
      "/etc/systemd/system/mail-sni-dehydrated.timer",
    ]);
    expect(files[`${DIRECTORY}/renewal`]).toMatchObject({ mode: "0755", service: "dehydrated" });
    expect(Object.keys(links)).toEqual(["/etc/systemd/system/timers.target.wants/mail-sni-dehydrated.timer"]);
    expect(directories).toEqual({ "/var/www/html/.well-known/acme-challenge": {} });
    expect({ secrets, claims_on_host }).toEqual({ secrets: undefined, claims_on_host: "release" });
    expect(depends_on).toEqual(["mailsni_host_files.base__mx1"]);
  });

  it("THEN a job runs the program after a change of its rules", () => {
    const job = (props: Partial<DehydratedIssuerProps> = {}) =>
      synthesized(declared(props).stack).resource.mailsni_host_job.dehydrated__mx1;
    expect(job()).toEqual({
      host: "mx1",
      command: [`${DIRECTORY}/renewal`, "run"],
      trigger: expect.stringMatching(/^[0-9a-f]{64}$/),
      result_file: "/var/lib/mail-sni/dehydrated/result",
      certificates: {
        "b.de": { names: ["imap.b.de", "smtp.b.de"], services: ["dovecot", "qmail"] },
        "d.de": { names: ["imap.d.de", "smtp.d.de"], services: ["dovecot", "qmail"], is_default: true },
      },
      depends_on: ["mailsni_host_files.dehydrated__mx1"],
    });
    expect(job().trigger).toBe(job().trigger);
    expect(job({ reuseKey: true }).trigger).not.toBe(job().trigger);
  });

  it("GIVEN checks of what is served THEN they wait for what the last run of the host has installed", () => {
    const stack = testStack();
    const mx1 = hostOf(stack);
    const props = { hosts: [mx1], issuer: issuerOf(stack, mx1), defaultDomain: "d.de", servedChecks: true };
    new MailSni(stack, "sni", { ...props, names: IMAP }).addDomain("d.de");
    expect(synthesized(stack).locals.served__mx1).toContain("mailsni_host_job.dehydrated__mx1.host");
  });

  it("THEN rows and records are sorted with the default in front, in whatever order domains are added", () => {
    const stack = synthesized(declared().stack);
    expect(text(stack, `${DIRECTORY}/domains.txt`).split("\n").slice(1)).toEqual([
      "imap.d.de smtp.d.de > d.de",
      "imap.b.de smtp.b.de > b.de",
      "",
    ]);
    const table = text(stack, `${DIRECTORY}/table`).split("\n");
    expect(table.slice(0, 3)).toEqual([
      "mail-sni-renewal\t1",
      "state\t/var/lib/mail-sni",
      "work\t/var/lib/mail-sni/dehydrated",
    ]);
    expect(
      table.slice(
        table.findIndex((line) => line.startsWith("row\t")),
        -1,
      ),
    ).toEqual([
      "row\td.de\timap.d.de\tsmtp.d.de",
      "pem\td.de\tqmail\t0640\troot\tvchkpw\tremove\t/var/qmail/control/servercerts/imap.d.de/servercert.pem",
      "link\td.de\tqmail\t/var/qmail/control/servercerts/smtp.d.de/servercert.pem\t../imap.d.de/servercert.pem",
      "pem\td.de\tdovecot\t0600\t-\t-\tremove\t/etc/dovecot/mail-sni/d.de.pem",
      `text\td.de\tdovecot\t0644\t-\t-\tremove\t/etc/dovecot/mail-sni/2.3/d.de.conf\t${DIRECTORY}/snippets/dovecot/d.de`,
      "pem\td.de\tqmail\t0640\troot\tvchkpw\tkeep\t/var/qmail/control/servercert.pem",
      "pem\td.de\tdovecot\t0600\t-\t-\tkeep\t/etc/dovecot/mail-sni/default.pem",
      `text\td.de\tdovecot\t0644\t-\t-\tkeep\t/etc/dovecot/conf.d/99-mail-sni-default.conf\t${DIRECTORY}/snippets/dovecot/default/d.de`,
      "row\tb.de\timap.b.de\tsmtp.b.de",
      "pem\tb.de\tqmail\t0640\troot\tvchkpw\tremove\t/var/qmail/control/servercerts/imap.b.de/servercert.pem",
      "link\tb.de\tqmail\t/var/qmail/control/servercerts/smtp.b.de/servercert.pem\t../imap.b.de/servercert.pem",
      "pem\tb.de\tdovecot\t0600\t-\t-\tremove\t/etc/dovecot/mail-sni/b.de.pem",
      `text\tb.de\tdovecot\t0644\t-\t-\tremove\t/etc/dovecot/mail-sni/2.3/b.de.conf\t${DIRECTORY}/snippets/dovecot/b.de`,
    ]);
  });

  it("THEN the texts are those that an AcmeIssuer's certificates would come with", () => {
    const ours = synthesized(declared().stack);
    const stack = testStack();
    const issuer = AcmeIssuer.letsEncrypt(stack, "le", { challenge: Challenge.httpWebroot("/var/www/html") });
    const sni = new MailSni(stack, "sni", {
      hosts: [hostOf(stack)],
      issuer,
      defaultDomain: "d.de",
      names: IMAP,
    });
    sni.addDomain("d.de");
    const { d_d_de__mx1, default__mx1 } = synthesized(stack).resource.mailsni_host_files;
    expect(text(ours, `${DIRECTORY}/snippets/dovecot/d.de`)).toBe(
      d_d_de__mx1.files["/etc/dovecot/mail-sni/2.3/d.de.conf"].text,
    );
    expect(text(ours, `${DIRECTORY}/snippets/dovecot/default/d.de`)).toBe(
      default__mx1.files["/etc/dovecot/conf.d/99-mail-sni-default.conf"].text,
    );
  });

  it("THEN the provider checks the program and starts its timer, as it does with a mail server", () => {
    const services = (props: Partial<DehydratedIssuerProps>) =>
      synthesized(declared(props).stack).provider.mailsni[0].hosts.mx1.services;
    expect(Object.keys(services({})).sort()).toEqual(["dehydrated", "dovecot", "qmail"]);
    for (const timer of [RenewalTimer.systemd(), RenewalTimer.cron()])
      expect(services({ timer }).dehydrated).toEqual({
        activate: expect.arrayContaining([`${DIRECTORY}/renewal`, "mail-sni-dehydrated.timer"]),
        endpoints: [],
      });
  });

  it("GIVEN other settings THEN the files say so", () => {
    const stack = testStack();
    const mx1 = hostOf(stack, "mx1", { stateDirectory: "/srv/state", services: [Dovecot.v24()] });
    const issuer = DehydratedIssuer.directory(stack, "own", "https://ca.a.tld/dir", {
      host: mx1,
      challenge: DehydratedChallenge.dnsHook("/usr/local/bin/dns", { chain: true }),
      contact: "x@a.tld",
      keyAlgorithm: KeyAlgorithm.RSA_3072,
      reuseKey: true,
      renewBeforeDays: 7,
      preferredChain: "Own Root",
      profile: "short",
      ipVersion: IpVersion.V6,
      orderTimeoutSeconds: 60,
      timer: RenewalTimer.cron(),
      directory: "/etc/renewal",
      onDestroy: OnDestroy.REMOVE,
      caCertificate: "PEM ${x}\n",
      externalAccount: { keyId: "kid", hmacKeyFile: "/root/hmac" },
    });
    const sni = new MailSni(stack, "sni", { hosts: [mx1], issuer, defaultDomain: "d.tld" });
    sni.addDomain("d.tld", { names: HostNames.of("imap.d.tld", "*.d.tld") });

    const json = synthesized(stack);
    expect(text(json, "/etc/renewal/domains.txt")).toMatch(/\n\*\.d\.tld > d\.tld\n$/);
    expect(text(json, "/etc/renewal/table")).toContain("\nrow\td.tld\t*.d.tld\timap.d.tld\n");
    expect(text(json, "/etc/renewal/config").split("\n").slice(1)).toEqual([
      "BASEDIR='/srv/state/dehydrated'",
      "DOMAINS_TXT='/etc/renewal/domains.txt'",
      "HOOK='/etc/renewal/renewal'",
      "CA='https://ca.a.tld/dir'",
      "CHALLENGETYPE='dns-01'",
      "HOOK_CHAIN='yes'",
      "CONTACT_EMAIL='x@a.tld'",
      "KEY_ALGO='rsa'",
      "KEYSIZE='3072'",
      "PRIVATE_KEY_RENEW='no'",
      "RENEW_DAYS='7'",
      "PREFERRED_CHAIN='Own Root'",
      "ACME_PROFILE='short'",
      "IP_VERSION='6'",
      "ORDER_TIMEOUT='60'",
      "CURL_OPTS='--connect-timeout 60 --max-time 600 --cacert /etc/renewal/ca.pem'",
      "EAB_KID='kid'",
      `if [[ -r '/root/hmac' ]]; then EAB_HMAC_KEY="$(< '/root/hmac')"; fi`,
      "",
    ]);
    expect(text(json, "/etc/renewal/ca.pem")).toBe("PEM $${x}\n");
    expect(text(json, "/etc/renewal/table")).toContain("\nhook\t/usr/local/bin/dns\n");
    const { claims_on_host, directories, files } = json.resource.mailsni_host_files.dehydrated__mx1;
    expect({ claims_on_host, directories }).toEqual({ claims_on_host: "remove", directories: undefined });
    expect(files).toHaveProperty(["/etc/cron.d/mail-sni-dehydrated"]);
  });

  it.each([
    ["2026-11-29", undefined, "30"],
    ["2027-03-01", undefined, "21"],
    ["2028-03-01", undefined, "15"],
    ["2026-11-29", "tlsserver", "15"],
    ["2026-11-29", "shortlived", "3"],
    ["2026-11-29", "unknown", "30"],
  ])(
    "GIVEN Let's Encrypt on %s with profile %s THEN it renews %s days before expiry",
    (day, profile, days) => {
      vi.useFakeTimers({ now: new Date(day) });
      expect(text(synthesized(declared({ profile }).stack), `${DIRECTORY}/config`)).toContain(
        `\nRENEW_DAYS='${days}'\n`,
      );
    },
  );

  it("THEN the state forgets what another issuer's certificates had on the host, and removes nothing", () => {
    const { removed } = synthesized(declared().stack);
    const lifecycle = [{ destroy: false }];
    expect(removed).toEqual([
      { from: "mailsni_host_files.d_b_de__mx1", lifecycle },
      { from: "mailsni_host_files.d_d_de__mx1", lifecycle },
      { from: "mailsni_host_files.default__mx1", lifecycle },
    ]);
  });

  it("GIVEN a host with another issuer too THEN a row leaves the table after that issuer's files are there", () => {
    const stack = testStack();
    const mx1 = hostOf(stack);
    const ca = new PrivateCa(stack, "ca");
    const sni = new MailSni(stack, "sni", { hosts: [mx1], issuer: ca, defaultDomain: "d.de", names: IMAP });
    sni.addDomain("d.de");
    const issuer = issuerOf(stack, mx1);
    sni.addDomain("b.de", { issuer });
    sni.addDomain("c.de");

    const { dehydrated__mx1, ...others } = synthesized(stack).resource.mailsni_host_files;
    expect(dehydrated__mx1.depends_on).toEqual(
      ["base__mx1", "d_c_de__mx1", "d_d_de__mx1", "default__mx1"].map((id) => `mailsni_host_files.${id}`),
    );
    for (const { depends_on } of Object.values<Json>(others))
      expect(depends_on ?? []).not.toContain("mailsni_host_files.dehydrated__mx1");
    expect(synthesized(stack).removed).toEqual([
      { from: "mailsni_host_files.d_b_de__mx1", lifecycle: [{ destroy: false }] },
    ]);
  });

  it("GIVEN a canary with it THEN other hosts wait for its run, and as a follower it waits for the canary", () => {
    const stack = testStack();
    const dns = { challenge: DehydratedChallenge.dnsHook("/usr/local/bin/dns") };
    const [mx1, mx2] = [hostOf(stack, "mx1", { canary: true }), hostOf(stack, "mx2")];
    for (const host of [mx1, mx2]) {
      const issuer = issuerOf(stack, host, dns);
      new MailSni(stack, `sni-${host.name}`, {
        hosts: [host],
        issuer,
        defaultDomain: "d.de",
        names: IMAP,
      }).addDomain("d.de");
    }
    const { dehydrated__mx1, dehydrated__mx2 } = synthesized(stack).resource.mailsni_host_files;
    expect(dehydrated__mx1.depends_on).toEqual(["mailsni_host_files.base__mx1"]);
    expect(dehydrated__mx2.depends_on).toEqual([
      "mailsni_host_files.base__mx2",
      "mailsni_host_job.dehydrated__mx1",
    ]);
  });

  it("GIVEN a host that was renamed THEN both resources have moved, and what is forgotten has the old name", () => {
    const stack = testStack();
    const mx1 = hostOf(stack, "mx1", { renamedFrom: "old" });
    const sni = new MailSni(stack, "sni", {
      hosts: [mx1],
      issuer: issuerOf(stack, mx1),
      defaultDomain: "d.de",
    });
    sni.addDomain("d.de");
    const { moved, removed } = synthesized(stack);
    expect(moved).toEqual(
      expect.arrayContaining(
        ["mailsni_host_files", "mailsni_host_job"].map((type) => ({
          from: `${type}.dehydrated__old`,
          to: `${type}.dehydrated__mx1`,
        })),
      ),
    );
    expect(removed.map(({ from }: Json) => from)).toEqual([
      "mailsni_host_files.d_d_de__old",
      "mailsni_host_files.default__old",
    ]);
  });

  it("GIVEN a host that is gone THEN nothing is declared for it", () => {
    const stack = testStack();
    const mx1 = MailHost.ssh(stack, "mx1", {
      address: "mx1.a.tld",
      services: [Qmail.standard()],
      gone: true,
    });
    const sni = new MailSni(stack, "sni", {
      hosts: [mx1],
      issuer: issuerOf(stack, mx1),
      defaultDomain: "d.de",
    });
    sni.addDomain("d.de");
    expect(Object.keys(synthesized(stack).resource)).toEqual(["mailsni_state_identity"]);
  });

  it("GIVEN wildcards THEN only they are ordered, and servers have entries for the names", () => {
    const stack = testStack();
    const service = Service.custom({
      name: "exim",
      pemPath: "/etc/exim4/{name}.pem",
      defaultPemPath: "/etc/exim4/default.pem",
    });
    const mx1 = hostOf(stack, "mx1", { services: [Dovecot.v23(), service] });
    const issuer = issuerOf(stack, mx1, { challenge: DehydratedChallenge.dnsHook("/opt/dns") });
    expect(
      issuer.issueCertificate(stack, "c", { domain: "d.de", names: ["d.de", "imap.d.de", "*.d.de"] })
        .dnsNames,
    ).toEqual(["d.de", "*.d.de"]);
  });
});

describe("a certificate that a host issues itself", () => {
  it("has no PEM for others", () => {
    const { sni } = declared();
    const [domain] = sni.domains;
    expect(() => domain?.certificate.combinedPem(sni)).toThrow(/\[DEHYDRATED_CERTIFICATE_ON_HOST\]$/);
  });

  it("is in the SNI table as any other", () => {
    const rows = declared().sni.table().rows;
    expect(rows.filter(({ name }) => name === "imap.b.de").map(({ certificate }) => certificate)).toEqual([
      "b.de",
      "b.de",
    ]);
    expect(rows.filter(({ name }) => name === undefined).map(({ certificate }) => certificate)).toEqual([
      "d.de",
      "d.de",
    ]);
  });

  it("is in the public facts with what is known of it: its host and its CA, and what is pending there", () => {
    const { certificates, pending } = synthesized(declared().stack).output.mail_sni.value;
    expect(certificates).toEqual(
      Object.fromEntries(
        ["b.de", "d.de"].map((name) => [
          name,
          { hosts: ["mx1"], issuer: "https://acme-v02.api.letsencrypt.org/directory" },
        ]),
      ),
    );
    expect(pending.mx1).toBe(
      "${compact([mailsni_host_files.base__mx1.pending, mailsni_host_files.dehydrated__mx1.pending, mailsni_host_job.dehydrated__mx1.pending])}",
    );
  });

  it("GIVEN rare deploys THEN nothing is said of them: renewals need none", () => {
    const stack = testStack();
    const mx1 = hostOf(stack);
    const sni = new MailSni(stack, "sni", {
      hosts: [mx1],
      issuer: issuerOf(stack, mx1, { profile: "shortlived" }),
      defaultDomain: "d.de",
      runIntervalHours: 8_000,
    });
    sni.addDomain("d.de");
    expect(() => synthesized(stack)).not.toThrow();
  });
});

describe("a declaration that cannot work", () => {
  const twoHosts = () => {
    const stack = testStack();
    return { stack, mx1: hostOf(stack, "mx1"), mx2: hostOf(stack, "mx2") };
  };
  const serve = (stack: TerraformStack, hosts: MailHost[], issuer: DehydratedIssuer, id = "sni") =>
    new MailSni(stack, id, { hosts, issuer, defaultDomain: "d.de", names: IMAP }).addDomain("d.de");

  it("GIVEN another host than the issuer's THEN refused", () => {
    const { stack, mx1, mx2 } = twoHosts();
    const issuer = issuerOf(stack, mx1);
    expect(() => serve(stack, [mx2], issuer, "other")).toThrow(/mx2.*\[DEHYDRATED_HOSTS\]$/);
    expect(() => serve(stack, [mx1, mx2], issuer, "both")).toThrow(/\[DEFAULT_TWICE\]|\[DEHYDRATED_HOSTS\]$/);
  });

  it("GIVEN one name that two hosts prove over HTTP THEN refused; over DNS each has its own", () => {
    const { stack, mx1, mx2 } = twoHosts();
    serve(stack, [mx1], issuerOf(stack, mx1), "one");
    expect(() => serve(stack, [mx2], issuerOf(stack, mx2), "two")).toThrow(/\[DEHYDRATED_NAME_TWICE\]$/);
  });

  it("GIVEN two issuers on a host THEN refused", () => {
    const { stack, mx1 } = twoHosts();
    issuerOf(stack, mx1);
    expect(() => DehydratedIssuer.letsEncryptStaging(stack, "other", { host: mx1, challenge })).toThrow(
      /stack\/dehydrated-mx1 and stack\/other.*\[DEHYDRATED_TWICE\]$/,
    );
  });

  it("GIVEN a directory or a staging tree as the host THEN refused", () => {
    const stack = testStack();
    const services = [Dovecot.v23()];
    const local = MailHost.local(stack, "mx1", { root: "./out", services });
    expect(() => issuerOf(stack, local)).toThrow(/\[DEHYDRATED_ROOT\]$/);
    const tree = MailHost.directory(stack, "mx2", { path: "./tree", services });
    expect(() => issuerOf(stack, tree)).toThrow(/\[DEHYDRATED_ROOT\]$/);
  });

  it("GIVEN a host of another stack THEN refused", () => {
    expect(() => issuerOf(testStack(), hostOf(testStack("other")))).toThrow(/\[HOST_IN_ANOTHER_STACK\]$/);
  });

  it("GIVEN a wildcard over HTTP, an internal name, or too many names THEN refused as with an AcmeIssuer", () => {
    const { stack, mx1 } = twoHosts();
    const issuer = issuerOf(stack, mx1);
    const request = (...names: string[]) =>
      issuer.issueCertificate(stack, names[0] ?? "", { domain: "a.de", names });
    expect(() => request("*.a.de")).toThrow(/\[SNI010\]$/);
    expect(() => request("mx.lan")).toThrow(/\[SNI011\]$/);
    expect(() => request(...Array.from({ length: 101 }, (_, index) => `n${index}.a.de`))).toThrow(
      /\[SNI012\]$/,
    );
  });

  it("GIVEN names that are all too long for a CN THEN refused", () => {
    const { stack, mx1 } = twoHosts();
    const names = [`${"a".repeat(63)}.b.de`];
    expect(() => issuerOf(stack, mx1).issueCertificate(stack, "c", { domain: "b.de", names })).toThrow(
      /\[DEHYDRATED_NAMES_LONG\]$/,
    );
  });

  it("GIVEN a service of the program's name THEN refused", () => {
    const stack = testStack();
    const service = Service.custom({
      name: "dehydrated",
      pemPath: "/x/{name}",
      defaultPemPath: "/x/default",
    });
    const mx1 = hostOf(stack, "mx1", { services: [service] });
    expect(() => issuerOf(stack, mx1)).toThrow(/\[DEHYDRATED_SERVICE_NAME\]$/);
  });

  it.each([
    [{ contact: "mailto:x@a.de" }, "ACME_CONTACT"],
    [{ renewBeforeDays: 0 }, "DEHYDRATED_NUMBER"],
    [{ orderTimeoutSeconds: 1.5 }, "DEHYDRATED_NUMBER"],
    [{ directory: "etc" }, "PATH_INVALID"],
    [{ workDirectory: "/var/lib/a b" }, "PATH_INVALID"],
    [{ profile: 'a"b' }, "DEHYDRATED_VALUE"],
    [{ profile: "" }, "ACME_EMPTY_TEXT"],
    [{ preferredChain: "" }, "ACME_EMPTY_TEXT"],
  ])("GIVEN %j THEN refused with %s", (props, code) => {
    const { stack, mx1 } = twoHosts();
    expect(() => issuerOf(stack, mx1, props)).toThrow(new RegExp(`\\[${code}\\]$`));
  });

  it("GIVEN an expression as the contact THEN refused: no shell on the host could read it", () => {
    const { stack, mx1 } = twoHosts();
    const contact = new TerraformVariable(stack, "contact", { type: "string" }).stringValue;
    expect(() => issuerOf(stack, mx1, { contact })).toThrow(/\[DEHYDRATED_NOT_LITERAL\]$/);
  });

  it("GIVEN a webroot that ends in the path of tokens, or a hook that is no path THEN refused", () => {
    expect(() => DehydratedChallenge.httpWebroot("/var/www/.well-known/acme-challenge")).toThrow(
      /\[CHALLENGE_WEBROOT\]$/,
    );
    expect(() => DehydratedChallenge.dnsHook("dns.sh")).toThrow(/\[PATH_INVALID\]$/);
    expect(() => DehydratedChallenge.httpWebroot("/var/www", { hook: "x y" })).toThrow(/\[PATH_INVALID\]$/);
  });
});
