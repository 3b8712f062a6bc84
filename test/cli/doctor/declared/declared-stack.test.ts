import fc from "fast-check";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { type DeclaredStack, declaredStack } from "../../../../lib/cli/doctor/declared/declared-stack";
import { CliError } from "../../../../lib/cli/errors/cli-error";
import { CdktfProject } from "../../support/project";

let files: CdktfProject;
beforeEach(() => {
  files = new CdktfProject();
});
afterEach(() => files.remove());

function declared(document: unknown): DeclaredStack {
  files.write("cdktf.out/stacks/mail/cdk.tf.json", JSON.stringify(document));
  return declaredStack({ name: "mail", directory: files.stackDirectory("mail") });
}

describe("declaredStack", () => {
  it("GIVEN an empty document THEN nothing is declared", () => {
    expect(declared({})).toEqual({
      providerVersion: null,
      localState: null,
      hosts: new Map(),
      files: new Map(),
      certificates: [],
    });
  });

  it("GIVEN a local backend without a path THEN the engine's default, in the stack's directory", () => {
    const { localState } = declared({ terraform: { backend: { local: {} } } });
    expect(localState).toBe(`${files.stackDirectory("mail")}/terraform.tfstate`);
  });

  it("GIVEN files of a host THEN their directories, owners and groups, each once", () => {
    const base = {
      host: "mx1",
      role: "base",
      directories: { "/etc/dovecot/mail-sni": { mode: "0755", owner: "dovecot" } },
      files: { "/etc/dovecot/conf.d/99.conf": { service: "dovecot", text: "…" } },
    };
    const domain = {
      host: "mx1",
      files: { "/var/qmail/control/a/servercert.pem": { owner: "root", group: "vchkpw", service: "qmail" } },
      links: { "/var/qmail/control/b/servercert.pem": "../a/servercert.pem" },
      secrets: { "/var/qmail/control/a/servercert.pem": "${mailsni_acme_certificate.c_a.private_key_pem}" },
    };
    const resources = { base__mx1: base, d_a__mx1: domain, d_b__mx2: { ...domain, host: "${var.host}" } };
    const { files: found } = declared({ resource: { mailsni_host_files: resources } });
    expect([...found]).toEqual([
      [
        "mx1",
        {
          directories: [
            "/etc/dovecot/conf.d",
            "/etc/dovecot/mail-sni",
            "/var/qmail/control/a",
            "/var/qmail/control/b",
          ],
          paths: expect.any(Set),
          owners: ["dovecot", "root"],
          groups: ["vchkpw"],
          baseFiles: [{ service: "dovecot", path: "/etc/dovecot/conf.d/99.conf" }],
        },
      ],
    ]);
    expect(found.get("mx1")?.paths).toContain("/var/qmail/control/a/servercert.pem");
  });

  it("GIVEN certificates THEN their domains are those of the public facts", () => {
    const certificate = {
      directory_url: "https://ca.test/d",
      names: ["a.tld", "${var.name}"],
      challenge: { hook: ["h"] },
    };
    const fact = { fingerprint_sha256: "${mailsni_acme_certificate.c_a_tld.fingerprint_sha256}" };
    const { certificates } = declared({
      resource: { mailsni_acme_certificate: { c_a_tld: certificate } },
      output: { mail_sni: { value: { certificates: { "a.tld": fact } } } },
    });
    expect(certificates).toEqual([
      {
        domain: "a.tld",
        directoryUrl: "https://ca.test/d",
        directoryCaPem: null,
        names: ["a.tld"],
        optionalNames: [],
        webroot: null,
        hosts: null,
        dnsServers: null,
        reusesKey: false,
        profile: null,
        preferredChain: null,
      },
    ]);
  });

  it("GIVEN any document THEN it is read, or refused with a typed error", () => {
    const resource = fc.record(
      {
        mailsni_host_files: fc.jsonValue(),
        mailsni_acme_certificate: fc.dictionary(fc.string(), fc.jsonValue()),
      },
      { requiredKeys: [] },
    );
    const provider = fc.record({
      mailsni: fc.array(fc.record({ hosts: fc.dictionary(fc.string(), fc.jsonValue()) })),
    });
    const document = fc.record(
      {
        terraform: fc.jsonValue(),
        provider: fc.oneof(provider, fc.jsonValue()),
        resource,
        output: fc.jsonValue(),
      },
      { requiredKeys: [] },
    );
    fc.assert(
      fc.property(document, (given) => {
        try {
          declared(given);
        } catch (error) {
          expect(error).toBeInstanceOf(CliError);
        }
      }),
    );
  });
});
